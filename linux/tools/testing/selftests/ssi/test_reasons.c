// SPDX-License-Identifier: GPL-2.0
/*
 * Why a process is at home: each reason that the documentation names is given, and
 * given for what it says. A visit ends by itself; an obstacle lasts as long as what
 * is in the way. Everything is right meanwhile.
 *
 * What the processor of home alone has is in test_reasons_cpu.c, refusals are in
 * test_moves.c, pinned pages in test_pinned.c.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/ssi.h>

#include "arch.h"
#include "ssi_move.h"
#include "torture.h"

#define PAGE	4096UL

#ifndef SYS_memfd_secret
#define SYS_memfd_secret	447
#endif

static char *map_shared(int fd)
{
	return CHECK_OK(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			     fd, 0));
}

TEST(reasons, shared_file)
{
	int fd = temp_file();

	CHECK_OK(ftruncate(fd, 4 * PAGE));
	visits(map_shared(fd), SSI_REASON_SHARED_MAPPING);
}

TEST(reasons, shared_anonymous)
{
	visits(CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
	       SSI_REASON_SHARED_MAPPING);
}

TEST(reasons, shared_memfd)
{
	int fd = CHECK_OK(memfd_create("torture", 0));

	CHECK_OK(ftruncate(fd, 4 * PAGE));
	visits(map_shared(fd), SSI_REASON_SHARED_MAPPING);
}

TEST(reasons, shared_sysv)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	char *mem;

	if (id < 0 && errno == ENOSYS)
		skip("no System V shared memory in this kernel");
	CHECK_OK(id);
	mem = CHECK_OK(shmat(id, NULL, 0));
	CHECK_OK(shmctl(id, IPC_RMID, NULL));
	visits(mem, SSI_REASON_SHARED_MAPPING);
}

/* Memory that not even the kernel shows to anybody. */
TEST(reasons, secret)
{
	int fd = syscall(SYS_memfd_secret, 0);

	if (fd < 0)
		skip("no memfd_secret() in this kernel");
	CHECK_OK(ftruncate(fd, 4 * PAGE));
	visits(map_shared(fd), SSI_REASON_SHARED_MAPPING);
}

static const char huge_pages[] = "/proc/sys/vm/nr_hugepages";

static void uses_huge(void *arg)
{
	char *mem = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	pid_t pid;

	(void)arg;
	if (mem == MAP_FAILED)
		_exit(EXIT_SKIP);
	visits(mem, SSI_REASON_HUGETLB);
	/* shared with a child until one of them writes */
	mem[100000] = 7;
	away();
	pid = CHECK_OK(fork());
	if (!pid) {
		CHECK_EQ(mem[100000], 7);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	CHECK_EQ(mem[100000], 7);
	CHECK_OK(munmap(mem, 2 << 20));
	home();
}

TEST(reasons, hugetlb)
{
	char old[16], more[16];
	int status;
	pid_t pid;

	if (read_file(huge_pages, old, sizeof(old)) <= 0)
		skip("no hugetlbfs in this kernel");
	snprintf(more, sizeof(more), "%d", atoi(old) + 3);
	write_file(huge_pages, more);
	pid = child(uses_huge, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	write_file(huge_pages, old);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP)
		skip("no huge page is free, and none can be reserved");
	CHECK_EQ(status, 0);
}

/* Who watches the memory is a thread of ours, away like the rest. */
static int uffd;
static char *watched;
static int served;

static void *serves(void *arg)
{
	char *page = map_anon(PAGE);
	struct uffd_msg msg;
	struct uffdio_copy copy = { .src = (uintptr_t)page, .len = PAGE };

	for (;;) {
		if (read(uffd, &msg, sizeof(msg)) != sizeof(msg))
			FAIL("read of the userfaultfd: %s", strerror(errno));
		CHECK_EQ(msg.event, UFFD_EVENT_PAGEFAULT);
		copy.dst = msg.arg.pagefault.address & ~(PAGE - 1);
		copy.copy = 0;
		memset(page, 'A' + (copy.dst - (uintptr_t)watched) / PAGE, PAGE);
		/* before, as who waits for the page runs at once, and looks */
		ADD(served, 1);
		CHECK_OK(ioctl(uffd, UFFDIO_COPY, &copy));
	}
	return arg;
}

static void need_userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };

	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (uffd < 0 && errno == EPERM)
		uffd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (uffd < 0)
		skip("no userfaultfd() here");
	CHECK_OK(ioctl(uffd, UFFDIO_API, &api));
}

