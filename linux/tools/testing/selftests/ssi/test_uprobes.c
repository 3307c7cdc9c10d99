// SPDX-License-Identifier: GPL-2.0
/*
 * Probes on user code belong to the home kernel. A process that runs into one on
 * another node lives on, and the probe is hit and counted, each time, once.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/ssi.h>

#include "torture.h"

typedef long (*probed_fn)(long value);

#ifdef __x86_64__
#define ADD_ONE		"lea 1(%%rdi), %%rax\n"
#define ADDRESSES	"lea probed_nop(%%rip), %0\n"			\
			"lea probed_step(%%rip), %1\n"
#else
#define ADD_ONE		"add x0, x0, #1\n"
#define ADDRESSES	"adr %0, probed_nop\n"				\
			"adr %1, probed_step\n"
#endif

enum { NOP, STEP };

/*
 * Functions that return their argument plus one, and begin with the instruction
 * that is probed: one that the kernel emulates, or one that it executes out of
 * line by a single step.
 */
static probed_fn __attribute__((noipa)) probed(int which)
{
	probed_fn nop, step;

	asm volatile(".subsection 1\n"
		     ".balign 64\n"
		     "probed_nop: nop\n"
		     ADD_ONE
		     "ret\n"
		     ".balign 64\n"
		     "probed_step:\n"
		     ADD_ONE
		     "ret\n"
		     ".previous\n"
		     ADDRESSES
		     : "=&r"(nop), "=r"(step));
	return which == STEP ? step : nop;
}

static void run_into(probed_fn fn, long times)
{
	long i;

	for (i = 0; i < times; i++)
		CHECK_EQ(fn(i), i + 1);
}

static char own_file[256];

/* Where a function stands in the file of this program. */
static unsigned long file_offset(probed_fn fn)
{
	unsigned long start, end, offset, addr = (unsigned long)fn;
	char line[512];
	FILE *maps;
	ssize_t len;

	len = CHECK_OK(readlink("/proc/self/exe", own_file,
				sizeof(own_file) - 1));
	own_file[len] = 0;
	maps = fopen("/proc/self/maps", "r");
	CHECK(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) != 3)
			continue;
		if (addr >= start && addr < end) {
			fclose(maps);
			return addr - start + offset;
		}
	}
	FAIL("%s does not map 0x%lx", "/proc/self/maps", addr);
}

/* A number that the kernel shows, for example in "config:0". */
static int shown_number(const char *path)
{
	char text[64], *p;

	if (read_file(path, text, sizeof(text)) <= 0)
		return -1;
	p = strchr(text, ':');
	return atoi(p ? p + 1 : text);
}

static const char pmu[] = "/sys/bus/event_source/devices/uprobe";

static void need_probes(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/type", pmu);
	if (shown_number(path) < 0)
		skip("this kernel has no UPROBES (no perf type uprobe)");
}

/* A probe at a function, or where it returns to; of one process. */
static int probe(pid_t pid, probed_fn fn, bool at_return)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.inherit = 1,
	};
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/type", pmu);
	attr.type = shown_number(path);
	if (at_return) {
		snprintf(path, sizeof(path), "%s/format/retprobe", pmu);
		attr.config = 1UL << shown_number(path);
	}
	attr.config2 = file_offset(fn);
	attr.config1 = (unsigned long)own_file;
	fd = syscall(SYS_perf_event_open, &attr, pid, -1, -1,
		     PERF_FLAG_FD_CLOEXEC);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		skip("may not set probes here");
	return CHECK_OK(fd);
}

static long hits(int fd)
{
	uint64_t value;

	CHECK_EQ(read(fd, &value, sizeof(value)), sizeof(value));
	return value;
}

/* Set at home, and taken along; taken away at home or elsewhere. */
TEST(uprobes, set_at_home)
{
	int fd, i, f;

	need_probes();
	for (f = 0; f < 2; f++) {
		fd = probe(0, probed(f), false);
		for (i = 0; i < 5; i++) {
			run_into(probed(f), 4);
			CHECK_EQ(hits(fd), 4 * i + 4);
			away_or_home(i);
		}
		away_or_home(f);
		close(fd);
		run_into(probed(f), 4);
		home();
	}
}

/* Set by a process that is away, on code that it has run there before. */
TEST(uprobes, set_away)
{
	int fd, i, f;

	need_probes();
	for (f = 0; f < 2; f++) {
		away();
		run_into(probed(f), 4);
		fd = probe(0, probed(f), false);
		for (i = 0; i < 5; i++) {
			run_into(probed(f), 4);
			CHECK_EQ(hits(fd), 4 * i + 4);
			if (i % 3 != 0)
				CHECK_REASON(getpid(), SSI_REASON_UPROBE);
			away_or_home(i);
		}
		close(fd);
		run_into(probed(f), 4);
		home();
	}
}

/* At the return: the kernel puts an address of its own on the stack. */
TEST(uprobes, at_return)
{
	int fd, i, f;

	need_probes();
	for (f = 0; f < 2; f++) {
		away();
		fd = probe(0, probed(f), true);
		for (i = 0; i < 5; i++) {
			run_into(probed(f), 3);
			CHECK_EQ(hits(fd), 3 * i + 3);
			away_or_home(i);
		}
		close(fd);
		home();
	}
}

