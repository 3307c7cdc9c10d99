/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ssi

#if !defined(_KERNEL_SSI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KERNEL_SSI_TRACE_H

#include <linux/tracepoint.h>

#include "mirror.h"
#include "node.h"

TRACE_EVENT(ssi_move,
	TP_PROTO(struct ssi_mirror *m, u32 node),
	TP_ARGS(m, node),
	TP_STRUCT__entry(
		__field(pid_t, pid)
		__field(u32, node)
		__field(u64, sid)
	),
	TP_fast_assign(
		__entry->pid = pid_nr(m->tgid);
		__entry->node = node;
		__entry->sid = m->sid;
	),
	TP_printk("pid=%d node=%u session=%llu", __entry->pid, __entry->node, __entry->sid)
);

TRACE_EVENT(ssi_trap,
	TP_PROTO(struct ssi_mirror *m, u32 tid, u32 trap, u32 reason),
	TP_ARGS(m, tid, trap, reason),
	TP_STRUCT__entry(
		__field(pid_t, pid)
		__field(u32, tid)
		__field(u32, trap)
		__field(u32, reason)
	),
	TP_fast_assign(
		__entry->pid = pid_nr(m->tgid);
		__entry->tid = tid;
		__entry->trap = trap;
		__entry->reason = reason;
	),
	TP_printk("pid=%d tid=%u trap=%u reason=%u", __entry->pid, __entry->tid,
		  __entry->trap, __entry->reason)
);

TRACE_EVENT(ssi_fault,
	TP_PROTO(struct ssi_mirror *m, struct ssi_fault *f, u32 reason, int tries),
	TP_ARGS(m, f, reason, tries),
	TP_STRUCT__entry(
		__field(pid_t, pid)
		__field(u32, tid)
		__field(unsigned long, addr)
		__field(u32, flags)
		__field(u32, window)
		__field(u32, reason)
		__field(int, tries)
	),
	TP_fast_assign(
		__entry->pid = pid_nr(m->tgid);
		__entry->tid = f->tid;
		__entry->addr = f->addr;
		__entry->flags = f->flags;
		__entry->window = f->window;
		__entry->reason = reason;
		__entry->tries = tries;
	),
	TP_printk("pid=%d tid=%u addr=0x%lx flags=%x window=%u reason=%u tries=%d",
		  __entry->pid, __entry->tid, __entry->addr, __entry->flags,
		  __entry->window, __entry->reason, __entry->tries)
);

DECLARE_EVENT_CLASS(ssi_range,
	TP_PROTO(struct ssi_mirror *m, unsigned long start, unsigned long end, long result),
	TP_ARGS(m, start, end, result),
	TP_STRUCT__entry(
		__field(pid_t, pid)
		__field(unsigned long, start)
		__field(unsigned long, end)
		__field(long, result)
	),
	TP_fast_assign(
		__entry->pid = pid_nr(m->tgid);
		__entry->start = start;
		__entry->end = end;
		__entry->result = result;
	),
	TP_printk("pid=%d start=0x%lx end=0x%lx result=%ld", __entry->pid,
		  __entry->start, __entry->end, __entry->result)
);

DEFINE_EVENT(ssi_range, ssi_lend,
	TP_PROTO(struct ssi_mirror *m, unsigned long start, unsigned long end, long result),
	TP_ARGS(m, start, end, result)
);

DEFINE_EVENT(ssi_range, ssi_recall,
	TP_PROTO(struct ssi_mirror *m, unsigned long start, unsigned long end, long result),
	TP_ARGS(m, start, end, result)
);

DEFINE_EVENT(ssi_range, ssi_invalidate,
	TP_PROTO(struct ssi_mirror *m, unsigned long start, unsigned long end, long result),
	TP_ARGS(m, start, end, result)
);

TRACE_EVENT(ssi_give_back,
	TP_PROTO(struct ssi_node *node, u32 asked, u32 given),
	TP_ARGS(node, asked, given),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, asked)
		__field(u32, given)
	),
	TP_fast_assign(
		__entry->node = node->id;
		__entry->asked = asked;
		__entry->given = given;
	),
	TP_printk("node=%u asked=%u given=%u", __entry->node, __entry->asked, __entry->given)
);

TRACE_EVENT(ssi_evict,
	TP_PROTO(struct ssi_mirror *m, struct ssi_node *node, u32 wanted, u32 came),
	TP_ARGS(m, node, wanted, came),
	TP_STRUCT__entry(
		__field(pid_t, pid)
		__field(u32, node)
		__field(u32, wanted)
		__field(u32, came)
	),
	TP_fast_assign(
		__entry->pid = pid_nr(m->tgid);
		__entry->node = node->id;
		__entry->wanted = wanted;
		__entry->came = came;
	),
	TP_printk("pid=%d node=%u wanted=%u came=%u", __entry->pid, __entry->node,
		  __entry->wanted, __entry->came)
);

#endif /* _KERNEL_SSI_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../../kernel/ssi
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
