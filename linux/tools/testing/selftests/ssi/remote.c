// SPDX-License-Identifier: GPL-2.0
/*
 * What a system call does to a process of another node.
 *
 *	remote serve [UID]	writes its process and thread numbers in one line, and then
 *				a line for each signal it gets; ends at SIGTERM
 *	remote check PID TID OTHER UNKNOWN
 *				checks system calls on a server of root, with a second
 *				thread TID; OTHER is a server of user 1000, UNKNOWN a
 *				number of the same node that nobody has
 *	remote group [UID]	makes a session of three processes that end at any signal, and
 *				writes its number
 *	remote groups GROUP OTHER UNKNOWN
 *				checks system calls on such a group of root, one of user 1000,
 *				and a number that nobody has
 *	remote all SIGNAL	sends a signal to all processes, as user 1000
 *	remote memory		writes its number and the address of some memory, and ends
 *				at SIGTERM
 *	remote vm PID ADDRESS UNKNOWN
 *				checks process_vm_readv() and process_vm_writev() with that
 *	remote list		writes the numbers in /proc, read by few at a time
 *	remote clock		writes whether the CPU clock of a child, and of a thread, runs
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "checks.h"

#define MISSING	(1 << 28)	/* one more than there can be */

/* The C library has none, or one that the kernel's header does not go with. */
struct sched_attr_v0 {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

static void wait_for_signals(const char *who)
{
	siginfo_t si;
	sigset_t all;

	sigfillset(&all);
	do {
		if (sigwaitinfo(&all, &si) < 0)
			continue;
		printf("%s %s code %d pid %d uid %d value %d\n", who,
		       si.si_signo == SIGUSR1 ? "USR1" : si.si_signo == SIGUSR2 ? "USR2" :
		       si.si_signo == SIGTERM ? "TERM" :
		       si.si_signo == SIGRTMIN + 1 ? "RT1" : "other",
		       si.si_code, si.si_pid, si.si_uid,
		       si.si_code == SI_QUEUE ? si.si_value.sival_int : 0);
		fflush(stdout);
	} while (si.si_signo != SIGTERM);
	exit(0);
}

static pid_t second;

static void *second_thread(void *arg)
{
	sigset_t mine;
	siginfo_t si;

	(void)arg;
	__atomic_store_n(&second, gettid(), __ATOMIC_RELEASE);
	sigemptyset(&mine);
	sigaddset(&mine, SIGUSR2);
	for (;;) {
		/* the C library's hides SI_TKILL */
		if (syscall(SYS_rt_sigtimedwait, &mine, &si, NULL, 8) < 0)
			continue;
		printf("second USR2 code %d pid %d uid %d value 0\n", si.si_code,
		       si.si_pid, si.si_uid);
		fflush(stdout);
	}
	return NULL;
}

/* So many mappings that /proc/PID/smaps is not read in one piece. */
static void map_many(void)
{
	int i;

	for (i = 0; i < 40; i++)
		if (mmap(NULL, 4096, i & 1 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0) == MAP_FAILED)
			perror("mmap");
}

static int serve(uid_t uid)
{
	sigset_t all;
	pthread_t t;

	map_many();

	if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid))) {
		perror("setresuid");
		return 1;
	}
	/* as one that was executed as this user */
	prctl(PR_SET_DUMPABLE, 1);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	pthread_create(&t, NULL, second_thread, NULL);
	while (!__atomic_load_n(&second, __ATOMIC_ACQUIRE))
		usleep(1000);
	printf("%d %d\n", getpid(), second);
	fflush(stdout);
	wait_for_signals("first");
	return 0;
}

static void check_signals(pid_t pid, pid_t tid, pid_t unknown)
{
	union sigval value = { .sival_int = 4711 };

	check("kill: is there", result(kill(pid, 0)), 0);
	check("kill: a thread's number will do", result(kill(tid, 0)), 0);
	check("kill: nobody has this number", result(kill(unknown, 0)), -ESRCH);
	check("kill: no such node", result(kill(200000000, 0)), -ESRCH);
	check("kill: no such number", result(kill(MISSING, SIGTERM)), -ESRCH);
	check("kill: the highest number", result(kill(MISSING - 1, SIGTERM)), -ESRCH);
	check("kill: no such signal", result(kill(pid, 65)), -EINVAL);
	check("kill: no such signal, negative", result(kill(pid, -1)), -EINVAL);
	check("kill", result(kill(pid, SIGUSR1)), 0);
	check("sigqueue", result(sigqueue(pid, SIGRTMIN + 1, value)), 0);
	check("tgkill: not of this process",
	      result(syscall(SYS_tgkill, getpid(), tid, SIGUSR2)), -ESRCH);
	check("tgkill: nobody has this number",
	      result(syscall(SYS_tgkill, pid, unknown, SIGUSR2)), -ESRCH);
	check("tgkill", result(syscall(SYS_tgkill, pid, tid, SIGUSR2)), 0);
	check("tkill: is there", result(syscall(SYS_tkill, tid, 0)), 0);
}