/* By another process, on one that does nothing else but run into it, elsewhere. */
static void runs_for_ever(void *arg)
{
	probed_fn fn = probed(STEP);
	long *rounds = arg;

	away();
	ready();
	for (;;) {
		if (fn(*rounds) != *rounds + 1)
			FAIL("the probed function was wrong");
		ADD(*rounds, 1);
	}
}

static long rounds;

TEST(uprobes, by_another)
{
	pid_t pid;
	int fd, i, status;

	need_probes();
	pid = child_ready(runs_for_ever, &rounds);
	for (i = 0; i < 4; i++) {
		SEND_AWAY(pid, i);
		CHECK_AWAY(pid, 1);
		fd = probe(pid, probed(STEP), false);
		while (hits(fd) < 20)
			sleep_ms(10);
		close(fd);
		CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	}
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

/*
 * Each thread has counters of its own: what inherited ones have counted is lost
 * now and then when a thread exits, at home as well.
 */
static void *runs_a_bit(void *arg)
{
	int fd[2] = {
		probe(0, probed(STEP), false),
		probe(0, probed(NOP), false),
	};

	run_into(probed(STEP), (intptr_t)arg);
	run_into(probed(NOP), (intptr_t)arg);
	CHECK_EQ(hits(fd[0]), (intptr_t)arg);
	CHECK_EQ(hits(fd[1]), (intptr_t)arg);
	close(fd[0]);
	close(fd[1]);
	return NULL;
}

/* By several threads at once. */
TEST(uprobes, threads)
{
	pthread_t threads[4];
	int i;

	need_probes();
	away();
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, runs_a_bit,
					  (void *)10));
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_join(threads[i], NULL));
	home();
}

/* What a program itself puts there is not a probe, beside one that is. */
static int traps;

static void on_trap(int sig)
{
	(void)sig;
	ADD(traps, 1);
}

TEST(uprobes, own_breakpoint)
{
	int fd, i;

	need_probes();
	handle(SIGTRAP, on_trap, 0);
	fd = probe(0, probed(NOP), false);
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		run_into(probed(NOP), 2);
#ifdef __x86_64__
		asm volatile("int3");
#else
		raise(SIGTRAP);
#endif
		CHECK_EQ(READ(traps), i + 1);
		CHECK_EQ(hits(fd), 2 * i + 2);
	}
	home();
	close(fd);
}

/* With names, as people set them. */
static char tracing[64];

static void tracing_write(const char *name, const char *text, bool must)
{
	char path[128];
	int fd, len = strlen(text), done;

	snprintf(path, sizeof(path), "%s/%s", tracing, name);
	fd = open(path, O_WRONLY | O_APPEND);
	if (fd < 0 && must)
		FAIL("%s: %s", path, strerror(errno));
	done = write(fd, text, len);
	if (done != len && must)
		FAIL("write \"%s\" to %s: %s", text, path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void need_tracing(void)
{
	static const char * const places[] = {
		"/sys/kernel/tracing", "/sys/kernel/debug/tracing"
	};
	char path[128];
	size_t i;

	if (getuid())
		skip("needs root");
	mount("tracefs", places[0], "tracefs", 0, NULL);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/uprobe_events", places[i]);
		if (!access(path, W_OK)) {
			strcpy(tracing, places[i]);
			return;
		}
	}
	skip("this kernel has no UPROBE_EVENTS (no uprobe_events in tracefs)");
}

/* How often the probe of this name was hit, and how often it was missed. */
static long profile(const char *name, long *missed)
{
	char text[4096], path[128], *line, *save, event[128];
	long count;

	snprintf(path, sizeof(path), "%s/uprobe_profile", tracing);
	CHECK(read_file(path, text, sizeof(text)) >= 0);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		*missed = 0;
		if (sscanf(line, "%*s %127s %ld %ld", event, &count, missed) >= 2 &&
		    !strcmp(event, name))
			return count;
	}
	FAIL("%s does not show %s", path, name);
}

TEST(uprobes, tracefs)
{
	char name[32], text[400], enable[80];
	long missed;
	int i;

	need_tracing();
	snprintf(name, sizeof(name), "here_%d", getpid());
	snprintf(enable, sizeof(enable), "events/ssi_torture/%s/enable", name);
	file_offset(probed(STEP));
	snprintf(text, sizeof(text), "p:ssi_torture/%s %s:0x%lx\n", name,
		 own_file, file_offset(probed(STEP)));
	away();
	run_into(probed(STEP), 2);
	tracing_write("uprobe_events", text, true);
	run_into(probed(STEP), 2);
	CHECK_EQ(profile(name, &missed), 0);
	tracing_write(enable, "1", true);
	for (i = 0; i < 5; i++) {
		run_into(probed(STEP), 4);
		CHECK_EQ(profile(name, &missed), 4 * i + 4);
		CHECK_EQ(missed, 0);
		away_or_home(i);
	}
	tracing_write(enable, "0", true);
	run_into(probed(STEP), 2);
	CHECK_EQ(profile(name, &missed), 20);
	home();
	snprintf(text, sizeof(text), "-:ssi_torture/%s\n", name);
	tracing_write("uprobe_events", text, true);
}
