// SPDX-License-Identifier: GPL-2.0
/* What others see of a process that is away: /proc, and its memory. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "torture.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)

static long ticks;
static char *area;

/* Has its memory away, counts, and never makes a system call again. */
static void busy(void *arg)
{
	(void)arg;
	away();
	fill(area, 2 * MIB, 21);
	ADD(ticks, 1);
	ready();
	for (;;)
		ADD(ticks, 1);
}

static pid_t busy_child(void)
{
	pid_t pid;

	area = map_anon(2 * MIB);
	pid = child_ready(busy, NULL);
	CHECK_AWAY(pid, 1);
	return pid;
}

static int open_proc(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return CHECK_OK(open(path, flags));
}

static void end(pid_t pid)
{
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

TEST(proc, mem)
{
	pid_t pid = busy_child();
	int fd = open_proc(pid, "mem", O_RDWR), i;
	char *want = map_anon(2 * MIB), *got = map_anon(2 * MIB);
	long before = -1, value;

	for (i = 0; i < 10; i++) {
		do {
			CHECK_EQ(pread(fd, &value, 8, (off_t)&ticks), 8);
			CHECK(value >= before);
		} while (value == before);
		before = value;
		sleep_ms(20);
	}
	fill(want, 2 * MIB, 21);
	CHECK_EQ(pread(fd, got, 2 * MIB, (off_t)area), 2 * MIB);
	CHECK_SAME(got, want, 2 * MIB);
	/* And writing: the counter jumps. */
	value = 1L << 50;
	CHECK_EQ(pwrite(fd, &value, 8, (off_t)&ticks), 8);
	do {
		CHECK_EQ(pread(fd, &value, 8, (off_t)&ticks), 8);
		CHECK(value >= 1L << 50);
	} while (value == 1L << 50);
	CHECK_EQ(pread(fd, got, 8, 0x1230), -1);
	end(pid);
}

TEST(proc, process_vm)
{
	pid_t pid = busy_child();
	char *want = map_anon(2 * MIB), *got = map_anon(2 * MIB);
	struct iovec local = { got, MIB }, remote = { area + 5, MIB };
	long value = 0, jump = 1L << 51;
	struct iovec here = { &value, 8 }, there = { &ticks, 8 };

	fill(want, 2 * MIB, 21);
	CHECK_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), MIB);
	CHECK_SAME(got, want + 5, MIB);
	CHECK_EQ(process_vm_readv(pid, &here, 1, &there, 1, 0), 8);
	CHECK(value > 0);
	here.iov_base = &jump;
	CHECK_EQ(process_vm_writev(pid, &here, 1, &there, 1, 0), 8);
	here.iov_base = &value;
	do {
		CHECK_EQ(process_vm_readv(pid, &here, 1, &there, 1, 0), 8);
		CHECK(value >= jump);
	} while (value == jump);
	end(pid);
	/* The other way: one that is away reads another. */
	pid = busy_child();
	remote.iov_base = area + 5;
	away();
	memset(got, 0, MIB);
	CHECK_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), MIB);
	CHECK_SAME(got, want + 5, MIB);
	home();
	end(pid);
}

static unsigned long field(pid_t pid, const char *file, const char *name)
{
	char path[64], *buf = map_anon(MIB), *p;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	CHECK_OK(read_file(path, buf, MIB));
	p = strstr(buf, name);
	if (!p)
		FAIL("%s has no %s", path, name);
	return strtoul(p + strlen(name), NULL, 10);
}

TEST(proc, status)
{
	pid_t pid = busy_child();

	CHECK_EQ(field(pid, "status", "Pid:\t"), pid);
	CHECK_EQ(field(pid, "status", "PPid:\t"), getpid());
	CHECK_EQ(field(pid, "status", "Threads:\t"), 1);
	/* What is lent counts as resident, as with any device. */
	CHECK(field(pid, "status", "VmRSS:\t") >= 2048);
	CHECK(field(pid, "status", "VmSize:\t") >= 2048);
	end(pid);
}

