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
	check("nested: kill: the own, for real", result(kill(other, SIGUSR1)), 0);
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
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if (argc == 2 && !strcmp(argv[1], "clock"))
		return clocks();
	if (argc != 6 || strcmp(argv[1], "check")) {
		fprintf(stderr, "usage: remote serve [UID] | remote list | remote clock |\n"
			"       remote check PID TID OTHER UNKNOWN\n");
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
