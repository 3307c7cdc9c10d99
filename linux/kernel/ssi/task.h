/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_TASK_H
#define _KERNEL_SSI_TASK_H

#include <linux/types.h>

struct pid_namespace;

/**
 * enum ssi_task_kind - what a task is to LinuxSSI
 * @SSI_TASK_DEPUTY: a thread at home whose user mode may run elsewhere
 * @SSI_TASK_GUEST: runs the user mode of a thread of another node
 * @SSI_TASK_LEADER: owns the guests of one process, never enters user mode
 * @SSI_TASK_MARK: wants its next execve() to start a program on another node
 * @SSI_TASK_STUB: stands for a program that its execve() has started on another node
 * @SSI_TASK_KEEPER: parent of a program of another node's execve()
 * @SSI_TASK_PLACED: that program, until it runs
 * @SSI_TASK_ACTOR: a kernel thread while it acts for a process of another node
 */
enum ssi_task_kind {
	SSI_TASK_DEPUTY,
	SSI_TASK_GUEST,
	SSI_TASK_LEADER,
	SSI_TASK_MARK,
	SSI_TASK_STUB,
	SSI_TASK_KEEPER,
	SSI_TASK_PLACED,
	SSI_TASK_ACTOR,
};

/**
 * struct ssi_task - what task_struct.ssi points at; first member of the object
 * @kind: which object that is
 *
 * Set by a move for a deputy (under the mirror's lock, never for a task that
 * has PF_EXITING), by the creator for the others; cleared by the task itself.
 */
struct ssi_task {
	enum ssi_task_kind kind;
};

/**
 * struct ssi_actor - current acts for a process of another node
 * @ssi: what current's task_struct.ssi points at meanwhile
 * @ns: pid namespace that the process is in
 */
struct ssi_actor {
	struct ssi_task ssi;
	const struct pid_namespace *ns;
};

void ssi_task_act(struct ssi_actor *actor, const struct pid_namespace *ns);
void ssi_task_end_act(struct ssi_actor *actor);

#endif /* _KERNEL_SSI_TASK_H */
