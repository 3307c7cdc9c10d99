// SPDX-License-Identifier: GPL-2.0
/*
 * What runs while nodes and links fail.
 *
 * worker work FILE	checks all that it does, step after step, until SIGTERM
 * worker move SEED PID...	moves these processes to nodes at random, until SIGTERM
 *
 * A worker keeps numbers in memory and their sums elsewhere, writes a file of its home and
 * reads it again, has children that answer by pipe and exit status, and has threads under
 * a lock. What is not as it was left ends it with a sentence and status 1. It prints its
 * number of steps each second: one that does not is stuck. After SIGTERM it looks at all
 * its memory and says "right".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ssi_move.h"

#define PAGES	256
#define WORDS	512		/* of 4 KiB */
#define RECORDS	512
#define THREADS	2

struct record {
	uint64_t step;
	uint64_t sum;
};

static uint64_t (*memory)[WORDS];
static uint64_t sums[PAGES];
static uint64_t steps, seed = 88172645463325252ull;
static int file;
static atomic_bool ended;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t counts[THREADS], both[2];

static void __attribute__((noreturn, format(printf, 1, 2))) wrong(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("wrong: process %d, step %llu: ", getpid(), (unsigned long long)steps);
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	fflush(stdout);
	_exit(1);
}

static void handle_end(int sig)
{
	(void)sig;
	ended = true;
}

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t sum_of(const uint64_t *words)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < WORDS; i++)
		sum = (sum << 1 | sum >> 63) ^ words[i];
	return sum;
}

static void check_page(int page)
{
	uint64_t sum = sum_of(memory[page]);

	if (sum != sums[page])
		wrong("page %d has the sum %llx, not %llx", page, (unsigned long long)sum,
		      (unsigned long long)sums[page]);
}

static void step_memory(void)
{
	int page = next_random() % PAGES, i;

	check_page(page);
	for (i = 0; i < 8; i++)
		memory[page][next_random() % WORDS] = next_random();
	sums[page] = sum_of(memory[page]);
}

/* A ring of records: the oldest is looked at before it is written over. */
static void step_file(void)
{
	off_t at = steps % RECORDS * sizeof(struct record);
	struct record r = { 0 };

	if (steps >= RECORDS) {
		if (pread(file, &r, sizeof(r), at) != sizeof(r))
			wrong("the file cannot be read: %s", strerror(errno));
		if (r.step != steps - RECORDS || r.sum != (r.step ^ 0x5a5a5a5a))
			wrong("the file has step %llu where %llu was written",
			      (unsigned long long)r.step, (unsigned long long)(steps - RECORDS));
	}
	r.step = steps;
	r.sum = steps ^ 0x5a5a5a5a;
	if (pwrite(file, &r, sizeof(r), at) != sizeof(r))
		wrong("the file cannot be written: %s", strerror(errno));
}

static void step_child(void)
{
	int page = next_random() % PAGES, fds[2], status;
	uint64_t sum = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(fds))
		wrong("no pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		wrong("no child: %s", strerror(errno));
	if (!pid) {
		sum = sum_of(memory[page]);
		memory[page][0]++;	/* its own copy */
		_exit(write(fds[1], &sum, sizeof(sum)) == sizeof(sum) ? 42 : 1);
	}
	close(fds[1]);
	do {
		n = read(fds[0], &sum, sizeof(sum));
	} while (n < 0 && errno == EINTR);
	close(fds[0]);
	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			wrong("waiting for the child: %s", strerror(errno));
	/* memory that it shares with us was on a node that is lost: others judge that */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		printf("child killed\n");
		return;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 42)
		wrong("the child ended with status %x", status);
	if (n != sizeof(sum) || sum != sums[page])
		wrong("the child read %zd bytes, sum %llx, of page %d, not %llx", n,
		      (unsigned long long)sum, page, (unsigned long long)sums[page]);
	check_page(page);
}

static void *count(void *arg)
{
	uint64_t *mine = arg;
	struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

	while (!ended) {
		pthread_mutex_lock(&lock);
		if (both[0] != both[1])
			wrong("two threads have the lock");
		both[0]++;
		++*mine;
		both[1]++;
		pthread_mutex_unlock(&lock);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void step(void)
{
	/* also so that many of them fit on a CPU */
	struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };

	nanosleep(&pause, NULL);
	step_memory();
	step_file();
	if (steps % 32 == 31)
		step_child();
	steps++;
}

static int work(const char *path)
{
	pthread_t threads[THREADS];
	double said = 0, now, last = 0;
	int i;

	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		wrong("%s: %s", path, strerror(errno));
	memory = mmap(NULL, sizeof(*memory) * PAGES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		wrong("no memory: %s", strerror(errno));
	seed += (uint64_t)getpid() << 32;
	for (i = 0; i < PAGES; i++) {
		memory[i][0] = next_random();
		sums[i] = sum_of(memory[i]);
	}
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, count, &counts[i]))
			wrong("no thread");
	printf("pid %d\n", getpid());
	while (!ended) {
		step();
		now = seconds();
		if (now < last)
			wrong("time went back by %g s", last - now);
		last = now;
		if (now - said >= 0.5) {
			printf("step %llu\n", (unsigned long long)steps);
			said = now;
		}
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < PAGES; i++)
		check_page(i);
	if (counts[0] + counts[1] != both[0])
		wrong("the threads counted %llu and %llu, together %llu",
		      (unsigned long long)counts[0], (unsigned long long)counts[1],
		      (unsigned long long)both[0]);
	printf("right %llu\n", (unsigned long long)steps);
	return 0;
}

static int mover(int argc, char **argv)
{
	unsigned int nodes[64], done = 0, refused = 0;
	struct timespec pause = { 0 };
	int nr = ssi_nodes(nodes, 64), i;

	seed ^= strtoull(argv[0], NULL, 10) * 2654435761u;
	for (i = 0; i < 10; i++)
		next_random();
	if (nr < 0 || argc < 2)
		wrong("no nodes, or no processes to move");
	while (!ended) {
		pid_t pid = atoi(argv[1 + next_random() % (argc - 1)]);
		unsigned int to = next_random() % (nr + 1);

		/* node 0 is home */
		if (ssi_move_pid(pid, to == (unsigned int)nr ? 0 : nodes[to],
				 next_random() % 2, NULL))
			refused++;
		else
			done++;
		pause.tv_nsec = next_random() % (100 * 1000 * 1000);
		nanosleep(&pause, NULL);
	}
	printf("moved %u refused %u\n", done, refused);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = handle_end, .sa_flags = SA_RESTART };

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGTERM, &sa, NULL);
	if (argc == 3 && !strcmp(argv[1], "work"))
		return work(argv[2]);
	if (argc > 3 && !strcmp(argv[1], "move"))
		return mover(argc - 2, argv + 2);
	fprintf(stderr, "usage: worker work FILE | worker move SEED PID...\n");
	return 2;
}