TEST(proc, maps)
{
	pid_t pid = busy_child();
	char *buf = map_anon(MIB), path[64], want[64];
	unsigned long rss, start, stop;
	bool found = false;
	char *line, *save;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	CHECK(read_file(path, buf, MIB) > 100);
	for (line = strtok_r(buf, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%lx-%lx %63s", &start, &stop, want) == 3 &&
		    start <= (unsigned long)area &&
		    stop >= (unsigned long)area + 2 * MIB) {
			CHECK(!strcmp(want, "rw-p"));
			found = true;
		}
	}
	CHECK(found);
	rss = field(pid, "smaps_rollup", "Rss:");
	CHECK(rss >= 2048);
	CHECK(field(pid, "smaps", "Size:") > 0);
	end(pid);
}

/* Each file of the directory can be read, again and again. */
TEST(proc, all_files)
{
	static const char * const names[] = {
		"auxv", "cmdline", "comm", "environ", "io", "limits", "maps",
		"mounts", "oom_score", "pagemap", "sched", "schedstat", "smaps",
		"smaps_rollup", "stack", "stat", "statm", "status", "syscall",
		"task", "timers", "wchan", "numa_maps", "personality", "cgroup"
	};
	char *buf = map_anon(MIB), path[64];
	pid_t pid = busy_child();
	int round, fd;
	size_t i;

	for (round = 0; round < 5; round++) {
		for (i = 0; i < ARRAY_SIZE(names); i++) {
			snprintf(path, sizeof(path), "/proc/%d/%s", pid,
				 names[i]);
			fd = open(path, O_RDONLY);
			if (fd < 0) {
				CHECK_EQ(errno, ENOENT);
				continue;
			}
			if (read(fd, buf, MIB) < 0 && errno != EISDIR)
				FAIL("%s: %s", path, strerror(errno));
			close(fd);
		}
	}
	end(pid);
}

static void sleeper(void *arg)
{
	struct timespec ts = { .tv_sec = 1000 };

	(void)arg;
	away();
	ready();
	for (;;)
		syscall(SYS_nanosleep, &ts, NULL);
}

/* Asleep in a call it looks asleep in that call; in user mode it runs. */
TEST(proc, state)
{
	char path[64], buf[256];
	pid_t pid = child_ready(sleeper, NULL);
	long nr = -1;
	int i;

	/*
	 * A thread whose user mode is elsewhere sleeps as well; soon it makes
	 * the call.
	 */
	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	for (i = 0; i < 1000; i++) {
		wait_state(pid, 'S');
		if (read_file(path, buf, sizeof(buf)) <= 0)
			break;
		nr = atol(buf);
		if (nr == SYS_nanosleep || nr == SYS_restart_syscall)
			break;
		usleep(10000);
	}
	CHECK(i < 1000);
	CHECK_OK(kill(pid, SIGSTOP));
	wait_state(pid, 'T');
	CHECK_STOPS(pid, SIGSTOP);
	CHECK_OK(kill(pid, SIGCONT));
	wait_state(pid, 'S');
	end(pid);
}

/* It reads its own files, and itself through them. */
TEST(proc, self)
{
	int fd, i;
	long value = 0;

	area = map_anon(2 * MIB);
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		WRITE(ticks, 1000 + i);
		fd = open_proc(getpid(), "mem", O_RDWR);
		CHECK_EQ(pread(fd, &value, 8, (off_t)&ticks), 8);
		CHECK_EQ(value, 1000 + i);
		value = 2000 + i;
		CHECK_EQ(pwrite(fd, &value, 8, (off_t)&ticks), 8);
		CHECK_EQ(READ(ticks), 2000 + i);
		close(fd);
		CHECK_EQ(field(getpid(), "status", "Pid:\t"), getpid());
	}
	home();
}

/* A page that is lent is one that the process has. */
TEST(proc, pagemap)
{
	char *mem = map_anon(64 * PAGE);
	uint64_t entry;
	int i, fd;

	away();
	for (i = 0; i < 64; i += 2)
		mem[i * PAGE] = 1;
	fd = open_proc(getpid(), "pagemap", O_RDONLY);
	for (i = 0; i < 64; i += 2) {
		CHECK_EQ(pread(fd, &entry, 8,
			       ((unsigned long)mem / PAGE + i) * 8), 8);
		/* Present or swapped: a lent page is one of them. */
		CHECK(entry >> 62);
	}
	for (i = 0; i < 64; i += 2)
		CHECK_EQ(mem[i * PAGE], 1);
	home();
}
