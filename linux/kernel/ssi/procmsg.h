/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What two nodes say to each other about processes and memory.
 *
 * A move makes a session: a number that the home node draws, and that every
 * message about the process carries until it is home again.  Messages of the
 * user lane name a thread by its home's pid number; those of the memory lane
 * name a page by the home's device page frame and a generation (rule I5), or an
 * address range of a session.
 */
#ifndef _KERNEL_SSI_PROCMSG_H
#define _KERNEL_SSI_PROCMSG_H

#include "wire.h"

/**
 * enum ssi_proc_msg - message types of processes and memory
 * @SSI_MSG_CLOCK: user lane call: what time is it there?
 * @SSI_MSG_CLOCK_REPLY: the answer
 * @SSI_MSG_SESSION_NEW: user lane call: get ready to run this process
 * @SSI_MSG_SESSION_READY: the answer: guests wait
 * @SSI_MSG_SESSION_END: the process is home, or gone
 * @SSI_MSG_ENTER: run this thread from here
 * @SSI_MSG_TRAP: the thread stopped here
 * @SSI_MSG_KICK: bring the thread up
 * @SSI_MSG_STARTED: the thread is about to run; measures the freeze
 * @SSI_MSG_THREAD_END: the thread exited at home
 * @SSI_MSG_GUEST_DEAD: the guest process was killed where it runs
 * @SSI_MSG_FAULT: the thread needs this page
 * @SSI_MSG_STORE: bytes of pages, which the receiver owns from now on
 * @SSI_MSG_GRANT: answer to a fault: these pages at these addresses
 * @SSI_MSG_INVALIDATE: memory lane call: forget an address range
 * @SSI_MSG_INVALIDATED: the answer
 * @SSI_MSG_RECALL: memory lane call: give these pages back
 * @SSI_MSG_PAGES: the answer
 * @SSI_MSG_DROP: these pages are gone at home
 * @SSI_MSG_EVICT: the holder would like home to take these pages
 * @SSI_MSG_OP: user lane call: do this to a process whose home you are
 * @SSI_MSG_OP_DONE: the answer
 * @SSI_MSG_WATCH: user lane call: say when this process ends
 * @SSI_MSG_WATCHED: the answer: it has
 * @SSI_MSG_UNWATCH: nobody wants to know any more
 * @SSI_MSG_PLACE: user lane call: start this program
 * @SSI_MSG_PLACED: the answer: it waits to run
 * @SSI_MSG_PLACE_GO: the task that it replaces has become its stub: let it run
 * @SSI_MSG_PLACE_SIGNAL: the stub got a signal
 * @SSI_MSG_PLACE_STATE: the program was stopped, was continued, or has ended
 * @SSI_MSG_FILE: user lane call: do this with a file that is open at your side
 * @SSI_MSG_FILE_DONE: the answer
 * @SSI_MSG_FILE_CANCEL: answer that call now
 * @SSI_MSG_FILE_CLOSE: nobody has the file open here any more
 * @SSI_MSG_PROC_END: one more than the last
 */
enum ssi_proc_msg {
	SSI_MSG_CLOCK		= SSI_MSG_PROC_FIRST,
	SSI_MSG_CLOCK_REPLY,
	SSI_MSG_SESSION_NEW,
	SSI_MSG_SESSION_READY,
	SSI_MSG_SESSION_END,
	SSI_MSG_ENTER,
	SSI_MSG_TRAP,
	SSI_MSG_KICK,
	SSI_MSG_STARTED,
	SSI_MSG_THREAD_END,
	SSI_MSG_GUEST_DEAD,
	SSI_MSG_FAULT,
	SSI_MSG_STORE,
	SSI_MSG_GRANT,
	SSI_MSG_INVALIDATE,
	SSI_MSG_INVALIDATED,
	SSI_MSG_RECALL,
	SSI_MSG_PAGES,
	SSI_MSG_DROP,
	SSI_MSG_EVICT,
	SSI_MSG_OP,
	SSI_MSG_OP_DONE,
	SSI_MSG_WATCH,
	SSI_MSG_WATCHED,
	SSI_MSG_UNWATCH,
	SSI_MSG_PLACE,
	SSI_MSG_PLACED,
	SSI_MSG_PLACE_GO,
	SSI_MSG_PLACE_SIGNAL,
	SSI_MSG_PLACE_STATE,
	SSI_MSG_FILE,
	SSI_MSG_FILE_DONE,
	SSI_MSG_FILE_CANCEL,
	SSI_MSG_FILE_CLOSE,
	SSI_MSG_PROC_END,
};

