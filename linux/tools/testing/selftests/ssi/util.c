// SPDX-License-Identifier: GPL-2.0
/*
 * Small things that many subtests need: children and how they end, time,
 * patterns in memory, files.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "torture.h"

static int reap(const char *file, int line, pid_t pid, int flags)
{
	int status;
	pid_t got;

	do {
		got = waitpid(pid, &status, flags);
	} while (got < 0 && errno == EINTR);
	if (got != pid)
		fail(file, line, "waitpid(%d) is %d: %s", pid, got,
		     strerror(errno));
	return status;
}

void check_exits(const char *file, int line, pid_t pid, int code)
{
	int status = reap(file, line, pid, 0);

	if (WIFSIGNALED(status))
		fail(file, line, "child killed by signal %d, expected exit %d",
		     WTERMSIG(status), code);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		fail(file, line, "child status 0x%x, expected exit %d", status,
		     code);
}

int check_killed(const char *file, int line, pid_t pid, int sig)
{
	int status = reap(file, line, pid, 0);

	if (!WIFSIGNALED(status) || WTERMSIG(status) != sig)
		fail(file, line, "child status 0x%x, expected death by %d",
		     status, sig);
	return status;
}

void check_stops(const char *file, int line, pid_t pid, int sig)
{
	int status = reap(file, line, pid, WUNTRACED);

	if (!WIFSTOPPED(status) || WSTOPSIG(status) != sig)
		fail(file, line, "child status 0x%x, expected stop by %d",
		     status, sig);
}

/* A child that runs @fn and exits with 0 when that returns. */
pid_t child(void (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid < 0)
		FAIL("fork: %s", strerror(errno));
	if (!pid) {
		fn(arg);
		_exit(EXIT_PASS);
	}
	return pid;
}

static int ready_pipe[2] = { -1, -1 };

/* Called by the function of child_ready(): what it prepared is there. */
void ready(void)
{
	if (write(ready_pipe[1], "r", 1) != 1)
		FAIL("write: %s", strerror(errno));
	close(ready_pipe[1]);
}

static int still_expected;

/* For a child of several threads: ready() when each of them called this. */
void expect_count(int threads)
{
	WRITE(still_expected, threads);
}

void ready_count(void)
{
	if (!ADD(still_expected, -1))
		ready();
}

/* As child(), but returns when the child called ready(). */
pid_t child_ready(void (*fn)(void *arg), void *arg)
{
	pid_t pid;
	char c;

	CHECK_OK(pipe(ready_pipe));
	pid = fork();
	if (pid < 0)
		FAIL("fork: %s", strerror(errno));
	if (!pid) {
		close(ready_pipe[0]);
		fn(arg);
		_exit(EXIT_PASS);
	}
	close(ready_pipe[1]);
	CHECK_EQ(read(ready_pipe[0], &c, 1), 1);
	close(ready_pipe[0]);
	return pid;
}

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1000000000.0;
}

/* Sleep that long, signals or not. */
void sleep_ms(unsigned int ms)
{
	struct timespec ts = {
		.tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000L,
	};

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* Be busy in user mode for that long. */
void spin_ms(unsigned int ms)
{
	double end = now() + ms / 1000.0;

	while (now() < end)
		;
}

/*
 * A period for timers whose handlers must leave time for other work: at least
 * @ms, and many times what a system call costs where the caller is now. A timer
 * that is faster than its handling lets nothing else run, on any machine.
 */
unsigned int pace_ms(unsigned int ms)
{
	double start = now(), cost;
	int i;

	for (i = 0; i < 8; i++)
		syscall(SYS_getppid);
	cost = (now() - start) / 8 * 1000;
	return cost * 40 > ms ? cost * 40 : ms;
}

uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x;
}

uint64_t checksum(const void *mem, size_t len)
{
	uint64_t sum = 0xcbf29ce484222325;
	const uint64_t *word = mem;
	size_t i;

	for (i = 0; i < len / 8; i++) {
		sum ^= word[i];
		sum *= 0x100000001b3;
		sum ^= sum >> 29;
	}
	return sum;
}

void fill(void *mem, size_t len, uint64_t seed)
{
	uint64_t *word = mem;
	size_t i;

	seed |= 1;
	for (i = 0; i < len / 8; i++)
		word[i] = random_next(&seed);
}

void *map_anon(size_t len)
{
	return CHECK_OK(mmap(NULL, len, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

void handle(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	CHECK_OK(sigaction(sig, &sa, NULL));
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = write(fd, text, strlen(text));
	if (len < 0)
		len = -errno;
	close(fd);
	return len < 0 ? (int)len : 0;
}

/* All of a small file, with a zero byte behind it. */
ssize_t read_file(const char *path, char *buf, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	do {
		got = read(fd, buf + have, len - 1 - have);
		if (got > 0)
			have += got;
	} while (got > 0 && have < len - 1);
	close(fd);
	buf[have] = 0;
	return got < 0 ? -1 : (ssize_t)have;
}

/* An open file without a name, on whatever /tmp is. */
int temp_file(void)
{
	char path[] = "/tmp/ssi-torture-XXXXXX";
	int fd = CHECK_OK(mkstemp(path));

	CHECK_OK(unlink(path));
	return fd;
}

/* Wait until /proc shows the process in a state, for example S or T. */
void wait_state(pid_t pid, char state)
{
	double end = now() + 30;
	char path[40], buf[512];
	char *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (;;) {
		if (read_file(path, buf, sizeof(buf)) < 0)
			FAIL("%s: %s", path, strerror(errno));
		p = strrchr(buf, ')');
		if (p && p[1] && p[2] == state)
			return;
		if (now() > end)
			FAIL("process %d did not reach state %c: %s", pid,
			     state, buf);
		sleep_ms(5);
	}
}
