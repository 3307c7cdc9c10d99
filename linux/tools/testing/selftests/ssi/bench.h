/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the benchmark share. Each command prints lines
 *
 *	NAME ROUND VALUE
 *
 * with times in nanoseconds and sizes in bytes, and lines that begin with "#"
 * for people; ci/bench makes ratios of them.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>
#include <time.h>

struct ssi_where;

#define BENCH_PORT	7500
#define PAGE		4096UL
#define MIB		(1UL << 20)

static inline double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/*
 * The counter that user mode may read: the same rate on all virtual machines of
 * one computer, and one per instruction under QEMU's -icount shift=0 on x86_64.
 */
static inline uint64_t ticks(void)
{
#ifdef __x86_64__
	uint32_t low, high;

	asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
#else
	uint64_t value;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r"(value) : : "memory");
	return value;
#endif
}

/* How many ticks make a second, where the machine says so; else 0. */
static inline unsigned long ticks_per_second(void)
{
#ifdef __x86_64__
	return 0;
#else
	unsigned long value;

	asm volatile("mrs %0, cntfrq_el0" : "=r"(value));
	return value;
#endif
}

#define PATIENCE	600	/* seconds for one measurement */

/**
 * struct bench_options - what the command line says
 * @node: the other node
 * @address: of that node
 * @rounds: how often everything is measured
 * @stream: bytes that are touched in a row
 * @moves: per round and size
 */
struct bench_options {
	unsigned int node;
	const char *address;
	int rounds;
	size_t stream;
	int moves;
};

extern struct bench_options opt;

/* bench.c */
noreturn void die(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
double median(double *values, int nr);
void out(const char *name, int round, double value);
char *fill(size_t size);
void touch_all(char *p, size_t size);
pid_t fork_with_pipe(int *pipes);

/**
 * struct spinner - a process that only computes, and what it tells
 * @pid: the process
 * @fd: pipe that it writes to
 */
struct spinner {
	pid_t pid;
	int fd;
};

/* bench_move.c */
void spinner_start(struct spinner *s, size_t size);
void spinner_stop(struct spinner *s);
void spinner_move(struct spinner *s, unsigned int node, struct ssi_where *where);
void freezes(int round);
void totals(unsigned long mib, int round);

/* bench_net.c: raw user-space TCP */
int net_serve(int port, const char *directory);
double net_round_trip(const char *address, size_t there, size_t back, int nr);
double net_bulk(const char *address, size_t bytes);
int net_send_files(const char *address, const char *directory);

/* bench_insns.c: instructions of system calls, fork and exec */
int insns(int rounds);

/* bench_profile.c: where the machine spends its time */
int profile(int seconds);

#endif /* BENCH_H */