/**
 * struct ssi_wire_clock - SSI_MSG_CLOCK_REPLY
 * @monotonic: CLOCK_MONOTONIC of the initial time namespace in nanoseconds
 * @boottime: CLOCK_BOOTTIME
 */
struct ssi_wire_clock {
	__le64 monotonic;
	__le64 boottime;
};

static_assert(sizeof(struct ssi_wire_clock) == 16);

/**
 * struct ssi_wire_session_new - SSI_MSG_SESSION_NEW
 * @sid: session
 * @vdso: address of the vdso
 * @clock: what to add to the receiver's CLOCK_MONOTONIC for home's, in nanoseconds
 * @monotonic: what to add to it for what the process sees
 * @boottime: what to add to its CLOCK_BOOTTIME for what the process sees
 * @pid: of the process at home, for people
 * @threads: guests to have ready
 * @uid: real user id, in home's initial user namespace
 * @gid: real group id
 * @nr_cpus: home's nr_cpu_ids: the process has never seen a higher CPU number
 * @pad: zero
 * @comm: name of the process
 */
struct ssi_wire_session_new {
	__le64 sid;
	__le64 vdso;
	__le64 clock;
	__le64 monotonic;
	__le64 boottime;
	__le32 pid;
	__le32 threads;
	__le32 uid;
	__le32 gid;
	__le32 nr_cpus;
	__le32 pad;
	__u8 comm[16];
};

static_assert(sizeof(struct ssi_wire_session_new) == 80);

/**
 * struct ssi_wire_session - SSI_MSG_SESSION_READY, SSI_MSG_SESSION_END, SSI_MSG_GUEST_DEAD
 * @sid: session
 * @reason: enum ssi_reason, 0 if all is well
 * @pid: of the guest process where it runs
 */
struct ssi_wire_session {
	__le64 sid;
	__le32 reason;
	__le32 pid;
};

static_assert(sizeof(struct ssi_wire_session) == 16);

/**
 * struct ssi_wire_thread - SSI_MSG_KICK, SSI_MSG_STARTED, SSI_MSG_THREAD_END
 * @sid: session
 * @tid: thread
 * @seq: number of the ENTER that is meant
 */
struct ssi_wire_thread {
	__le64 sid;
	__le32 tid;
	__le32 seq;
};

static_assert(sizeof(struct ssi_wire_thread) == 16);

/**
 * struct ssi_wire_rseq - restartable sequences of a thread
 * @ptr: address of its struct rseq, 0 if it has none
 * @len: length of that
 * @sig: signature before abort handlers
 * @cpu_id: what was last written there
 * @mm_cid: what was last written there
 * @node_id: what was last written there
 * @version: event.has_rseq
 */
struct ssi_wire_rseq {
	__le64 ptr;
	__le32 len;
	__le32 sig;
	__le32 cpu_id;
	__le32 mm_cid;
	__le32 node_id;
	__le32 version;
};

static_assert(sizeof(struct ssi_wire_rseq) == 32);

/**
 * struct ssi_wire_enter - SSI_MSG_ENTER
 * @sid: session
 * @tid: thread
 * @seq: number of this ENTER, counted per thread
 * @monotonic: home's CLOCK_MONOTONIC, which the guest must not run before
 * @policy: scheduling class: SCHED_NORMAL, SCHED_BATCH or SCHED_IDLE
 * @nice: nice value
 * @rseq: restartable sequences
 * @regs: registers, see regs.c
 */