static void check_others(pid_t pid, pid_t tid, pid_t unknown)
{
	check("getpgid", result(getpgid(pid)) > 0, 1);
	check("getpgid: the thread's is the same", result(getpgid(tid)), getpgid(pid));
	check("getpgid: nobody has this number", result(getpgid(unknown)), -ESRCH);
	check("getsid", result(getsid(pid)) > 0, 1);
	check("getsid: nobody has this number", result(getsid(unknown)), -ESRCH);

	errno = 0;
	check("getpriority", result(getpriority(PRIO_PROCESS, pid)), 0);
	check("setpriority", result(setpriority(PRIO_PROCESS, pid, 7)), 0);
	check("getpriority: as it was set", result(getpriority(PRIO_PROCESS, pid)), 7);
	check("getpriority: that of a thread", result(getpriority(PRIO_PROCESS, tid)), 0);
	check("setpriority: more than there is", result(setpriority(PRIO_PROCESS, pid, 99)), 0);
	check("getpriority: the most there is", result(getpriority(PRIO_PROCESS, pid)), 19);
	check("setpriority: back", result(setpriority(PRIO_PROCESS, pid, -5)), 0);
	check("setpriority: nobody has this number",
	      result(setpriority(PRIO_PROCESS, unknown, 5)), -ESRCH);
}

static long get_policy(pid_t pid)
{
	struct sched_attr_v0 attr = { };

	return result(syscall(SYS_sched_getattr, pid, &attr, sizeof(attr), 0)) ? : attr.policy;
}

static void check_scheduling(pid_t pid, pid_t tid, pid_t unknown)
{
	struct sched_param param = { .sched_priority = 7 };
	struct sched_attr_v0 attr = { .size = sizeof(attr), .policy = SCHED_BATCH, .nice = 3 };
	struct timespec interval = { .tv_sec = -1 };
	cpu_set_t cpus;

	check("sched_getscheduler", result(sched_getscheduler(pid)), SCHED_OTHER);
	check("sched_setscheduler", result(sched_setscheduler(tid, SCHED_FIFO, &param)), 0);
	check("sched_getscheduler: as it was set", result(sched_getscheduler(tid)), SCHED_FIFO);
	param.sched_priority = 8;
	check("sched_setparam", result(sched_setparam(tid, &param)), 0);
	param.sched_priority = 0;
	check("sched_getparam", result(sched_getparam(tid, &param)), 0);
	check("sched_getparam: as it was set", param.sched_priority, 8);
	param.sched_priority = 0;
	check("sched_setscheduler: back", result(sched_setscheduler(tid, SCHED_OTHER, &param)), 0);
	check("sched_setscheduler: no such policy",
	      result(sched_setscheduler(tid, 77, &param)), -EINVAL);
	check("sched_setscheduler: negative", result(sched_setscheduler(tid, -1, &param)), -EINVAL);
	check("sched_setattr", result(syscall(SYS_sched_setattr, tid, &attr, 0)), 0);
	check("sched_getattr: as it was set", get_policy(tid), SCHED_BATCH);
	check("getpriority: as sched_setattr has it", result(getpriority(PRIO_PROCESS, tid)), 3);
	attr.policy = SCHED_OTHER;
	attr.nice = 9;
	attr.flags = 0x10;	/* SCHED_FLAG_KEEP_PARAMS */
	check("sched_setattr: keep parameters",
	      result(syscall(SYS_sched_setattr, tid, &attr, 0)), 0);
	check("sched_getattr: the old policy", get_policy(tid), SCHED_BATCH);
	check("getpriority: the old one", result(getpriority(PRIO_PROCESS, tid)), 3);
	check("sched_getattr: wrong flags",
	      result(syscall(SYS_sched_getattr, tid, &attr, sizeof(attr), 1)), -EINVAL);

	CPU_ZERO(&cpus);
	check("sched_getaffinity", result(sched_getaffinity(pid, sizeof(cpus), &cpus)), 0);
	check("sched_getaffinity: CPUs", CPU_COUNT(&cpus) >= 1 && CPU_ISSET(0, &cpus), 1);
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	check("sched_setaffinity", result(sched_setaffinity(pid, sizeof(cpus), &cpus)), 0);
	CPU_ZERO(&cpus);
	CPU_SET(63, &cpus);
	check("sched_setaffinity: no such CPU",
	      result(sched_setaffinity(pid, sizeof(cpus), &cpus)), -EINVAL);
	check("sched_getscheduler: nobody", result(sched_getscheduler(unknown)), -ESRCH);
	check("sched_getaffinity: nobody", result(sched_getaffinity(unknown, sizeof(cpus), &cpus)),
	      -ESRCH);
	check("sched_setattr: nobody", result(syscall(SYS_sched_setattr, unknown, &attr, 0)),
	      -ESRCH);
	check("sched_rr_get_interval", result(sched_rr_get_interval(pid, &interval)), 0);
	check("sched_rr_get_interval: sane", interval.tv_sec == 0 && interval.tv_nsec >= 0, 1);
	check("sched_rr_get_interval: a thread", result(sched_rr_get_interval(tid, &interval)), 0);
	check("sched_rr_get_interval: nobody", result(sched_rr_get_interval(unknown, &interval)),
	      -ESRCH);
}

