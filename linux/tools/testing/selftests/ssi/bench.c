// SPDX-License-Identifier: GPL-2.0
/*
 * How fast moved processes are, next to what the same two nodes give a program
 * that uses the network itself. ci/bench runs this and makes ratios.
 *
 *	bench serve [DIRECTORY]         on the other node
 *	bench run NODE ADDRESS [...]    on this one: all figures, in rounds
 *	bench curve NODE MIB...         freeze and total time over resident size
 *	bench once NODE WHAT            one of them
 *	bench loop NODE ADDRESS WHAT SECONDS, bench profile SECONDS
 *                                      one thing over and over, and where the
 *                                      time of a machine goes meanwhile
 *	bench insns                     instructions, under -icount shift=0
 *	bench hold MIB FILE [MAPPED], bench send ADDRESS DIRECTORY,
 *	bench stopwatch COMMAND...      what a comparison with CRIU needs
 *
 * Each measurement is a child, so that it starts with an address space that
 * nobody moved before. What is timed repeatedly is timed in batches, and the
 * median batch counts: the machines are emulated and share their processors.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ssi_move.h"

#define VALUES		64	/* that a child hands over, at most */

struct bench_options opt = { .rounds = 5, .stream = 256 * MIB, .moves = 5 };

static double given[VALUES];
static int nr_given;

