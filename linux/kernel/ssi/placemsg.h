/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What two nodes say to each other about programs that one has started on the other, and
 * about the files of these.
 */
#ifndef _KERNEL_SSI_PLACEMSG_H
#define _KERNEL_SSI_PLACEMSG_H

#include <linux/build_bug.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/types.h>

#include "procmsg.h"

#define SSI_PLACE_LIMITS	16	/* resource limits of a process */
#define SSI_PLACE_MAX_FILES	256	/* file descriptors that a program may be given */
#define SSI_PLACE_NO_NEW_PRIVS	0x1	/* see prctl(2) */
#define SSI_PLACE_SPREAD	0x2	/* start its children's programs on any nodes */
#define SSI_PLACE_TURN		0x4	/* ... in turn */
#define SSI_PLACE_FLAGS		0x7

/**
 * struct ssi_wire_place - SSI_MSG_PLACE
 * @id: the sender's, of the stub
 * @ignored: signals that are ignored, as a mask
 * @blocked: signals that are blocked
 * @bset: capability bounding set
 * @inheritable: inheritable capabilities
 * @ambient: ambient capabilities
 * @limit: current and highest value of each resource limit
 * @caller: who executes the program
 * @argc: number of arguments
 * @envc: number of environment variables
 * @umask: file mode creation mask
 * @nice: nice value
 * @oom_score_adj: as in /proc/PID
 * @flags: SSI_PLACE_*
 * @nr_files: number of file descriptors
 * @cwd_len: bytes of the working directory's name, with the NUL
 * @strings_len: bytes of all strings
 * @loginuid: audit's login user id
 * @group: supplementary groups, padded to a multiple of 8 bytes; then structs
 *	ssi_wire_open_file, ordered by number, the working directory, and the strings: arguments,
 *	environment, and the name of the program, each with a NUL
 */
struct ssi_wire_place {
	__le64 id;
	__le64 ignored;
	__le64 blocked;
	__le64 bset;
	__le64 inheritable;
	__le64 ambient;
	__le64 limit[SSI_PLACE_LIMITS][2];
	struct ssi_wire_caller caller;
	__le32 argc;
	__le32 envc;
	__le32 umask;
	__le32 nice;
	__le32 oom_score_adj;
	__le32 flags;
	__le32 nr_files;
	__le32 cwd_len;
	__le32 strings_len;
	__le32 loginuid;
	__le32 group[];
};

static_assert(sizeof(struct ssi_wire_place) == 408);

/**
 * struct ssi_wire_open_file - a file descriptor of a program that is placed
 * @fd: its number, or SSI_PLACE_NO_FD
 * @handle: what it refers to, for struct ssi_wire_file; the same one for duplicates
 * @flags: O_* of the file
 * @modes: SSI_FILE_CAN_*, SSI_FILE_IS_*
 * @mode: type and permissions
 * @memory: minor number of a memory device, such as /dev/null, which is the same on all
 *	nodes; or 0
 */
struct ssi_wire_open_file {
	__le32 fd;
	__le32 handle;
	__le32 flags;
	__le32 modes;
	__le32 mode;
	__le32 memory;
};

static_assert(sizeof(struct ssi_wire_open_file) == 24);

/* not a descriptor but what /dev/tty means, and the last of the files */
#define SSI_PLACE_NO_FD		0xffffffff

#define SSI_FILE_CAN_SEEK	0x1	/* lseek() */
#define SSI_FILE_CAN_PREAD	0x2	/* pread() */
#define SSI_FILE_CAN_PWRITE	0x4	/* pwrite() */
#define SSI_FILE_CAN_POLL	0x8	/* poll() */
#define SSI_FILE_IS_MESSAGES	0x10	/* a socket that keeps writes apart */
#define SSI_FILE_IS_TERMINAL	0x20	/* the controlling terminal of the stub */
#define SSI_FILE_MODES		0x3f

/**
 * struct ssi_wire_placed - SSI_MSG_PLACED
 * @pid: of the program
 * @pad: zero
 */
struct ssi_wire_placed {
	__le32 pid;
	__le32 pad;
};

static_assert(sizeof(struct ssi_wire_placed) == 8);

/**
 * struct ssi_wire_place_go - SSI_MSG_PLACE_GO
 * @id: of the stub
 */
struct ssi_wire_place_go {
	__le64 id;
};

static_assert(sizeof(struct ssi_wire_place_go) == 8);

/**
 * struct ssi_wire_place_signal - SSI_MSG_PLACE_SIGNAL
 * @id: of the stub
 * @conts: how many SIGCONT were sent, with this one
 * @pad: zero
 * @info: struct kernel_siginfo
 */
struct ssi_wire_place_signal {
	__le64 id;
	__le32 conts;
	__le32 pad;
	__u8 info[48];
};

static_assert(sizeof(struct ssi_wire_place_signal) == 64);

/**
 * struct ssi_wire_place_state - SSI_MSG_PLACE_STATE
 * @id: of the stub
 * @status: as wait4() has it
 * @conts: how many SIGCONT of the stub had come
 * @utime: user mode, nanoseconds
 * @stime: kernel mode, nanoseconds
 * @min_flt: page faults that needed no input
 * @maj_flt: page faults that did
 * @maxrss: most resident pages
 */
struct ssi_wire_place_state {
	__le64 id;
	__le32 status;
	__le32 conts;
	__le64 utime;
	__le64 stime;
	__le64 min_flt;
	__le64 maj_flt;
	__le64 maxrss;
};