static void check_limits(pid_t pid, pid_t unknown)
{
	struct rlimit l = { 111, 222 }, old = { };

	check("prlimit: read", result(prlimit(pid, RLIMIT_NOFILE, NULL, &old)), 0);
	check("prlimit: what is read", old.rlim_cur > 0 && old.rlim_cur <= old.rlim_max, 1);
	check("prlimit: write", result(prlimit(pid, RLIMIT_NOFILE, &l, NULL)), 0);
	check("prlimit: both", result(prlimit(pid, RLIMIT_NOFILE, &l, &old)), 0);
	check("prlimit: as it was set", old.rlim_cur == 111 && old.rlim_max == 222, 1);
	check("prlimit: neither", result(prlimit(pid, RLIMIT_NOFILE, NULL, NULL)), 0);
	check("prlimit: no such resource", result(prlimit(pid, 99, NULL, &old)), -EINVAL);
	l.rlim_cur = 333;
	check("prlimit: more than the most",
	      result(prlimit(pid, RLIMIT_NOFILE, &l, NULL)), -EINVAL);
	check("prlimit: nobody", result(prlimit(unknown, RLIMIT_NOFILE, NULL, &old)), -ESRCH);

	check("ioprio_set", result(syscall(SYS_ioprio_set, 1, pid, 2 << 13 | 6)), 0);
	check("ioprio_get", result(syscall(SYS_ioprio_get, 1, pid)), 2 << 13 | 6);
	check("ioprio_set: no such class", result(syscall(SYS_ioprio_set, 1, pid, 6 << 13)),
	      -EINVAL);
	check("ioprio_get: nobody", result(syscall(SYS_ioprio_get, 1, unknown)), -ESRCH);
}

/* With few rights. */
static void check_user(pid_t pid, pid_t other)
{
	struct rlimit l = { 10, 20 };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	check("user: sched_setaffinity: another's",
	      result(sched_setaffinity(pid, sizeof(cpus), &cpus)), -EPERM);
	check("user: sched_setaffinity: the own",
	      result(sched_setaffinity(other, sizeof(cpus), &cpus)), 0);
	check("user: prlimit: another's", result(prlimit(pid, RLIMIT_CORE, NULL, &l)), -EPERM);
	check("user: ioprio_set: another's", result(syscall(SYS_ioprio_set, 1, pid, 3 << 13)),
	      -EPERM);
	check("user: ioprio_set: the own", result(syscall(SYS_ioprio_set, 1, other, 3 << 13)), 0);
	check("user: kill: another's process", result(kill(pid, 0)), -EPERM);
	check("user: tkill: another's process", result(syscall(SYS_tkill, pid, 0)), -EPERM);
	check("user: SIGCONT: another session's", result(kill(pid, SIGCONT)), -EPERM);
	check("user: setpriority: another's", result(setpriority(PRIO_PROCESS, pid, 9)), -EPERM);
	check("user: getpgid: anybody's", result(getpgid(pid)) > 0, 1);
	check("user: kill: the own", result(kill(other, SIGUSR1)), 0);
	check("user: setpriority: the own", result(setpriority(PRIO_PROCESS, other, 5)), 0);
	check("user: setpriority: but not less", result(setpriority(PRIO_PROCESS, other, 1)),
	      -EACCES);
}