noreturn void die(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "bench: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double median(double *values, int nr)
{
	qsort(values, nr, sizeof(*values), compare);
	return nr % 2 ? values[nr / 2] :
	       (values[nr / 2 - 1] + values[nr / 2]) / 2;
}

void out(const char *name, int round, double value)
{
	printf("%s %d %.0f\n", name, round, value);
	fflush(stdout);
}

static void give(double value)
{
	if (nr_given == VALUES)
		die("too many values");
	given[nr_given++] = value;
}

/* Memory whose pages are all there and all different. */
static void fill_page(char *page, unsigned long i)
{
	memset(page, i | 1, PAGE);
	*(unsigned long *)page = i + 1;
}

char *fill(size_t size)
{
	unsigned long i, pages = size / PAGE;
	char *p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die("%zu bytes: %s", size, strerror(errno));
	for (i = 0; i < pages; i++)
		fill_page(p + i * PAGE, i);
	return p;
}

/* The same in a file, which is mapped. */
static char *fill_file(size_t size, const char *path)
{
	unsigned long i, pages = size / PAGE;
	char page[PAGE] __attribute__((aligned(8)));
	char *p;
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (i = 0; i < pages; i++) {
		fill_page(page, i);
		if (write(fd, page, PAGE) != PAGE)
			die("%s: %s", path, strerror(errno));
	}
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		die("%s: %s", path, strerror(errno));
	close(fd);
	return p;
}

/* Read a word of each page; dies if one is not what fill() wrote. */
void touch_all(char *p, size_t size)
{
	unsigned long i, pages = size / PAGE, sum = 0;

	for (i = 0; i < pages; i++)
		sum += __atomic_load_n((unsigned long *)(p + i * PAGE),
				       __ATOMIC_RELAXED);
	if (sum != pages * (pages + 1) / 2)
		die("memory is not what was written: %lu pages, sum %lu",
		    pages, sum);
}

static void expect_at(unsigned int node)
{
	struct ssi_where where;
	int err = ssi_locate(getpid(), &where);

	if (err)
		die("not moved: %s", err == -ENODATA ? "never was" :
		    ssi_last_text());
	if (node ? where.node != node : where.node != where.home)
		die("at node %u instead of %u: %s", where.node, node,
		    where.text);
}

static void go_away(void)
{
	int err = ssi_away(opt.node);

	if (err)
		die("move to node %u: %s: %s", opt.node, strerror(-err),
		    ssi_last_text());
	expect_at(opt.node);
}

static double pages_away(void)
{
	struct ssi_where where;

	/* What is measured away must not have come home meanwhile. */
	expect_at(opt.node);
	return ssi_locate(getpid(), &where) ? 0 : where.pages_away;
}

/* fork() that does not fail, with a pipe from the child to the parent. */
pid_t fork_with_pipe(int *pipes)
{
	pid_t pid;

	fflush(stdout);
	if (pipe2(pipes, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	close(pipes[pid ? 1 : 0]);
	return pid;
}

/* What the child gave, read from its pipe until it closes it. */
static int collect(int fd, pid_t pid, double *values)
{
	struct pollfd poll_in = { .fd = fd, .events = POLLIN };
	size_t have = 0, max = VALUES * sizeof(double);
	ssize_t got;

	for (;;) {
		if (poll(&poll_in, 1, PATIENCE * 1000) <= 0) {
			kill(pid, SIGKILL);
			die("no answer within %d s", PATIENCE);
		}
		got = read(fd, (char *)values + have, max - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return have / sizeof(double);
		have += got;
	}
}

/* Run a measurement; its values, and how many. */
static int measure(const char *name, void (*fn)(void), double *values,
		   int expected)
{
	int pipes[2], status, nr;
	pid_t pid;

	pid = fork_with_pipe(pipes);
	if (!pid) {
		fn();
		if (write(pipes[1], given, nr_given * sizeof(*given)) < 0)
			_exit(1);
		_exit(0);
	}
	nr = collect(pipes[0], pid, values);
	close(pipes[0]);
	waitpid(pid, &status, 0);
	if (status || nr != expected) {
		printf("# failed: %s (status 0x%x, %d of %d values)\n", name,
		       status, nr, expected);
		fflush(stdout);
		return 0;
	}
	return nr;
}

/* Median time of one call. */
static double time_getppid(int batches, int calls)
{
	double *times = calloc(batches, sizeof(*times)), start;
	int i, j;

	for (i = -1; i < batches; i++) {
		start = now_ns();
		for (j = 0; j < calls; j++)
			syscall(SYS_getppid);
		if (i >= 0)
			times[i] = (now_ns() - start) / calls;
	}
	return median(times, batches);
}

static void do_getppid(void)
{
	double start;
	int i;

	give(time_getppid(20, 1000));
	go_away();
	give(time_getppid(50, 10));
	start = now_ns();
	for (i = 0; i < 100; i++)
		now_ns();
	give((now_ns() - start) / 100);
	expect_at(opt.node);
}

/*
 * One page of each block, the blocks in a random order: nothing that could be
 * foreseen.
 */
#define BLOCKS		256
#define BLOCK		(64 * PAGE)
#define FAULT_BATCH	8

static void shuffle(int *order, int nr)
{
	int i, j, kept;

	for (i = 0; i < nr; i++)
		order[i] = i;
	for (i = nr - 1; i > 0; i--) {
		j = random() % (i + 1);
		kept = order[i];
		order[i] = order[j];
		order[j] = kept;
	}
}

static void do_faults(bool write)
{
	char *memory = fill(BLOCKS * BLOCK), *page[BLOCKS];
	double times[BLOCKS / FAULT_BATCH], start, before;
	int order[BLOCKS], i, j, nr = BLOCKS / FAULT_BATCH;

	shuffle(order, BLOCKS);
	for (i = 0; i < BLOCKS; i++)
		page[i] = memory + order[i] * BLOCK +
			  random() % 64 * PAGE;
	memset(times, 0, sizeof(times));
	go_away();
	before = pages_away();
	for (i = 0; i < nr; i++) {
		start = now_ns();
		for (j = i * FAULT_BATCH; j < (i + 1) * FAULT_BATCH; j++) {
			if (write)
				__atomic_store_n(page[j] + 8, 1,
						 __ATOMIC_RELAXED);
			else
				__atomic_load_n(page[j] + 8,
						__ATOMIC_RELAXED);
		}
		times[i] = (now_ns() - start) / FAULT_BATCH;
	}
	before = pages_away() - before;
	if (before < BLOCKS)
		die("%d pages were touched but only %.0f left home", BLOCKS,
		    before);
	give(before / BLOCKS * 100);
	/* The first batch also fetches what the loop itself needs. */
	give(median(times + 1, nr - 1));
}

/* As do_faults(), until a time or until no page is left that was not touched. */
static long touch_apart(double end)
{
	char *memory = fill(BLOCKS * BLOCK);
	int order[BLOCKS], i, j;
	long nr = 0;

	go_away();
	for (i = 0; i < 64; i++) {
		shuffle(order, BLOCKS);
		for (j = 0; j < BLOCKS && now_ns() < end; j++, nr++)
			__atomic_load_n(memory + order[j] * BLOCK + i * PAGE,
					__ATOMIC_RELAXED);
	}
	if (ssi_home())
		die("move home: %s", ssi_last_text());
	munmap(memory, BLOCKS * BLOCK);
	return nr;
}

static void do_faults_read(void)
{
	do_faults(false);
}

static void do_faults_write(void)
{
	do_faults(true);
}

static void do_stream(void)
{
	char *memory = fill(opt.stream);
	double start;

	go_away();
	start = now_ns();
	touch_all(memory, opt.stream);
	give(now_ns() - start);
	expect_at(opt.node);
}

/*
 * A fixed amount of work, on 256 KiB: integer arithmetic, some loads and stores.
 * Few enough pages for the TLB, real or emulated: the page size at home, which may
 * be huge, is not what is measured.
 * In many short parts, at home and away by turns: what disturbs a part only
 * makes it longer, so the tenth that was disturbed least shows the speed.
 */
#define WORKING_SET	(MIB / 4)
#define TURNS		4
#define PARTS		20	/* in each turn */
#define PART_NS		2e7

static unsigned long *work_memory;

static unsigned long work(long steps)
{
	unsigned long x = 88172645463325252UL, words = WORKING_SET / 8;
	long i;

	for (i = 0; i < steps; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		if (!(i % 16))
			work_memory[x % words] += x;
	}
	return x;
}

static void time_work(long steps, double *times)
{
	double start;
	unsigned int i;

	/* The working set arrives, for reading and for writing. */
	for (i = 0; i < WORKING_SET / PAGE; i++)
		work_memory[i * (PAGE / 8)]++;
	work(steps);
	for (i = 0; i < PARTS; i++) {
		start = now_ns();
		work(steps);
		times[i] = now_ns() - start;
	}
}

static void do_compute(void)
{
	static double home[TURNS * PARTS], away[TURNS * PARTS];
	double start, took = 0;
	long steps;
	int i;

	work_memory = (unsigned long *)fill(WORKING_SET);
	for (steps = 1 << 14; took < PART_NS; steps *= 2) {
		start = now_ns();
		work(steps);
		took = now_ns() - start;
	}
	for (i = 0; i < TURNS; i++) {
		time_work(steps, home + i * PARTS);
		go_away();
		time_work(steps, away + i * PARTS);
		expect_at(opt.node);
		if (ssi_home())
			die("move home: %s", ssi_last_text());
		expect_at(0);
	}
	give(median(home, TURNS * PARTS));
	give(median(away, TURNS * PARTS));
	/* They are sorted now. */
	give(home[TURNS * PARTS / 10]);
	give(away[TURNS * PARTS / 10]);
}

static void one_round(int round)
{
	double values[VALUES];

	printf("# round %d\n", round);
	out("rtt_64", round, net_round_trip(opt.address, 64, 64, 50));
	if (measure("getppid", do_getppid, values, 3)) {
		out("getppid_home", round, values[0]);
		out("getppid_away", round, values[1]);
		out("clock_away", round, values[2]);
	}
	freezes(round);
	out("rtt_64_after", round, net_round_trip(opt.address, 64, 64, 50));

	out("rtt_4k", round, net_round_trip(opt.address, PAGE, PAGE, 50));
	out("rtt_64_4k", round, net_round_trip(opt.address, 64, PAGE, 50));
	out("rtt_64_16k", round,
	    net_round_trip(opt.address, 64, 4 * PAGE, 50));
	if (measure("faults, read", do_faults_read, values, 2)) {
		out("fault_read_pages", round, values[0]);
		out("fault_read", round, values[1]);
	}
	if (measure("faults, write", do_faults_write, values, 2)) {
		out("fault_write_pages", round, values[0]);
		out("fault_write", round, values[1]);
	}
	out("bulk", round, net_bulk(opt.address, opt.stream));
	if (measure("stream", do_stream, values, 1))
		out("stream", round, values[0]);
	if (measure("compute", do_compute, values, 4)) {
		out("compute_home_median", round, values[0]);
		out("compute_away_median", round, values[1]);
		out("compute_home", round, values[2]);
		out("compute_away", round, values[3]);
	}
}

static int told;

static void on_signal(int sig)
{
	__atomic_store_n(&told, sig, __ATOMIC_RELAXED);
}

static noreturn void hold_body(size_t size, const char *path, const char *file,
			       int ready)
{
	char *memory = file ? fill_file(size, file) : fill(size);
	int null = open("/dev/null", O_RDWR), fd;
	sigset_t usr1, none;

	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	close(null);
	/* it comes only while it is waited for: else none would end the wait */
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &none);
	sigdelset(&none, SIGUSR1);
	signal(SIGUSR1, on_signal);
	if (write(ready, "r", 1) != 1)
		_exit(1);
	close(ready);
	for (;;) {
		sigsuspend(&none);
		if (!__atomic_exchange_n(&told, 0, __ATOMIC_RELAXED))
			continue;
		touch_all(memory, size);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		close(fd);
	}
}

/* A child with the first free pid from here on, which are free on other nodes too. */
static pid_t fork_from(pid_t nr)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid_size = 1,
	};
	pid_t pid;

	fflush(stdout);
	do {
		args.set_tid = (uintptr_t)&nr;
		pid = syscall(SYS_clone3, &args, sizeof(args));
	} while (pid < 0 && errno == EEXIST && ++nr < 30000);
	if (pid < 0)
		die("clone3: %s", strerror(errno));
	return pid;
}

/*
 * A process of its own session, with a pid that is free everywhere: it prints
 * the pid, and when told by SIGUSR1 checks its memory, or a mapping of a file that it
 * made before, and makes a file.
 */
static int hold(size_t size, const char *path, const char *file)
{
	int pipes[2];
	char ready;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	pid = fork_from(20001);
	if (!pid) {
		close(pipes[0]);
		setsid();
		hold_body(size, path, file, pipes[1]);
	}
	close(pipes[1]);
	if (read(pipes[0], &ready, 1) != 1)
		die("process %d ended", pid);
	printf("%d\n", pid);
	return 0;
}

/* Nanoseconds that a command takes, after its own output. */
static int stopwatch(char **argv)
{
	double start = now_ns();
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], argv);
		die("%s: %s", argv[0], strerror(errno));
	}
	waitpid(pid, &status, 0);
	printf("took %.0f\n", now_ns() - start);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* So many processes that do nothing; ends when all are there. */
