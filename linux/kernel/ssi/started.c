// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: when a process of another node was started
 */

/**
 * DOC: the start of a process
 *
 * /proc/PID/stat says how long after its node's boot a process was started, and whoever reads it
 * reckons with the time since this node's boot (/proc/uptime) or with the moment of that
 * (btime of /proc/stat). So the number is moved by as much as the two boots are apart, which
 * heartbeats have measured (heart.c): ages are right to some milliseconds, whatever time the nodes
 * think it is. A process that is older than this node is as old as this node: there is no
 * number below 0.
 *
 * Programs know a process again by its number and its start. So what was measured stays
 * until the other node boots anew.
 */

#include <kunit/visibility.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/pid_namespace.h>
#include <linux/sprintf.h>
#include <linux/ssi_pid.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <asm/param.h>

#include "heart.h"
#include "instance.h"
#include "node.h"
#include "pairing.h"
#include "pidns.h"
#include "started.h"

/* the field behind the name and the state, of 52 */
#define SSI_STARTED_FIELD	19

/**
 * ssi_started_shift - move the start of a process
 * @stat: what its file stat reads; changed
 * @len: bytes of it
 * @size: room there
 * @ticks: by how much it is to be later
 *
 * What does not look like such a file, or would not fit, stays as it is.
 *
 * Context: any; pure.
 * Return: new length.
 */
size_t ssi_started_shift(char *stat, size_t len, size_t size, s64 ticks)
{
	char *end = stat + len, *at = end, *next, text[24];
	u64 start = 0;
	int n;

	/* a name may have anything in it, what follows it has no parenthesis */
	while (at > stat && at[-1] != ')')
		at--;
	for (n = 0; at && n <= SSI_STARTED_FIELD; n++) {
		at = memchr(at, ' ', end - at);
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return len;
	for (next = at; next < end && *next >= '0' && *next <= '9' && next - at < 18; next++)
		start = start * 10 + (*next - '0');
	if (next == at || next == end || *next != ' ')
		return len;
	/* of 18 digits, so that it does not overflow */
	ticks = clamp(ticks, -(s64)S64_MAX / 4, (s64)S64_MAX / 4);
	n = scnprintf(text, sizeof(text), "%lld", max((s64)start + ticks, 0LL));
	if (at + n + (end - next) > stat + size)
		return len;
	memmove(at + n, next, end - next);
	memcpy(at, text, n);
	return at + n + (end - next) - stat;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_started_shift);

/**
 * ssi_started_here - have the start of a process count from this node's boot
 * @ns: attached pid namespace
 * @nr: number of the process or one of its threads in it
 * @stat: what its file stat reads; changed
 * @len: bytes of it
 * @size: room there
 *
 * Context: process context.
 * Return: new length.
 */
size_t ssi_started_here(struct pid_namespace *ns, int nr, char *stat, size_t len, size_t size)
{
	struct ssi_instance *si;
	struct ssi_node *node;
	int stride;
	s64 boot;

	si = ssi_pidns_instance(ns, &stride);
	if (!si)
		return len;
	node = ssi_node_lookup(si, ssi_pid_node(nr, stride));
	if (node) {
		boot = ssi_heart_boot_ns(&node->pairing->heart);
		len = ssi_started_shift(stat, len, size,
					-div_s64(boot, NSEC_PER_SEC / USER_HZ));
		ssi_node_put(node);
	}
	ssi_instance_put(si);
	return len;
}