struct ssi_wire_enter {
	__le64 sid;
	__le32 tid;
	__le32 seq;
	__le64 monotonic;
	__le32 policy;
	__le32 nice;
	struct ssi_wire_rseq rseq;
	__u8 regs[];
};

static_assert(sizeof(struct ssi_wire_enter) == 64);

/**
 * enum ssi_trap - why a guest stopped
 * @SSI_TRAP_NONE: it did not
 * @SSI_TRAP_SYSCALL: it executed a system call
 * @SSI_TRAP_FAULT: it needs a page; not sent as a trap unless home said no
 * @SSI_TRAP_EXCEPTION: anything else that is to be repeated at home
 * @SSI_TRAP_REPLAY: an exception that cannot be repeated (int3, #DB)
 * @SSI_TRAP_KICK: it was asked to
 * @SSI_NR_TRAPS: number of them
 */
enum ssi_trap {
	SSI_TRAP_NONE,
	SSI_TRAP_SYSCALL,
	SSI_TRAP_FAULT,
	SSI_TRAP_EXCEPTION,
	SSI_TRAP_REPLAY,
	SSI_TRAP_KICK,
	SSI_NR_TRAPS,
};

/**
 * struct ssi_wire_trap - SSI_MSG_TRAP
 * @sid: session
 * @tid: thread
 * @seq: of the ENTER that this answers
 * @trap: enum ssi_trap
 * @reason: enum ssi_reason
 * @runtime: CPU time used since the ENTER, in nanoseconds
 * @monotonic: CLOCK_MONOTONIC as the guest saw it last
 * @rseq: only the ids matter
 * @signo: SSI_TRAP_REPLAY: siginfo
 * @code: siginfo
 * @addr: siginfo
 * @trapno: siginfo
 * @pad: zero
 * @regs: registers, see regs.c
 */
struct ssi_wire_trap {
	__le64 sid;
	__le32 tid;
	__le32 seq;
	__le32 trap;
	__le32 reason;
	__le64 runtime;
	__le64 monotonic;
	struct ssi_wire_rseq rseq;
	__le32 signo;
	__le32 code;
	__le64 addr;
	__le32 trapno;
	__le32 pad;
	__u8 regs[];
};

static_assert(sizeof(struct ssi_wire_trap) == 96);

#define SSI_FAULT_WRITE		0x1
#define SSI_FAULT_EXEC		0x2
#define SSI_FAULT_AHEAD		0x4	/* nothing is missing yet: go on sending */
#define SSI_FAULT_FLAGS		(SSI_FAULT_WRITE | SSI_FAULT_EXEC | SSI_FAULT_AHEAD)

/*
 * A walk through memory is answered with windows of so many pages, and so many
 * windows more are sent before they are asked for. The walker asks for the next
 * ones when it has used half of these.
 */
#define SSI_WALK_WINDOW		64
#define SSI_WALK_AHEAD		4

/**
 * struct ssi_wire_fault - SSI_MSG_FAULT
 * @sid: session
 * @tid: thread
 * @seq: number of the fault, counted per thread
 * @addr: address
 * @flags: SSI_FAULT_*
 * @pad: zero
 */
struct ssi_wire_fault {
	__le64 sid;
	__le32 tid;
	__le32 seq;
	__le64 addr;
	__le32 flags;
	__le32 pad;
};

static_assert(sizeof(struct ssi_wire_fault) == 32);

/**
 * struct ssi_wire_page - a page
 * @pfn: the home's device page frame
 * @gen: how often it was lent
 * @flags: SSI_PAGE_*
 */
struct ssi_wire_page {
	__le64 pfn;
	__le32 gen;
	__le32 flags;
};

static_assert(sizeof(struct ssi_wire_page) == 16);

#define SSI_PAGE_ZERO		0x1	/* STORE: no bytes follow, it is all zeroes */
#define SSI_PAGE_GONE		0x2	/* PAGES: it is not here any more */

#define SSI_MSG_MAX_STORE	256	/* pages named in one STORE, DROP, GRANT, EVICT */