static int many(int nr)
{
	int null = open("/dev/null", O_RDWR), i;

	for (i = 0; i < nr; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork: %s", strerror(errno));
		if (pid)
			continue;
		setsid();
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		for (;;)
			pause();
	}
	return 0;
}

/* From fork to wait, of a program that ends at once; on a node, or here. */
static double start_one(unsigned int node)
{
	double start = now_ns();
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		if (node && ssi_place(node))
			_exit(126);
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (status)
		die("true: status %x", status);
	return now_ns() - start;
}

/*
 * In each round between two round trips: asks whether a process may be signalled, and starts
 * programs here and there.
 */
static int ask(pid_t pid, const char *address, int rounds)
{
	double took[20], here[20], start, before, rtt;
	int round, i, j;

	for (round = 0; round < rounds; round++) {
		before = net_round_trip(address, 64, 64, 50);
		for (i = 0; i < 20; i++) {
			start = now_ns();
			for (j = 0; j < 20; j++)
				if (kill(pid, 0))
					die("kill: %s", strerror(errno));
			took[i] = (now_ns() - start) / 20;
		}
		out("kill", round, median(took, 20));
		rtt = net_round_trip(address, 64, 64, 50);
		out("kill_rtt", round, (before + rtt) / 2);
		for (i = 0; i < 20; i++) {
			here[i] = start_one(0);
			took[i] = start_one(2);
		}
		out("run_here", round, median(here, 20));
		out("run_there", round, median(took, 20));
		out("run_more", round, median(took, 20) - median(here, 20));
		out("run_rtt", round, (rtt + net_round_trip(address, 64, 64, 50)) / 2);
	}
	return 0;
}