TEST(reasons, userfaultfd)
{
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_range range = { .len = 8 * PAGE };
	pthread_t thread;
	int i;

	need_userfaultfd();
	watched = map_anon(8 * PAGE);
	CHECK_OK(madvise(watched, 8 * PAGE, MADV_NOHUGEPAGE));
	range.start = (uintptr_t)watched;
	reg.range = range;
	CHECK_OK(ioctl(uffd, UFFDIO_REGISTER, &reg));
	CHECK_ZERO(pthread_create(&thread, NULL, serves, NULL));
	for (i = 0; i < 8; i++) {
		away_or_home(i);
		CHECK_EQ(peek_byte(watched + i * PAGE + 5), 'A' + i);
		if (i % 3 != 2) {
			CHECK_REASON(getpid(), SSI_REASON_USERFAULTFD);
			leaves_again();
		}
		poke_byte(watched + i * PAGE + 5, i);
		/* 16 visits in a second, and it would stay at home */
		sleep_ms(200);
	}
	CHECK_EQ(READ(served), 8);
	/* not watched any more it is memory as any other */
	away();
	CHECK_OK(ioctl(uffd, UFFDIO_UNREGISTER, &range));
	for (i = 0; i < 8; i++)
		CHECK_EQ(peek_byte(watched + i * PAGE + 5), i);
	home();
}

/* Memory with a key of its own. */
TEST(reasons, protection_key)
{
	int key = syscall(SYS_pkey_alloc, 0, 0);
	char *mem = map_anon(PAGE);

	if (key < 0)
		skip("no protection keys here");
	CHECK_OK(syscall(SYS_pkey_mprotect, mem, PAGE, PROT_READ | PROT_WRITE,
			 key));
	visits(mem, SSI_REASON_PROTECTION_KEY);
}

/* And the key keeps what it locks, for a thread that came home for it. */
static void writes_locked(void *arg)
{
	int key = CHECK_OK(syscall(SYS_pkey_alloc, 0, 2 /* no writing */));
	char *mem = map_anon(PAGE);

	(void)arg;
	mem[5] = 9;
	CHECK_OK(syscall(SYS_pkey_mprotect, mem, PAGE, PROT_READ | PROT_WRITE,
			 key));
	away();
	CHECK_EQ(peek_byte(mem + 5), 9);
	poke_byte(mem + 5, 1);
	FAIL("what a key locks was written");
}

TEST(reasons, protection_key_locks)
{
	int key = syscall(SYS_pkey_alloc, 0, 0);

	if (key < 0)
		skip("no protection keys here");
	CHECK_OK(syscall(SYS_pkey_free, key));
	CHECK_KILLED(child(writes_locked, NULL), SIGSEGV);
}