/**
 * struct ssi_wire_pages - SSI_MSG_STORE, SSI_MSG_RECALL, SSI_MSG_PAGES, SSI_MSG_DROP,
 *	SSI_MSG_EVICT
 * @nr: pages named
 * @pad: zero
 * @page: the pages; those with bytes have a page in the message, in order
 */
struct ssi_wire_pages {
	__le32 nr;
	__le32 pad;
	struct ssi_wire_page page[];
};

static_assert(sizeof(struct ssi_wire_pages) == 8);

#define SSI_GRANT_WRITE		0x1	/* exclusive: the holder may write */
#define SSI_GRANT_COPY		0x2	/* the bytes are in this message; read only */
#define SSI_GRANT_NONE		0x4	/* nothing for this address */

/**
 * struct ssi_wire_grant_page - one page of a grant
 * @pfn: device page frame at home, unless SSI_GRANT_COPY
 * @gen: its generation
 * @flags: SSI_GRANT_*
 */
struct ssi_wire_grant_page {
	__le64 pfn;
	__le32 gen;
	__le32 flags;
};

static_assert(sizeof(struct ssi_wire_grant_page) == 16);

/**
 * struct ssi_wire_grant - SSI_MSG_GRANT
 * @sid: session
 * @tid: thread whose fault is answered, 0 if none waits for this
 * @seq: number of the fault
 * @reason: enum ssi_reason: 0, or why the thread must come home
 * @vm_flags: VM_READ, VM_WRITE, VM_EXEC and architecture flags (arch.h)
 * @vm_start: mapping that holds @addr
 * @vm_end: its end
 * @addr: address of the first page
 * @nr: pages
 * @pad: zero
 * @page: the pages
 */
struct ssi_wire_grant {
	__le64 sid;
	__le32 tid;
	__le32 seq;
	__le32 reason;
	__le32 vm_flags;
	__le64 vm_start;
	__le64 vm_end;
	__le64 addr;
	__le32 nr;
	__le32 pad;
	struct ssi_wire_grant_page page[];
};

static_assert(sizeof(struct ssi_wire_grant) == 56);

/**
 * struct ssi_wire_range - SSI_MSG_INVALIDATE
 * @sid: session
 * @start: first byte
 * @end: one more than the last byte
 */
struct ssi_wire_range {
	__le64 sid;
	__le64 start;
	__le64 end;
};

static_assert(sizeof(struct ssi_wire_range) == 24);

/**
 * struct ssi_wire_caller - who asks
 * @effective: capabilities in the initial user namespace
 * @permitted: the same
 * @uid: real user id, as all ids in the initial user namespace
 * @euid: effective user id
 * @suid: saved user id
 * @fsuid: user id for files
 * @gid: real group id
 * @egid: effective group id
 * @sgid: saved group id
 * @fsgid: group id for files
 * @securebits: of its credentials
 * @tgid: its process, in the attached pid namespace
 * @session: its session, the same
 * @nr_groups: supplementary groups that follow the fixed part of the message
 */
struct ssi_wire_caller {
	__le64 effective;
	__le64 permitted;
	__le32 uid;
	__le32 euid;
	__le32 suid;
	__le32 fsuid;
	__le32 gid;
	__le32 egid;
	__le32 sgid;
	__le32 fsgid;
	__le32 securebits;
	__le32 tgid;
	__le32 session;
	__le32 nr_groups;
};

static_assert(sizeof(struct ssi_wire_caller) == 64);

/**
 * struct ssi_wire_op - SSI_MSG_OP
 * @op: enum ssi_op
 * @nr: pid number in the attached pid namespace
 * @id: which of the processes that have the number one after the other, see struct
 *	pid; 0: whoever has it now
 * @arg: what else there is to say
 * @caller: who asks
 * @data_len: bytes of data, which follow the groups, padded to 8 bytes
 * @reply_max: how many bytes of data may be in the answer
 * @group: supplementary groups, padded to 8 bytes
 */