/* root in a user namespace of its own is nobody elsewhere */
static void check_nested(pid_t pid, pid_t other)
{
	if (unshare(CLONE_NEWUSER)) {
		printf("ok %d nested # SKIP no user namespaces: %s\n", ++checks, strerror(errno));
		return;
	}
	check("nested: kill: another's process", result(kill(pid, 0)), -EPERM);
	check("nested: setpriority: another's", result(setpriority(PRIO_PROCESS, pid, 9)), -EPERM);
	check("nested: kill: the own", result(kill(other, 0)), 0);
	/* a second SIGUSR1 would be lost if the server has not seen the first */
	check("nested: kill: the own, for real", result(kill(other, SIGRTMIN + 1)), 0);
}

/* In a pid namespace of its own nothing else is there. */
static void check_namespace(pid_t pid)
{
	pid_t child;
	int status;

	if (unshare(CLONE_NEWPID)) {
		check("pid namespace", -errno, 0);
		return;
	}
	child = fork();
	if (!child)
		_exit(kill(pid, 0) < 0 && errno == ESRCH && getpid() == 1 ? 0 : 1);
	waitpid(child, &status, 0);
	check("pid namespace: others are not there", status, 0);
}

static int group(uid_t uid)
{
	if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid))) {
		perror("setresuid");
		return 1;
	}
	setsid();
	if (fork() && fork()) {
		printf("%d\n", getpid());
		fflush(stdout);
	}
	for (;;)
		pause();
}

static void check_user_groups(pid_t pgid, pid_t other)
{
	check("user: kill: another's group", result(kill(-pgid, 0)), -EPERM);
	check("user: kill: another's group: SIGCONT", result(kill(-pgid, SIGCONT)), -EPERM);
	check("user: kill: the own group", result(kill(-other, 0)), 0);
	check("user: kill: the own group: SIGCONT", result(kill(-other, SIGCONT)), 0);
	check("user: setpriority: another's group", result(setpriority(PRIO_PGRP, pgid, 9)),
	      -EPERM);
	check("user: ioprio_set: another's group",
	      result(syscall(SYS_ioprio_set, 2, pgid, 3 << 13)), -EPERM);
}

static int groups(pid_t pgid, pid_t other, pid_t unknown)
{
	check("kill: a group", result(kill(-pgid, 0)), 0);
	check("kill: no such group", result(kill(-unknown, 0)), -ESRCH);
	check("kill: no such node", result(kill(-200000000, 0)), -ESRCH);
	check("kill: no such signal", result(kill(-pgid, 65)), -EINVAL);
	check("kill: the lowest number", result(kill(-2147483647 - 1, 0)), -ESRCH);
	check("getpgid", result(getpgid(pgid)), pgid);
	errno = 0;
	check("getpriority: a group's", result(getpriority(PRIO_PGRP, pgid)), 0);
	check("setpriority: a group", result(setpriority(PRIO_PGRP, pgid, 4)), 0);
	check("setpriority: its first process", result(setpriority(PRIO_PROCESS, pgid, 6)), 0);
	check("getpriority: the highest", result(getpriority(PRIO_PGRP, pgid)), 4);
	check("getpriority: no such group", result(getpriority(PRIO_PGRP, unknown)), -ESRCH);
	check("setpriority: no such group", result(setpriority(PRIO_PGRP, unknown, 4)), -ESRCH);
	check("getpriority: a user's, which is not asked for there",
	      result(getpriority(PRIO_USER, 0)) > -20, 1);
	check("ioprio_set: a group", result(syscall(SYS_ioprio_set, 2, pgid, 2 << 13 | 6)), 0);
	check("ioprio_set: its first process",
	      result(syscall(SYS_ioprio_set, 1, pgid, 2 << 13 | 3)), 0);
	check("ioprio_get: the highest", result(syscall(SYS_ioprio_get, 2, pgid)), 2 << 13 | 3);
	check("ioprio_get: no such group", result(syscall(SYS_ioprio_get, 2, unknown)), -ESRCH);
	as_user(check_user_groups, pgid, other);
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}

