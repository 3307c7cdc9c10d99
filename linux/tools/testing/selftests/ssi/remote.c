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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USER	1000
#define MISSING	(1 << 28)	/* one more than there can be */

static int checks, failures;

static void check(const char *name, long got, long expected)
{
	bool ok = got == expected;

	checks++;
	printf("%sok %d %s\n", ok ? "" : "not ", checks, name);
	if (!ok) {
		failures++;
		printf("# %ld, expected %ld\n", got, expected);
	}
}

/* What it returned, or the negative errno. */
static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

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

static int serve(uid_t uid)
{
	sigset_t all;
	pthread_t t;

	if (uid && (setresgid(uid, uid, uid) || setresuid(uid, uid, uid))) {
		perror("setresuid");
		return 1;
	}
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

/* With few rights. */
static void check_user(pid_t pid, pid_t other)
{
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

/* The counters are the parent's: what the child counted comes back as its status. */
static void as_user(void (*fn)(pid_t pid, pid_t other), pid_t pid, pid_t other)
{
	int before = checks, status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			_exit(255);
		failures = 0;
		fn(pid, other);
		fflush(stdout);
		_exit((checks - before) << 4 | (failures > 15 ? 15 : failures));
	}
	waitpid(child, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 255) {
		check("a user's process", status, 0);
		return;
	}
	checks += WEXITSTATUS(status) >> 4;
	failures += WEXITSTATUS(status) & 15;
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
	as_user(check_user, pid, other);
	as_user(check_nested, pid, other);
	check_namespace(pid);
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}