struct ssi_wire_op {
	__le32 op;
	__le32 nr;
	__le64 id;
	__le64 arg[2];
	struct ssi_wire_caller caller;
	__le32 data_len;
	__le32 reply_max;
	__le32 group[];
};

static_assert(sizeof(struct ssi_wire_op) == 104);

/**
 * struct ssi_wire_op_done - SSI_MSG_OP_DONE
 * @value: what the system call returns, a negative errno included
 * @data: depends on the operation
 */
struct ssi_wire_op_done {
	__le64 value;
	u8 data[];
};

static_assert(sizeof(struct ssi_wire_op_done) == 8);

#define SSI_OP_MAX_REPLY	65536	/* bytes of data in an answer */

/**
 * struct ssi_wire_vec - a range of a process's memory
 * @base: first byte
 * @len: bytes
 */
struct ssi_wire_vec {
	__le64 base;
	__le64 len;
};

static_assert(sizeof(struct ssi_wire_vec) == 16);

#define SSI_OP_MAX_VECS		(1024 * sizeof(struct ssi_wire_vec))	/* bytes of them */

/**
 * struct ssi_wire_watch - SSI_MSG_WATCH
 * @id: which of the processes that have the number one after the other, see struct pid
 * @nr: number
 * @state: enum ssi_watch_state: what the caller knows already
 */
struct ssi_wire_watch {
	__le64 id;
	__le32 nr;
	__le32 state;
};

static_assert(sizeof(struct ssi_wire_watch) == 16);

/**
 * struct ssi_wire_watched - SSI_MSG_WATCHED
 * @state: enum ssi_watch_state
 * @pad: zero
 */
struct ssi_wire_watched {
	__le32 state;
	__le32 pad;
};

static_assert(sizeof(struct ssi_wire_watched) == 8);

/**
 * struct ssi_wire_unwatch - SSI_MSG_UNWATCH
 * @seq: number of the call that is not to be answered
 */
struct ssi_wire_unwatch {
	__le64 seq;
};

static_assert(sizeof(struct ssi_wire_unwatch) == 8);

/**
 * struct ssi_wire_procent - a process in a listing of /proc
 * @id: which of those that have the number one after the other
 * @nr: number
 * @uid: owner of its directory
 * @gid: group of it
 * @file_uid: owner of the files in it
 * @file_gid: group of them
 * @nr_files: how many files follow, of which each begins with struct ssi_wire_procfile
 */
struct ssi_wire_procent {
	__le64 id;
	__le32 nr;
	__le32 uid;
	__le32 gid;
	__le32 file_uid;
	__le32 file_gid;
	__le32 nr_files;
};

static_assert(sizeof(struct ssi_wire_procent) == 32);

#define SSI_PROCFILE_MAX	4096		/* bytes of one that is read ahead */

/**
 * struct ssi_wire_procfile - a file of a process that was read ahead
 * @name: which, an index in ssi_procnames
 * @len: bytes of data, which follow, padded to 8 bytes; or a negative errno, and none
 */
struct ssi_wire_procfile {
	__le32 name;
	__le32 len;
};

static_assert(sizeof(struct ssi_wire_procfile) == 8);

/**
 * struct ssi_wire_procstat - answer to SSI_OP_PROC_STAT
 * @ent: the process
 * @mode: type and permissions of what was asked for
 * @uid: owner of it
 * @gid: group of it
 * @nlink: links to it
 */
struct ssi_wire_procstat {
	struct ssi_wire_procent ent;
	__le32 mode;
	__le32 uid;
	__le32 gid;
	__le32 nlink;
};

static_assert(sizeof(struct ssi_wire_procstat) == 48);

/**
 * struct ssi_wire_procname - an entry of a directory
 * @pos: position of it in the directory
 * @type: DT_*
 * @len: bytes of the name
 * @name: the name, padded so that the next entry is at a multiple of 8 bytes
 */
struct ssi_wire_procname {
	__le64 pos;
	u8 type;
	u8 len;
	char name[];
};

#define SSI_PROC_PTRACE	0x1	/* only processes that the caller may look into */

#endif /* _KERNEL_SSI_PROCMSG_H */
