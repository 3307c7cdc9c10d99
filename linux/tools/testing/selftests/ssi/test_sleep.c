// SPDX-License-Identifier: GPL-2.0
/*
 * Sleeping until a time, and until another thread or process does something; and
 * what is left of the time when a sleep is interrupted.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "torture.h"
#include "waits.h"

#define WAITING(name, nr1, nr2, rule, prep, wt, ev, fin)			\
	CALL(sleep, name, nr1, nr2, rule, prep, wt, ev, fin)

static double started;

static void time_prepare(void)
{
	started = 0;
}

/* From the first time that it waits. */
static double ends(void)
{
	if (!started)
		started = now();
	return started + 0.6;
}

static long clock_nanosleep_wait(void)
{
	struct timespec ts;
	int err;

	ts.tv_sec = (time_t)ends();
	ts.tv_nsec = (ends() - ts.tv_sec) * 1e9;
	err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	errno = err;
	return err ? -1 : 0;
}

static void time_finish(long result)
{
	CHECK_EQ(result, 0);
	CHECK(now() - started > 0.59);
}

WAITING(clock_nanosleep, SYS_clock_nanosleep, -1, NEVER_RESTARTS, time_prepare,
	clock_nanosleep_wait, NULL, time_finish)

static long nanosleep_wait(void)
{
	static struct timespec left;

	if (!started) {
		left.tv_sec = 0;
		left.tv_nsec = 600000000;
	}
	ends();
	return nanosleep(&left, &left);
}

WAITING(nanosleep, SYS_nanosleep, SYS_clock_nanosleep, NEVER_RESTARTS,
	time_prepare, nanosleep_wait, NULL, time_finish)

static long futex_timeout(void)
{
	static uint32_t word;
	struct timespec ts;
	long ret;

	ts.tv_sec = (time_t)ends();
	ts.tv_nsec = (ends() - ts.tv_sec) * 1e9;
	ret = syscall(SYS_futex, &word,
		      FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, &ts, NULL,
		      FUTEX_BITSET_MATCH_ANY);
	if (ret == -1 && errno == ETIMEDOUT)
		return 0;
	return ret;
}

WAITING(futex_timeout, SYS_futex, -1, NEVER_RESTARTS, time_prepare,
	futex_timeout, NULL, time_finish)

static pid_t waited_for;
static int gate[2];

static void wait_prepare(void)
{
	char c;

	started = 0;
	CHECK_OK(pipe(gate));
	waited_for = CHECK_OK(fork());
	if (!waited_for) {
		close(gate[1]);
		/* the end of it, when it is waited for */
		CHECK_EQ(read(gate[0], &c, 1), 0);
		sleep_ms(600);
		_exit(7);
	}
	close(gate[0]);
}

static void wait_begin(void)
{
	if (started)
		return;
	started = now();
	close(gate[1]);
}

static long wait_wait(void)
{
	int status;
	pid_t pid;

	wait_begin();
	pid = wait4(waited_for, &status, 0, NULL);
	return pid < 0 ? -1 : WEXITSTATUS(status);
}

static void wait_finish(long result)
{
	CHECK_EQ(result, 7);
}

WAITING(wait4, SYS_wait4, -1, RESTARTS, wait_prepare, wait_wait, NULL,
	wait_finish)

static long pidfd_poll(void)
{
	struct pollfd pfd = { .events = POLLIN };
	long n;

	pfd.fd = CHECK_OK(syscall(SYS_pidfd_open, waited_for, 0));
	wait_begin();
	n = poll(&pfd, 1, 30000);
	close(pfd.fd);
	return n;
}

static void pidfd_finish(long result)
{
	CHECK_EQ(result, 1);
	CHECK_EXITS(waited_for, 7);
}

WAITING(pidfd_poll, NR_POLL, -1, NEVER_RESTARTS, wait_prepare, pidfd_poll, NULL,
	pidfd_finish)

static siginfo_t waitid_info;

static long waitid_wait(void)
{
	wait_begin();
	return waitid(P_PID, waited_for, &waitid_info, WEXITED);
}

static void waitid_finish(long result)
{
	CHECK_EQ(result, 0);
	CHECK_EQ(waitid_info.si_pid, waited_for);
	CHECK_EQ(waitid_info.si_status, 7);
}

WAITING(waitid, SYS_waitid, -1, RESTARTS, wait_prepare, waitid_wait, NULL,
	waitid_finish)

/* A signal that is waited for, not handled. */
static void signal_prepare(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
}

static long signal_wait(void)
{
	struct timespec ts = { .tv_sec = 60 };
	siginfo_t si;
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sig = sigtimedwait(&set, &si, &ts);
	return sig == SIGRTMIN ? si.si_value.sival_int : -1;
}

static void signal_event(void)
{
	CHECK_OK(sigqueue(getppid(), SIGRTMIN,
			  (union sigval){ .sival_int = 78 }));
}

