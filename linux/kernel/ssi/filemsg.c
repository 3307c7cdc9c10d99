// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what a peer may ask to be done with a file
 */

/**
 * DOC: messages about files
 *
 * A call for a file (fileop.c) names an operation, and brings data or asks for some. What is
 * not well formed ends the membership before anything looks at the file. An ioctl() is
 * done for a peer only if it is known what memory it reads and writes.
 */

#include <kunit/visibility.h>
#include <linux/fs.h>
#include <linux/overflow.h>
#include <linux/termios.h>

#include "fileop.h"
#include "placemsg.h"

/**
 * ssi_file_ioctl - what does an ioctl() take and give, if another node may do it?
 * @cmd: its command
 * @in: filled in with the bytes that it reads
 * @out: filled in with the bytes that it writes
 *
 * Terminals, and how much there is to read. What depends on memory or other files of the
 * caller is not among them; for process groups see terminal.c.
 *
 * Context: any; pure.
 * Return: false: -ENOTTY.
 */
bool ssi_file_ioctl(unsigned int cmd, size_t *in, size_t *out)
{
	*in = 0;
	*out = 0;
	switch (cmd) {
	case TCGETS:
		*out = sizeof(struct termios);
		return true;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		*in = sizeof(struct termios);
		return true;
	case TCGETS2:
		*out = sizeof(struct termios2);
		return true;
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		*in = sizeof(struct termios2);
		return true;
	case TIOCGWINSZ:
		*out = sizeof(struct winsize);
		return true;
	case TIOCSWINSZ:
		*in = sizeof(struct winsize);
		return true;
	case FIONREAD:
	case TIOCOUTQ:
		*out = sizeof(int);
		return true;
	case TCSBRK:
	case TCXONC:
	case TCFLSH:
		return true;
	default:
		return false;
	}
}

/**
 * ssi_file_ioctl_changes - is an ioctl() of a terminal for who is in the foreground?
 * @cmd: its command
 *
 * Context: any; pure.
 * Return: true if tty_check_change() guards it, or tcsetpgrp() is meant.
 */
bool ssi_file_ioctl_changes(unsigned int cmd)
{
	switch (cmd) {
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
	case TCSBRK:
	case TCXONC:
	case TCFLSH:
	case TIOCSPGRP:
		return true;
	default:
		return false;
	}
}

static bool ssi_file_check_open(const struct ssi_wire_file *w, u32 len)
{
	const struct ssi_wire_file_open *open = (const void *)w->data;

	return len >= sizeof(*open) &&
	       len == size_add(sizeof(*open), size_mul(le32_to_cpu(open->caller.nr_groups),
						       sizeof(open->group[0])));
}

/**
 * ssi_file_check - is a call well formed?
 * @body: SSI_MSG_FILE, no shorter than its fixed part
 * @len: bytes of it
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_file_check(const void *body, size_t len)
{
	const struct ssi_wire_file *w = body;
	u32 op = le32_to_cpu(w->op), data = le32_to_cpu(w->len);

	if (op >= SSI_NR_FILE_OPS || data > SSI_FILE_MAX_DATA ||
	    le32_to_cpu(w->flags) & ~SSI_FILE_FLAGS)
		return -EPROTO;
	if (op == SSI_FILE_READ)
		data = 0;
	else if (data && op != SSI_FILE_WRITE && op != SSI_FILE_IOCTL && op != SSI_FILE_OPEN)
		return -EPROTO;
	if (le64_to_cpu(w->pos) > LLONG_MAX && op < SSI_FILE_SEEK)
		return -EPROTO;
	if (op == SSI_FILE_SEEK && le64_to_cpu(w->arg) > SEEK_MAX)
		return -EPROTO;
	if (op == SSI_FILE_FOREGROUND && (le64_to_cpu(w->arg) >= SSI_NR_FILE_OPS || !w->stub))
		return -EPROTO;
	if (le64_to_cpu(w->stub) > U32_MAX)
		return -EPROTO;
	if (len != sizeof(*w) + round_up(data, 8))
		return -EPROTO;
	return op == SSI_FILE_OPEN && !ssi_file_check_open(w, data) ? -EPROTO : 0;
}
