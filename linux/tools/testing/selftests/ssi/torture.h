/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every subject file of the LinuxSSI torture program uses.
 *
 * A subtest is one function, written with TEST(subject, name). The runner
 * calls it in a process and a session of its own. It passes when it returns;
 * CHECK*() print what differed and end the process. Nothing here is shared
 * writable memory: a shared mapping would bring the process home and so hide
 * what is to be tested.
 */
#ifndef TORTURE_H
#define TORTURE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define EXIT_PASS	0
#define EXIT_FAIL	1
#define EXIT_SKIP	4

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Plain accesses that the compiler may neither merge nor leave out. */
#define READ(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELAXED)
#define ADD(x, v)	__atomic_add_fetch(&(x), (v), __ATOMIC_SEQ_CST)

/**
 * struct torture_test - one subtest
 * @subject: what it is about, the name of the file it stands in
 * @name: what it shows, unique in its subject
 * @seconds: how long it may take before the runner kills it
 * @run: the function; it returns to pass
 */
struct torture_test {
	const char *subject;
	const char *name;
	unsigned int seconds;
	void (*run)(void);
};

/* The linker names the ends of the section that TEST() fills. */
extern const struct torture_test *const first_test[] asm("__start_torture_tests");
extern const struct torture_test *const last_test[] asm("__stop_torture_tests");

#define TEST_SECONDS(subj, nm, secs)					\
	static void test_##subj##_##nm(void);				\
	static const struct torture_test desc_##subj##_##nm = {		\
		.subject = #subj, .name = #nm, .seconds = (secs),	\
		.run = test_##subj##_##nm,				\
	};								\
	static const struct torture_test *const entry_##subj##_##nm	\
	__attribute__((used, no_reorder, section("torture_tests"))) =	\
		&desc_##subj##_##nm;					\
	static void test_##subj##_##nm(void)

#define TEST(subj, nm)	TEST_SECONDS(subj, nm, 120)

/* Only run when asked for with -L. */
#define LONG_SECONDS	1200
#define TEST_LONG(subj, nm)	TEST_SECONDS(subj, nm, LONG_SECONDS)

/* In torture.c: talk to the runner and to the person reading. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
void skip(const char *why) __attribute__((noreturn));

#define FAIL(...)	fail(__FILE__, __LINE__, __VA_ARGS__)

#define CHECK(cond)							\
	do {								\
		if (!(cond))						\
			FAIL("not true: %s", #cond);			\
	} while (0)

#define CHECK_EQ(seen, want)						\
	do {								\
		long long seen_ = (long long)(seen);			\
		long long want_ = (long long)(want);			\
									\
		if (seen_ != want_)					\
			FAIL("%s is %lld (0x%llx), expected %lld (0x%llx)", \
			     #seen, seen_, seen_, want_, want_);	\
	} while (0)

/* A call that answers -1 and errno when it fails; the value is its own. */
#define CHECK_OK(call)							\
	({								\
		__auto_type ok_ = (call);				\
									\
		if ((long)ok_ == -1L)					\
			FAIL("%s: %s", #call, strerror(errno));		\
		ok_;							\
	})

/* A call that must fail with one particular error. */
#define CHECK_ERR(call, err)						\
	do {								\
		int want_ = (err);					\
		long ret_;						\
									\
		errno = 0;						\
		ret_ = (long)(call);					\
		if (ret_ != -1 || errno != want_)			\
			FAIL("%s is %ld (%s), expected %s", #call, ret_, \
			     strerror(errno), strerror(want_));		\
	} while (0)

#define CHECK_SAME(a, b, len)	check_same(__FILE__, __LINE__, a, b, len)

/* For pthread_*(): the error is the value. */
#define CHECK_ZERO(call)						\
	do {								\
		int ret_ = (call);					\
									\
		if (ret_)						\
			FAIL("%s: %s", #call, strerror(ret_));		\
	} while (0)

void check_same(const char *file, int line, const void *seen,
		const void *want, size_t len);

/* Move the calling process; a refusal fails the subtest. No-ops at home. */
void settle(void);
void away(void);
void home(void);
void away_or_home(unsigned int turn);
bool can_move(void);
bool moves_are_ours(void);
void need_nodes(unsigned int count);
void need_own_moves(void);
unsigned int node(unsigned int index);
unsigned int nr_nodes(void);

/* In place.c: where user mode really is. No-ops while others move it. */
#define CHECK_AWAY(pid, threads) check_away(__FILE__, __LINE__, pid, threads)
#define CHECK_AT(pid, node)	check_at(__FILE__, __LINE__, pid, node)
#define CHECK_REASON(pid, why)	check_reason(__FILE__, __LINE__, pid, why)
#define SEND_AWAY(pid, index)	send_away(__FILE__, __LINE__, pid, index)
#define BRING_HOME(pid)		bring_home(__FILE__, __LINE__, pid)

void expect_calls_from(unsigned int from, uint64_t traps, unsigned int seconds);
void leaves_again(void);
void visits(char *mem, unsigned int reason);
void stays(unsigned int reason);
void still_away(unsigned int from);
void check_away(const char *file, int line, pid_t pid, unsigned int threads);
void check_at(const char *file, int line, pid_t pid, unsigned int where_to);
void check_reason(const char *file, int line, pid_t pid, unsigned int reason);
void send_away(const char *file, int line, pid_t pid, unsigned int index);
void bring_home(const char *file, int line, pid_t pid);

/* In util.c */
#define CHECK_EXITS(pid, code)	check_exits(__FILE__, __LINE__, pid, code)
#define CHECK_KILLED(pid, sig)	check_killed(__FILE__, __LINE__, pid, sig)
#define CHECK_STOPS(pid, sig)	check_stops(__FILE__, __LINE__, pid, sig)

void check_exits(const char *file, int line, pid_t pid, int code);
int check_killed(const char *file, int line, pid_t pid, int sig);
void check_stops(const char *file, int line, pid_t pid, int sig);
pid_t child(void (*fn)(void *arg), void *arg);
pid_t child_ready(void (*fn)(void *arg), void *arg);
void ready(void);
void expect_count(int threads);
void ready_count(void);
double now(void);
void sleep_ms(unsigned int ms);
void spin_ms(unsigned int ms);
unsigned int pace_ms(unsigned int ms);
uint64_t random_next(uint64_t *state);
uint64_t checksum(const void *mem, size_t len);
void fill(void *mem, size_t len, uint64_t seed);
void *map_anon(size_t len);
void handle(int sig, void (*fn)(int), int flags);
int write_file(const char *path, const char *text);
ssize_t read_file(const char *path, char *buf, size_t len);
int temp_file(void);
void wait_state(pid_t pid, char state);

extern const char *self_path;

#endif /* TORTURE_H */
