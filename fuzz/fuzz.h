/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the two halves of the fuzzer: that which sees the kernel's headers, and main.c,
 * which sees those of the C library. Only plain types here.
 */
#ifndef _FUZZ_H
#define _FUZZ_H

/**
 * struct fuzz_target - a parser, and what is to hold of it
 * @name: for people
 * @max_len: longest input
 * @slow: how much less often than others it is run, or 0
 * @run: feed it with one input; calls fuzz_fail() if something does not hold
 * @seed: write the seed @nr into @buf, of at least @max_len bytes; returns its length, or 0
 *	if there are no more
 * @mutate: optional: change an input in a way that bytes alone do not tell
 */
struct fuzz_target {
	const char *name;
	unsigned long max_len;
	unsigned int slow;
	void (*run)(const unsigned char *data, unsigned long len);
	unsigned long (*seed)(unsigned int nr, unsigned char *buf);
	unsigned long (*mutate)(unsigned char *data, unsigned long len, unsigned long max,
				unsigned int seed);
};

/* ends with NULL */
extern const struct fuzz_target * const fuzz_targets[];

/* kernel.c: begin an input: random numbers and the clock start again */
void fuzz_begin(unsigned int seed);
/* kernel.c: end an input: nothing may be left allocated */
void fuzz_end(void);

/* main.c */
void fuzz_fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *fuzz_malloc(unsigned long size);
void fuzz_free(const void *p);
void fuzz_poison(const void *p, unsigned long size);
void fuzz_unpoison(const void *p, unsigned long size);
unsigned long LLVMFuzzerMutate(unsigned char *data, unsigned long len, unsigned long max);

#endif /* _FUZZ_H */
