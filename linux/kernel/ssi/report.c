// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what /proc/PID/ssi says
 */

/**
 * DOC: reports
 *
 * /proc/PID/ssi says where a process is born, where its user mode runs, why, and what that
 * has cost, for people and scripts that have no netlink: the same as the netlink family
 * says of it, under the names of its attributes. In the cluster's /proc that of a process of
 * another node is read there.
 */

#include <linux/pid.h>
#include <linux/seq_file.h>
#include <linux/ssi_pid.h>
#include <net/net_namespace.h>

#include "instance.h"
#include "pidns.h"
#include "process.h"
#include "reason.h"

/**
 * ssi_proc_report - show /proc/PID/ssi
 * @m: where to
 * @ns: of the mount
 * @pid: the process
 * @task: the same
 *
 * Context: process context; sleeps.
 * Return: 0 or -ESRCH.
 */
int ssi_proc_report(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		    struct task_struct *task)
{
	struct ssi_process_info p = {};
	struct ssi_instance *si;
	int stride, err;

	si = ssi_pidns_instance(ns, &stride);
	err = ssi_process_info(si ? : ssi_instance(&init_net), pid, &p);
	if (si)
		ssi_instance_put(si);
	if (err && err != -ENODATA)
		return err;
	seq_printf(m, "home:\t%u\n", p.home);
	seq_printf(m, "node:\t%u\n", p.node);
	seq_printf(m, "role:\t%s\n", p.guest ? "guest" : "home");
	seq_printf(m, "threads:\t%u\n", p.threads);
	seq_printf(m, "threads-away:\t%u\n", p.threads_away);
	seq_printf(m, "traps:\t%llu\n", p.traps);
	seq_printf(m, "faults:\t%llu\n", p.faults);
	seq_printf(m, "recalls:\t%llu\n", p.recalls);
	seq_printf(m, "pages-away:\t%llu\n", p.pages_away);
	seq_printf(m, "moves:\t%llu\n", p.moves);
	seq_printf(m, "freeze-ns:\t%llu\n", p.freeze_ns);
	seq_printf(m, "reason:\t%u\n", p.reason);
	seq_printf(m, "reason-text:\t%s\n", ssi_reason_text(p.reason));
	if (p.program)
		seq_printf(m, "program:\t%u\n", p.program);
	return 0;
}
