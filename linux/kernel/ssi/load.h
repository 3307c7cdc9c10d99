/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_LOAD_H
#define _KERNEL_SSI_LOAD_H

#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct ssi_load - how busy a peer is
 * @lock: protects the rest; innermost
 * @running: tasks that run there, or would, as of its newest heartbeat
 * @cpus: CPUs that it has online; 0 before its first heartbeat
 * @report: number of that heartbeat, counted here
 * @started: programs that were started there since then, and have not ended
 */
struct ssi_load {
	spinlock_t lock;	/* innermost */
	u32 running;
	u32 cpus;
	u32 report;
	u32 started;
};

void ssi_load_init(struct ssi_load *load);
void ssi_load_report(struct ssi_load *load, u32 running, u32 cpus);
u32 ssi_load_start(struct ssi_load *load);
void ssi_load_end(struct ssi_load *load, u32 report);
u32 ssi_load_running(struct ssi_load *load);
u32 ssi_load_cpus(struct ssi_load *load);
u64 ssi_load_of(struct ssi_load *load);
u64 ssi_load_with_one_more(u64 running, u32 cpus);

#endif /* _KERNEL_SSI_LOAD_H */