static int signal_all(int sig)
{
	if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER)) {
		perror("setresuid");
		return 1;
	}
	printf("%ld\n", result(kill(-1, sig)));
	return 0;
}

#define MEMORY	(300 * 1024)
#define PAGE	65536		/* or less */

static unsigned char pattern(size_t i)
{
	return i * 7 + (i >> 8) + (i >> 16) * 3;
}

static int memory(void)
{
	unsigned char *m = mmap(NULL, MEMORY + PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	if (m == MAP_FAILED || mprotect(m + MEMORY, PAGE, PROT_NONE)) {
		perror("mmap");
		return 1;
	}
	for (i = 0; i < MEMORY; i++)
		m[i] = pattern(i);
	printf("%d %p\n", getpid(), m);
	fflush(stdout);
	for (;;)
		pause();
}

static long vm_read(pid_t pid, void *buf, size_t len, unsigned long addr, size_t rlen)
{
	struct iovec l = { buf, len }, r = { (void *)addr, rlen };

	return result(process_vm_readv(pid, &l, 1, &r, 1, 0));
}

static long vm_write(pid_t pid, void *buf, size_t len, unsigned long addr, size_t rlen)
{
	struct iovec l = { buf, len }, r = { (void *)addr, rlen };

	return result(process_vm_writev(pid, &l, 1, &r, 1, 0));
}

static long first_difference(const unsigned char *m, size_t len, size_t first)
{
	size_t i;

	for (i = 0; i < len && m[i] == pattern(first + i); i++)
		;
	return i;
}

static void check_vm_vectors(pid_t pid, unsigned long addr, unsigned char *buf)
{
	struct iovec l[3] = { { buf, 1 }, { buf + 1, 99999 }, { buf + 100000, 200000 } };
	struct iovec r[1024];
	int i;

	r[0] = (struct iovec){ (void *)addr, 70000 };
	r[1] = (struct iovec){ NULL, 0 };
	r[2] = (struct iovec){ (void *)(addr + 70000), 130000 };
	r[3] = (struct iovec){ (void *)(addr + 200000), 50000 };
	check("process_vm_readv: vectors", result(process_vm_readv(pid, l, 3, r, 4, 0)), 250000);
	check("process_vm_readv: as it was written", first_difference(buf, 250000, 0), 250000);
	for (i = 0; i < 1024; i++)
		r[i] = (struct iovec){ (void *)(addr + 1023 - i), 1 };
	check("process_vm_readv: many vectors", result(process_vm_readv(pid, l, 2, r, 1024, 0)),
	      1024);
	check("process_vm_readv: in their order",
	      buf[1023] == pattern(0) && buf[0] == pattern(1023), 1);
	check("process_vm_readv: too many", result(process_vm_readv(pid, l, 1, r, 1025, 0)),
	      -EINVAL);
	check("process_vm_readv: flags", result(process_vm_readv(pid, l, 1, r, 1, 1)), -EINVAL);
	check("process_vm_readv: nothing", result(process_vm_readv(pid, l, 1, r, 0, 0)), 0);
}

static unsigned long vm_addr;

static void check_user_vm(pid_t pid, pid_t other)
{
	char c;

	(void)other;
	check("user: process_vm_readv", vm_read(pid, &c, 1, vm_addr, 1), -EPERM);
	check("user: process_vm_writev", vm_write(pid, &c, 1, vm_addr, 1), -EPERM);
}

static int vm(pid_t pid, unsigned long addr, pid_t unknown)
{
	unsigned char *buf = malloc(MEMORY);
	size_t i;

	vm_addr = addr;
	memset(buf, 0, MEMORY);
	check("process_vm_readv", vm_read(pid, buf, MEMORY, addr, MEMORY), MEMORY);
	check("process_vm_readv: as it was written", first_difference(buf, MEMORY, 0), MEMORY);
	check_vm_vectors(pid, addr, buf);
	check("process_vm_readv: up to what cannot be read",
	      vm_read(pid, buf, 100000, addr + MEMORY - 70000, 100000), 70000);
	check("process_vm_readv: as it was written", first_difference(buf, 70000, MEMORY - 70000),
	      70000);
	check("process_vm_readv: what cannot be read", vm_read(pid, buf, 10, addr + MEMORY, 10),
	      -EFAULT);
	check("process_vm_readv: nowhere", vm_read(pid, buf, 10, 16, 10), -EFAULT);
	check("process_vm_readv: to nowhere", vm_read(pid, (void *)16, 10, addr, 10), -EFAULT);
	check("process_vm_readv: nobody", vm_read(unknown, buf, 10, addr, 10), -ESRCH);

	for (i = 0; i < 200000; i++)
		buf[i] = pattern(i + 1);
	check("process_vm_writev", vm_write(pid, buf, 200000, addr + 100, 200000), 200000);
	check("process_vm_writev: up to what cannot be written",
	      vm_write(pid, buf, 90000, addr + MEMORY - 80000, 90000), 80000);
	check("process_vm_writev: from nowhere", vm_write(pid, (void *)16, 10, addr, 10), -EFAULT);
	check("process_vm_writev: nobody", vm_write(unknown, buf, 10, addr, 10), -ESRCH);
	memset(buf, 0, MEMORY);
	check("process_vm_readv: all", vm_read(pid, buf, MEMORY, addr, MEMORY), MEMORY);
	check("process_vm_writev: before it", first_difference(buf, 100, 0), 100);
	check("process_vm_writev: as it was written", first_difference(buf + 100, 200000, 1),
	      200000);
	check("process_vm_writev: at the end", first_difference(buf + MEMORY - 80000, 80000, 1),
	      80000);
	as_user(check_user_vm, pid, 0);
	for (i = 0; i < MEMORY; i++)
		buf[i] = pattern(i);
	check("process_vm_writev: back", vm_write(pid, buf, MEMORY, addr, MEMORY), MEMORY);
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}

static int list(void)
{
	char buf[512] __attribute__((aligned(8)));
	int fd = open("/proc", O_RDONLY | O_DIRECTORY);
	long n, i;

	if (fd < 0) {
		perror("/proc");
		return 1;
	}
	while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i += ((struct dirent64 *)(buf + i))->d_reclen)
			if (atoi(((struct dirent64 *)(buf + i))->d_name))
				puts(((struct dirent64 *)(buf + i))->d_name);
	return n < 0;
}