static noreturn void help(void)
{
	fprintf(stderr,
		"usage: bench serve [DIRECTORY]\n"
		"       bench run NODE ADDRESS [ROUNDS [MIB [MOVES]]]\n"
		"       bench curve NODE ROUNDS MIB...\n"
		"       bench once NODE getppid|read|write|stream|compute\n"
		"       bench loop NODE ADDRESS getppid|stream|move|rtt SECONDS\n"
		"       bench profile SECONDS\n"
		"       bench insns [ROUNDS]\n"
		"       bench hold MIB FILE [MAPPED]\n"
		"       bench send ADDRESS DIRECTORY\n"
		"       bench many NUMBER\n"
		"       bench ask PID ADDRESS ROUNDS\n"
		"       bench stopwatch COMMAND...\n");
	exit(2);
}

static int run(int argc, char **argv)
{
	int i;

	opt.node = atoi(argv[0]);
	opt.address = argv[1];
	if (argc > 2)
		opt.rounds = atoi(argv[2]);
	if (argc > 3)
		opt.stream = strtoul(argv[3], NULL, 0) * MIB;
	if (argc > 4)
		opt.moves = atoi(argv[4]);
	for (i = 0; i < opt.rounds; i++)
		one_round(i);
	return 0;
}

static int curve(int argc, char **argv)
{
	int i, j;

	opt.node = atoi(argv[0]);
	opt.rounds = atoi(argv[1]);
	for (i = 0; i < opt.rounds; i++)
		for (j = 2; j < argc; j++)
			totals(strtoul(argv[j], NULL, 0), i);
	return 0;
}