static void signal_finish(long result)
{
	CHECK_EQ(result, 78);
}

WAITING(sigtimedwait, SYS_rt_sigtimedwait, -1, EINTR_AFTER_STOP, signal_prepare,
	signal_wait, signal_event, signal_finish)

/* Two processes and a word that both have; this one never reads it itself. */
static uint32_t *shared_word;

static void word_prepare(void)
{
	if (!shared_word)
		shared_word = CHECK_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	WRITE(*shared_word, 5);
}

/* A call that is restarted too late to be woken sees that the word is another. */
static long woken(long result)
{
	if (result == -1 && errno == EAGAIN && READ(*shared_word) == 6)
		return 0;
	return result;
}

static long word_wait(void)
{
	return woken(syscall(SYS_futex, shared_word, FUTEX_WAIT, 5, NULL, NULL,
			     0));
}

static void word_event(void)
{
	WRITE(*shared_word, 6);
	CHECK_OK(syscall(SYS_futex, shared_word, FUTEX_WAKE, 1, NULL, NULL, 0));
}

static void word_finish(long result)
{
	CHECK_EQ(result, 0);
	CHECK_EQ(READ(*shared_word), 6);
}

WAITING(futex, SYS_futex, -1, RESTARTS, word_prepare, word_wait, word_event,
	word_finish)

#ifndef SYS_futex_waitv
#define SYS_futex_waitv	449
#endif

struct waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

static long waitv_wait(void)
{
	struct waitv list[2] = {
		{ .val = 0, .uaddr = (uintptr_t)(shared_word + 8), .flags = 2 },
		{ .val = 5, .uaddr = (uintptr_t)shared_word, .flags = 2 },
	};
	long which = syscall(SYS_futex_waitv, list, 2, 0, NULL, 0);

	if (which < 0 && errno == ENOSYS)
		skip("no futex_waitv() in this kernel");
	return which == 1 ? 0 : woken(which);
}

static void waitv_finish(long result)
{
	CHECK_EQ(result, 0);
}

WAITING(futex_waitv, SYS_futex_waitv, -1, RESTARTS, word_prepare, waitv_wait,
	word_event, waitv_finish)

/*
 * How long? A sleep that is stopped and continued ends when it would have ended
 * without; not that long after it went on.
 */
#define NAP	3.0

static struct timespec left;

static struct timespec *nap(void)
{
	left.tv_sec = (time_t)NAP;
	left.tv_nsec = (NAP - (time_t)NAP) * 1e9;
	return &left;
}

static double left_s(void)
{
	return left.tv_sec + left.tv_nsec / 1e9;
}

/**
 * struct sleep - one way to sleep
 * @nr: the system call
 * @sleep: sleep for what is @left; 0 when the time is over, else -1 and EINTR
 * @tells: whether it says in @left what is left
 */
struct sleep {
	long nr[2];
	long (*sleep)(void);
	bool tells;
};

static long by_nanosleep(void)
{
	return syscall(SYS_nanosleep, &left, &left);
}

static long by_clock_nanosleep(void)
{
	return syscall(SYS_clock_nanosleep, CLOCK_BOOTTIME, 0, &left, &left);
}

static long by_poll(void)
{
	return poll(NULL, 0, left_s() * 1000);
}

static long by_ppoll(void)
{
	return syscall(SYS_ppoll, NULL, 0, &left, NULL, 8);
}

static long by_pselect(void)
{
	return syscall(SYS_pselect6, 0, NULL, NULL, NULL, &left, NULL);
}

static uint32_t futex_word;

static long timed_out(long result)
{
	return result == -1 && errno == ETIMEDOUT ? 0 : result;
}

static long by_futex(void)
{
	return timed_out(syscall(SYS_futex, &futex_word,
				 FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, &left,
				 NULL, 0));
}

static const struct sleep naps[] = {
	{ { SYS_nanosleep, -1 }, by_nanosleep, true },
	{ { SYS_clock_nanosleep, -1 }, by_clock_nanosleep, true },
	{ { NR_POLL, -1 }, by_poll, false },
	{ { SYS_ppoll, -1 }, by_ppoll, true },
	{ { SYS_pselect6, -1 }, by_pselect, true },
	{ { SYS_futex, -1 }, by_futex, false },
};

/*
 * The helper came too late for the sleep, as the machine paused it. It is tried again:
 * a kernel that is wrong is so every time.
 */
#define TOO_LATE	2
#define TRIES		3

/* How did the helper end? A handler may end the wait for it. */
static bool was_in_time(pid_t pid)
{
	int status;
	pid_t got;

	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	CHECK_EQ(got, pid);
	if (!WIFEXITED(status) ||
	    (WEXITSTATUS(status) && WEXITSTATUS(status) != TOO_LATE))
		FAIL("the helper ends with status 0x%x", status);
	return !WEXITSTATUS(status);
}