static int clock_runs(clockid_t clock)
{
	struct timespec t;

	return !clock_gettime(clock, &t) && t.tv_sec + t.tv_nsec > 0;
}

static int clocks(void)
{
	clockid_t process, thread;
	pid_t child = fork();
	int i, runs = 0;

	if (!child) {
		pause();
		_exit(0);
	}
	/* it may not have run yet */
	for (i = 0; i < 1000 && !runs; i++) {
		runs = !clock_getcpuclockid(child, &process) && clock_runs(process);
		usleep(1000);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	runs = runs && !pthread_getcpuclockid(pthread_self(), &thread) && clock_runs(thread);
	puts(runs ? "run" : "stand still");
	return !runs;
}

int main(int argc, char **argv)
{
	pid_t pid, tid, other, unknown;

	if ((argc == 2 || argc == 3) && !strcmp(argv[1], "serve"))
		return serve(argc == 3 ? atoi(argv[2]) : 0);
	if ((argc == 2 || argc == 3) && !strcmp(argv[1], "group"))
		return group(argc == 3 ? atoi(argv[2]) : 0);
	if (argc == 5 && !strcmp(argv[1], "groups"))
		return groups(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	if (argc == 3 && !strcmp(argv[1], "all"))
		return signal_all(atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "memory"))
		return memory();
	if (argc == 5 && !strcmp(argv[1], "vm"))
		return vm(atoi(argv[2]), strtoul(argv[3], NULL, 16), atoi(argv[4]));
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if (argc == 2 && !strcmp(argv[1], "clock"))
		return clocks();
	if (argc != 6 || strcmp(argv[1], "check")) {
		fprintf(stderr, "usage: remote serve [UID] | remote group [UID] | remote memory |\n"
			"       remote list | remote clock | remote all SIGNAL |\n"
			"       remote check PID TID OTHER UNKNOWN |\n"
			"       remote groups GROUP OTHER UNKNOWN | remote vm PID ADDRESS UNKNOWN\n");
		return 2;
	}
	pid = atoi(argv[2]);
	tid = atoi(argv[3]);
	other = atoi(argv[4]);
	unknown = atoi(argv[5]);
	check_signals(pid, tid, unknown);
	check_others(pid, tid, unknown);
	check_scheduling(pid, tid, unknown);
	check_limits(pid, unknown);
	as_user(check_user, pid, other);
	as_user(check_nested, pid, other);
	check_namespace(pid);
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}