/* One measurement, for a person to look at what happens. */
static int once(const char *what)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} all[] = {
		{ "getppid", do_getppid },
		{ "read", do_faults_read },
		{ "write", do_faults_write },
		{ "stream", do_stream },
		{ "compute", do_compute },
		{},
	};
	int i;

	for (i = 0; all[i].name && strcmp(all[i].name, what);)
		i++;
	if (!all[i].name)
		die("what is %s?", what);
	all[i].fn();
	for (i = 0; i < nr_given; i++)
		printf("%.0f\n", given[i]);
	return 0;
}

/* Where to look is bench profile's business. */
static int loop(const char *what, int seconds)
{
	double end = now_ns() + seconds * 1e9;
	struct ssi_where where;
	struct spinner s;
	long nr = 0;

	if (!strcmp(what, "move")) {
		spinner_start(&s, MIB);
		for (; now_ns() < end; nr++) {
			spinner_move(&s, opt.node, &where);
			spinner_move(&s, 0, &where);
		}
		spinner_stop(&s);
	} else if (!strcmp(what, "stream")) {
		char *memory = fill(opt.stream);

		go_away();
		for (end = now_ns() + seconds * 1e9; now_ns() < end; nr++) {
			touch_all(memory, opt.stream);
			if (ssi_home())
				die("move home: %s", ssi_last_text());
			touch_all(memory, opt.stream);
			go_away();
		}
	} else if (!strcmp(what, "fault")) {
		while (now_ns() < end)
			nr += touch_apart(end);
	} else if (!strcmp(what, "rtt")) {
		for (; now_ns() < end; nr += 500)
			net_round_trip(opt.address, 64, 64, 50);
	} else {
		go_away();
		for (; now_ns() < end; nr += 100)
			time_getppid(1, 50);
	}
	printf("# %s: %ld times\n", what, nr);
	return 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(command, "serve"))
		return net_serve(BENCH_PORT, argc > 2 ? argv[2] : NULL);
	if (!strcmp(command, "run") && argc > 3)
		return run(argc - 2, argv + 2);
	if (!strcmp(command, "curve") && argc > 4)
		return curve(argc - 2, argv + 2);
	if (!strcmp(command, "insns"))
		return insns(argc > 2 ? atoi(argv[2]) : 30);
	if (!strcmp(command, "once") && argc == 4) {
		opt.node = atoi(argv[2]);
		return once(argv[3]);
	}
	if (!strcmp(command, "loop") && argc == 6) {
		opt.node = atoi(argv[2]);
		opt.address = argv[3];
		return loop(argv[4], atoi(argv[5]));
	}
	if (!strcmp(command, "profile") && argc == 3)
		return profile(atoi(argv[2]));
	if (!strcmp(command, "nothing"))
		return 0;
	if (!strcmp(command, "hold") && (argc == 4 || argc == 5))
		return hold(strtoul(argv[2], NULL, 0) * MIB, argv[3],
			    argc == 5 ? argv[4] : NULL);
	if (!strcmp(command, "send") && argc == 4)
		return net_send_files(argv[2], argv[3]);
	if (!strcmp(command, "many") && argc == 3)
		return many(atoi(argv[2]));
	if (!strcmp(command, "ask") && argc == 5)
		return ask(atoi(argv[2]), argv[3], atoi(argv[4]));
	if (!strcmp(command, "stopwatch") && argc > 2)
		return stopwatch(argv + 2);
	help();
}