/* The memory of a device of a virtual machine, which reading does not change. */
static char *device_memory(void)
{
	static const char dir[] = "/sys/bus/pci/devices";
	char path[320], vendor[16];
	struct dirent *de;
	char *mem = NULL;
	DIR *d;
	int fd;

	d = opendir(dir);
	while (d && !mem && (de = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s/vendor", dir, de->d_name);
		if (read_file(path, vendor, sizeof(vendor)) <= 0 ||
		    strncmp(vendor, "0x1af4", 6))
			continue;
		/* where virtio devices have their table of interrupts */
		snprintf(path, sizeof(path), "%s/%s/resource1", dir,
			 de->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		mem = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
		if (mem == MAP_FAILED)
			mem = NULL;
		close(fd);
	}
	if (d)
		closedir(d);
	return mem;
}

TEST(reasons, pfn_mapping)
{
	/* a word: the table has no bytes, and arm64 has a bus error for these */
	uint32_t *mem = (uint32_t *)device_memory(), want;
	int i;

	if (!mem)
		skip("no device whose memory can be read without harm");
	want = __atomic_load_n(mem + 3, __ATOMIC_RELAXED);
	for (i = 0; i < 4; i++) {
		away();
		CHECK_EQ(__atomic_load_n(mem + 3, __ATOMIC_RELAXED), want);
		CHECK_REASON(getpid(), SSI_REASON_PFN_MAPPING);
		leaves_again();
		home();
	}
}

/* For a second; the result is how often. */
static void *touches(void *arg)
{
	double end = now() + 1;
	long count = 0;

	do {
		ADD(*(long *)arg, 1);
		count++;
	} while (now() < end);
	return (void *)count;
}

/* Several threads: however long a visit takes, the visits are the process's. */
static long touched_by_threads(char *mem)
{
	pthread_t threads[4];
	long count = 0;
	void *got;
	int i;

	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, touches, mem));
	for (i = 0; i < 4; i++) {
		CHECK_ZERO(pthread_join(threads[i], &got));
		count += (long)got;
	}
	return count;
}

/* For half a second, in which one that is away makes many calls from there. */
static bool keeps_calling_from_home(struct ssi_where *where)
{
	struct ssi_where first;
	int i;

	CHECK_EQ(ssi_locate(getpid(), &first), 0);
	for (i = 0; i < 5; i++) {
		sleep_ms(100);
		CHECK_EQ(ssi_locate(getpid(), where), 0);
		if (where->traps != first.traps)
			return false;
	}
	return true;
}

/* Too many visits: the process stays for some seconds, and then leaves again. */
TEST_SECONDS(reasons, too_often, 200)
{
	char *mem = CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	struct ssi_where where;
	double end, stayed;
	long value = 0;

	need_own_moves();
	away();
	end = now() + 60;
	do {
		if (now() > end)
			FAIL("it was touched %ld times, and the process still leaves",
			     value);
		value += touched_by_threads(mem);
	} while (!keeps_calling_from_home(&where));
	stayed = now();
	CHECK_EQ(*(long *)mem, value);
	CHECK_EQ(where.reason, SSI_REASON_SHARED_MAPPING);
	CHECK_EQ(where.node, node(0));
	expect_calls_from(node(0), where.traps, 20);
	note("it stayed for %.1f s more", now() - stayed);
	home();
}

/* What a process starts is born at home, as one that nobody moved. */
static void never_moved(pid_t pid)
{
	struct ssi_where where;

	CHECK_EQ(ssi_locate(pid, &where), 0);
	CHECK_EQ(where.node, where.home);
	CHECK_EQ(where.moves, 0);
	CHECK_EQ(where.traps, 0);
	CHECK_EQ(where.reason, SSI_REASON_NONE);
}

TEST(reasons, children)
{
	int in[2], out[2];
	pid_t pid;
	char c;

	need_own_moves();
	CHECK_OK(pipe(in));
	CHECK_OK(pipe(out));
	away();
	pid = CHECK_OK(fork());
	if (!pid) {
		never_moved(getpid());
		away();
		CHECK_OK(dup2(in[0], STDIN_FILENO));
		CHECK_OK(dup2(out[1], STDOUT_FILENO));
		close(in[1]);
		close(out[0]);
		execl(self_path, "torture", "--as-child", "answer", NULL);
		FAIL("exec: %s", strerror(errno));
	}
	/* another program: at home again, whatever was before */
	close(in[0]);
	close(out[1]);
	CHECK_EQ(read(out[0], &c, 1), 1);
	never_moved(pid);
	close(in[1]);
	CHECK_EXITS(pid, 0);
	home();
}