static int last_go[2];

static void stop_and_go(void *arg)
{
	const struct sleep *s = arg;
	pid_t pid = getppid();
	double went_on;
	int i;

	for (i = 0; i < 3; i++) {
		sleep_ms(i ? 400 : 0);
		/* what has begun is over when that time has passed once more */
		if (!in_call(pid, s->nr, i ? NAP : 30))
			_exit(TOO_LATE);
		CHECK_OK(kill(pid, SIGSTOP));
		wait_state(pid, 'T');
		sleep_ms(250);
		went_on = now();
		CHECK_OK(kill(pid, SIGCONT));
	}
	CHECK_EQ(write(last_go[1], &went_on, sizeof(went_on)), sizeof(went_on));
}

/* False if it ended so late that it may have begun anew. */
static bool stops_once(const struct sleep *s)
{
	double start, end, went_on;
	bool in_time;
	pid_t pid;

	CHECK_OK(pipe(last_go));
	nap();
	away();
	pid = child(stop_and_go, (void *)s);
	syscall(SYS_getppid);
	start = now();
	CHECK_EQ(s->sleep(), 0);
	end = now();
	home();
	in_time = was_in_time(pid);
	if (end - start < NAP - 0.01)
		FAIL("slept %.3f s instead of %.3f", end - start, NAP);
	if (in_time) {
		CHECK_EQ(read(last_go[0], &went_on, sizeof(went_on)),
			 sizeof(went_on));
		in_time = end - went_on <= NAP - 0.3;
		if (!in_time)
			note("slept %.3f s from the beginning, %.3f s after it went on",
			     end - start, end - went_on);
	}
	close(last_go[0]);
	close(last_go[1]);
	return in_time;
}

/* With a restart block: the call is restarted with what is left of the time. */
static void stops(const struct sleep *s)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++)
		if (stops_once(s))
			return;
	FAIL("%d times it was stopped too late, or slept too long", tries);
}

static int handled;

static void on_usr1(int sig)
{
	(void)sig;
	ADD(handled, 1);
}

static void wake_up(void *arg)
{
	const struct sleep *s = arg;

	if (!in_call(getppid(), s->nr, 30))
		_exit(TOO_LATE);
	sleep_ms(300);
	CHECK_OK(kill(getppid(), SIGUSR1));
}

/* False if the signal came when the time was over. */
static bool handler_ends(const struct sleep *s)
{
	double start, middle;
	long result;
	pid_t pid;

	WRITE(handled, 0);
	nap();
	away();
	pid = child(wake_up, (void *)s);
	syscall(SYS_getppid);
	start = now();
	result = s->sleep();
	middle = now();
	if (!result) {
		if (middle - start < NAP - 0.01)
			FAIL("slept %.3f s instead of %.3f", middle - start, NAP);
		was_in_time(pid);
		home();
		return false;
	}
	CHECK_EQ(result, -1);
	CHECK_EQ(errno, EINTR);
	CHECK_EQ(READ(handled), 1);
	CHECK(middle - start > 0.29);
	if (s->tells) {
		if (left_s() > NAP - 0.29 ||
		    left_s() < NAP - (middle - start) - 0.1)
			FAIL("after %.3f of %.3f s, %.3f s are left",
			     middle - start, NAP, left_s());
		CHECK_EQ(s->sleep(), 0);
		CHECK(now() - start > NAP - 0.01);
	}
	home();
	CHECK_EXITS(pid, 0);
	return true;
}

/* A handler ends each of them, with SA_RESTART and without. */
static void handlers(const struct sleep *s, int flags)
{
	int tries;

	handle(SIGUSR1, on_usr1, flags);
	for (tries = 0; tries < TRIES; tries++)
		if (handler_ends(s))
			return;
	FAIL("no handler ended any of %d sleeps", tries);
}

static void disturbed(const struct sleep *s)
{
	stops(s);
	handlers(s, 0);
	handlers(s, SA_RESTART);
}

/* For all tries, each with a helper that looks for half a minute. */
#define LEFT_SECONDS	400

TEST_SECONDS(sleep, nanosleep_left, LEFT_SECONDS)
{
	disturbed(&naps[0]);
}

TEST_SECONDS(sleep, clock_nanosleep_left, LEFT_SECONDS)
{
	disturbed(&naps[1]);
}

TEST_SECONDS(sleep, poll_left, LEFT_SECONDS)
{
	disturbed(&naps[2]);
}

TEST_SECONDS(sleep, ppoll_left, LEFT_SECONDS)
{
	disturbed(&naps[3]);
}

TEST_SECONDS(sleep, pselect_left, LEFT_SECONDS)
{
	disturbed(&naps[4]);
}

TEST_SECONDS(sleep, futex_left, LEFT_SECONDS)
{
	disturbed(&naps[5]);
}
