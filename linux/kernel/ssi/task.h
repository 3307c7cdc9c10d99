/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_TASK_H
#define _KERNEL_SSI_TASK_H

#include <linux/types.h>

/**
 * enum ssi_task_kind - what a task is to LinuxSSI
 * @SSI_TASK_DEPUTY: a thread at home whose user mode may run elsewhere
 * @SSI_TASK_GUEST: runs the user mode of a thread of another node
 * @SSI_TASK_LEADER: owns the guests of one process, never enters user mode
 */
enum ssi_task_kind {
	SSI_TASK_DEPUTY,
	SSI_TASK_GUEST,
	SSI_TASK_LEADER,
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

#endif /* _KERNEL_SSI_TASK_H */