static_assert(sizeof(struct ssi_wire_place_state) == 56);

/**
 * enum ssi_file_op - what can be done with a file that is open on another node
 * @SSI_FILE_READ: @pos; answer the bytes
 * @SSI_FILE_WRITE: @pos, @arg the highest position that may be written; data the bytes
 * @SSI_FILE_SEEK: @pos, @arg whence
 * @SSI_FILE_SYNC: @arg 1: the data only
 * @SSI_FILE_STAT: answer struct ssi_wire_file_stat
 * @SSI_FILE_POLL: @arg events that are waited for; answers which there are
 * @SSI_FILE_IOCTL: @arg command, @pos its argument if that is a number; data what it points
 *	to, answer the same
 * @SSI_FILE_OPEN: open it anew, @arg O_*; data struct ssi_wire_file_open; answer struct
 *	ssi_wire_open_file
 * @SSI_FILE_FOREGROUND: may @arg, another operation, be done from the group of @stub? @pos
 *	command of an ioctl(). Answers 0, or the number of the process group that may
 * @SSI_NR_FILE_OPS: number of operations
 */
enum ssi_file_op {
	SSI_FILE_READ,
	SSI_FILE_WRITE,
	SSI_FILE_SEEK,
	SSI_FILE_SYNC,
	SSI_FILE_STAT,
	SSI_FILE_POLL,
	SSI_FILE_IOCTL,
	SSI_FILE_OPEN,
	SSI_FILE_FOREGROUND,
	SSI_NR_FILE_OPS,
};

#define SSI_FILE_MAX_DATA	65536		/* bytes of a read or a write */
#define SSI_FILE_POS_CURRENT	(LLONG_MAX / 2)	/* where the file's own position is */
#define SSI_FILE_NOWAIT		0x1		/* rather -EAGAIN than wait */
#define SSI_FILE_SYNC_DATA	0x2		/* answer a write when it is on the disk */
#define SSI_FILE_BACKGROUND	0x4		/* @stub's program is not in the foreground there */
#define SSI_FILE_FLAGS		0x7

/* as a negative value: who is in the background must not. No terminal says so. */
#define SSI_FILE_STOPPED	EREMCHG

/* what SSI_FILE_OPEN may be told; nodes are of one architecture */
#define SSI_FILE_OPEN_FLAGS	(O_ACCMODE | O_APPEND | O_DSYNC | O_LARGEFILE | O_NONBLOCK | \
				 __O_SYNC | O_TRUNC)

/**
 * struct ssi_wire_file - SSI_MSG_FILE
 * @op: enum ssi_file_op
 * @handle: which file
 * @pos: depends on @op; for reads and writes an offset or SSI_FILE_POS_CURRENT
 * @arg: depends on @op
 * @len: bytes of data, or, for a read, how many are wanted
 * @flags: SSI_FILE_NOWAIT, SSI_FILE_SYNC_DATA, SSI_FILE_BACKGROUND
 * @stub: whose controlling terminal the file is, by its id: the operation is not done in the
 *	background. 0 for none
 * @data: depends on @op
 */
struct ssi_wire_file {
	__le32 op;
	__le32 handle;
	__le64 pos;
	__le64 arg;
	__le32 len;
	__le32 flags;
	__le64 stub;
	__u8 data[];
};

static_assert(sizeof(struct ssi_wire_file) == 40);

/**
 * struct ssi_wire_file_open - data of SSI_FILE_OPEN
 * @caller: who opens it
 * @group: supplementary groups
 */
struct ssi_wire_file_open {
	struct ssi_wire_caller caller;
	__le32 group[];
};

static_assert(sizeof(struct ssi_wire_file_open) == 64);

/**
 * struct ssi_wire_file_done - SSI_MSG_FILE_DONE
 * @value: what the system call returns, a negative errno included
 * @data: depends on the operation
 */
struct ssi_wire_file_done {
	__le64 value;
	__u8 data[];
};

static_assert(sizeof(struct ssi_wire_file_done) == 8);

/**
 * struct ssi_wire_file_stat - answer to SSI_FILE_STAT
 * @size: bytes
 * @blocks: units of 512 bytes
 * @ino: inode number
 * @sec: seconds of atime, mtime, ctime
 * @nsec: their nanoseconds
 * @mode: type and permissions
 * @uid: owner
 * @gid: group
 * @nlink: links
 * @blksize: preferred size of a read or write
 * @dev: device that it is on
 * @rdev: device that it is
 */
struct ssi_wire_file_stat {
	__le64 size;
	__le64 blocks;
	__le64 ino;
	__le64 sec[3];
	__le32 nsec[3];
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 nlink;
	__le32 blksize;
	__le32 dev;
	__le32 rdev;
};

static_assert(sizeof(struct ssi_wire_file_stat) == 88);

/**
 * struct ssi_wire_file_cancel - SSI_MSG_FILE_CANCEL
 * @seq: number of the call
 */
struct ssi_wire_file_cancel {
	__le64 seq;
};

static_assert(sizeof(struct ssi_wire_file_cancel) == 8);

/**
 * struct ssi_wire_file_close - SSI_MSG_FILE_CLOSE
 * @handle: which file, or 0
 * @pad: zero
 * @seq: number of the call that has opened it, if @handle is 0
 */
struct ssi_wire_file_close {
	__le32 handle;
	__le32 pad;
	__le64 seq;
};

static_assert(sizeof(struct ssi_wire_file_close) == 16);

#endif /* _KERNEL_SSI_PLACEMSG_H */
