// SPDX-License-Identifier: GPL-2.0
/*
 * Memory: what is written on one node is read on every other, mappings change
 * under it, and the kernel at home reads and writes it too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "arch.h"
#include "torture.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)

static sigjmp_buf fault_jump;
static void *fault_addr;

static void on_fault(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	WRITE(fault_addr, si->si_addr);
	siglongjmp(fault_jump, 1);
}

static void catch_faults(void)
{
	struct sigaction sa = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	CHECK_OK(sigaction(SIGSEGV, &sa, NULL));
	CHECK_OK(sigaction(SIGBUS, &sa, NULL));
}

static bool read_faults(void *addr)
{
	WRITE(fault_addr, (void *)-1);
	if (sigsetjmp(fault_jump, 1))
		return READ(fault_addr) == addr;
	peek_byte(addr);
	return false;
}

static bool write_faults(void *addr)
{
	WRITE(fault_addr, (void *)-1);
	if (sigsetjmp(fault_jump, 1))
		return READ(fault_addr) == addr;
	poke_byte(addr, 1);
	return false;
}

/*
 * A model of the memory is kept as a seed for each page; a page is only ever
 * rewritten as a whole, so every page can be checked at any time.
 */
static void pages_check(const char *mem, const uint32_t *seeds, size_t pages,
			size_t step)
{
	static uint64_t want[PAGE / 8];
	size_t i;

	for (i = 0; i < pages; i += step) {
		fill(want, PAGE, seeds[i] * 2654435761u);
		CHECK_SAME(mem + i * PAGE, want, PAGE);
	}
}

static void bulk(size_t len, unsigned int moves)
{
	size_t pages = len / PAGE, i, n;
	uint64_t rnd = 0x5eed + moves;
	uint32_t *seeds;
	unsigned int m;
	char *mem;

	mem = map_anon(len);
	seeds = map_anon(pages * sizeof(*seeds));
	for (i = 0; i < pages; i++) {
		seeds[i] = i + 1;
		fill(mem + i * PAGE, PAGE, seeds[i] * 2654435761u);
	}
	for (m = 0; m < moves; m++) {
		away_or_home(m);
		for (n = 0; n < pages / 16; n++) {
			i = random_next(&rnd) % pages;
			seeds[i] = random_next(&rnd);
			fill(mem + i * PAGE, PAGE, seeds[i] * 2654435761u);
		}
		pages_check(mem, seeds, pages, 1 + m % 7);
	}
	pages_check(mem, seeds, pages, 1);
	home();
	pages_check(mem, seeds, pages, 1);
	munmap(mem, len);
}

TEST(memory, pattern)
{
	bulk(MIB, 12);
}

TEST_SECONDS(memory, bulk, 300)
{
	bulk(6 * MIB, 12);
}

/* What it takes to find a lost page among many; only when asked for. */
TEST_LONG(memory, bulk_large)
{
	bulk(48 * MIB, 60);
}

/* Single words change hands, many times. */
TEST(memory, ping_pong)
{
	uint64_t *word = map_anon(16 * PAGE);
	unsigned int i, k;

	for (i = 0; i < 40; i++) {
		away_or_home(i);
		for (k = 0; k < 16; k++) {
			CHECK_EQ(word[k * PAGE / 8 + k], i);
			word[k * PAGE / 8 + k]++;
		}
	}
	home();
}

/* Untouched memory reads as zero, wherever it is first touched. */
TEST(memory, zero)
{
	char *mem = map_anon(4 * MIB);
	size_t i;

	away();
	for (i = 0; i < 2 * MIB; i += PAGE)
		CHECK_EQ(mem[i + i / PAGE % PAGE], 0);
	for (i = 0; i < 2 * MIB; i += 2 * PAGE)
		mem[i] = 1;
	home();
	for (i = 0; i < 4 * MIB; i += PAGE)
		CHECK_EQ(mem[i], i < 2 * MIB && i % (2 * PAGE) == 0);
	munmap(mem, 4 * MIB);
}

TEST(memory, munmap)
{
	char *mem = map_anon(2 * MIB);
	size_t i;

	catch_faults();
	away();
	for (i = 0; i < 2 * MIB; i += PAGE)
		mem[i] = i / PAGE;
	CHECK_OK(munmap(mem + 10 * PAGE, 5 * PAGE));
	CHECK(read_faults(mem + 10 * PAGE));
	CHECK(write_faults(mem + 15 * PAGE - 1));
	CHECK_EQ(peek_byte(mem + 9 * PAGE), 9);
	CHECK_EQ(peek_byte(mem + 15 * PAGE), 15);
	home();
	CHECK(read_faults(mem + 12 * PAGE));
	CHECK_OK(munmap(mem + 100 * PAGE, 5 * PAGE));
	away();
	CHECK(read_faults(mem + 102 * PAGE));
	CHECK_EQ(peek_byte(mem + 105 * PAGE), 105);
	/* What is mapped in the hole is new and empty. */
	CHECK(mmap(mem + 10 * PAGE, 5 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	      mem + 10 * PAGE);
	for (i = 10; i < 15; i++)
		CHECK_EQ(peek_byte(mem + i * PAGE), 0);
	home();
}

TEST(memory, mprotect)
{
	char *mem = map_anon(16 * PAGE);

	catch_faults();
	memset(mem, 7, 16 * PAGE);
	away();
	memset(mem, 8, 8 * PAGE);
	CHECK_OK(mprotect(mem, 4 * PAGE, PROT_READ));
	CHECK(write_faults(mem + 100));
	CHECK_EQ(mem[100], 8);
	CHECK_OK(mprotect(mem, 4 * PAGE, PROT_READ | PROT_WRITE));
	poke_byte(mem + 100, 9);
	CHECK_EQ(mem[100], 9);
	CHECK_OK(mprotect(mem + 2 * PAGE, PAGE, PROT_NONE));
	CHECK(read_faults(mem + 2 * PAGE));
	CHECK(write_faults(mem + 3 * PAGE - 1));
	home();
	CHECK(read_faults(mem + 2 * PAGE));
	CHECK_OK(mprotect(mem + 2 * PAGE, PAGE, PROT_READ));
	away();
	CHECK_EQ(peek_byte(mem + 2 * PAGE), 8);
	CHECK(write_faults(mem + 2 * PAGE));
	CHECK_EQ(peek_byte(mem + 10 * PAGE), 7);
	home();
}

/* Pages that are moved by mremap() keep their content, whoever has them. */
TEST(memory, mremap)
{
	size_t len = 2 * MIB, i;
	unsigned char *mem, *new;

	catch_faults();
	mem = map_anon(len);
	away();
	fill(mem, len, 99);
	new = CHECK_OK(mremap(mem, len, 2 * len, MREMAP_MAYMOVE));
	fill(mem = map_anon(len), len, 99);
	CHECK_SAME(new, mem, len);
	for (i = len; i < 2 * len; i += PAGE)
		CHECK_EQ(new[i], 0);
	memset(new + len, 3, PAGE);
	home();
	CHECK_SAME(new, mem, len);
	/* To a fixed place, over something that is there. */
	CHECK(mremap(new, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, mem) == mem);
	away();
	CHECK(read_faults(new));
	CHECK_EQ(peek_byte(new + len), 3);
	fill(new = map_anon(len), len, 99);
	CHECK_SAME(mem, new, len);
	/* Shrinking takes the tail away. */
	CHECK(mremap(mem, len, len / 2, 0) == mem);
	CHECK(read_faults(mem + len / 2));
	CHECK_SAME(mem, new, len / 2);
	home();
}

TEST(memory, madvise)
{
	char *mem = map_anon(64 * PAGE);
	size_t i;

	away();
	memset(mem, 5, 64 * PAGE);
	CHECK_OK(madvise(mem + 8 * PAGE, 8 * PAGE, MADV_DONTNEED));
	for (i = 0; i < 64; i++)
		CHECK_EQ(mem[i * PAGE], i >= 8 && i < 16 ? 0 : 5);
	home();
	for (i = 0; i < 64; i++)
		CHECK_EQ(mem[i * PAGE], i >= 8 && i < 16 ? 0 : 5);
	CHECK_OK(madvise(mem, 64 * PAGE, MADV_NOHUGEPAGE));
	memset(mem, 6, 64 * PAGE);
	away();
	CHECK_OK(madvise(mem, 64 * PAGE, MADV_FREE));
	for (i = 0; i < 64; i++)
		CHECK(mem[i * PAGE] == 0 || mem[i * PAGE] == 6);
	memset(mem, 7, 64 * PAGE);
	for (i = 0; i < 64; i++)
		CHECK_EQ(mem[i * PAGE], 7);
	home();
	for (i = 0; i < 64; i++)
		CHECK_EQ(mem[i * PAGE], 7);
}

TEST(memory, brk)
{
	char *start = CHECK_OK(sbrk(MIB));
	size_t i;

	memset(start, 1, MIB / 2);
	away();
	for (i = 0; i < MIB; i += PAGE)
		CHECK_EQ(start[i], i < MIB / 2);
	memset(start, 2, MIB);
	CHECK_OK(sbrk(MIB));
	memset(start + MIB, 3, MIB);
	home();
	for (i = 0; i < 2 * MIB; i += PAGE)
		CHECK_EQ(start[i], i < MIB ? 2 : 3);
	CHECK_OK(sbrk(-(long)MIB));
	away();
	catch_faults();
	CHECK(read_faults(start + MIB));
	CHECK_OK(sbrk(-(long)MIB));
	home();
}

static unsigned int deep(unsigned int levels)
{
	unsigned char room[3000];

	memset(room, levels, sizeof(room));
	asm volatile("" : : "r"(room) : "memory");
	if (levels && deep(levels - 1) != levels - 1)
		FAIL("stack frame %u is wrong", levels - 1);
	asm volatile("" : : "r"(room) : "memory");
	return room[17] == (unsigned char)levels &&
	       room[2999] == (unsigned char)levels ? levels : -1U;
}

/* The stack grows by 4 MiB of faults below the mapping. */
TEST(memory, stack_growth)
{
	away();
	CHECK_EQ(deep(1500), 1500);
	home();
	CHECK_EQ(deep(1500), 1500);
}

static void overflow(void *arg)
{
	struct rlimit lim = { 256 << 10, 256 << 10 };

	(void)arg;
	CHECK_OK(setrlimit(RLIMIT_STACK, &lim));
	away();
	deep(1500);
}

/* And not beyond its limit. */
TEST(memory, stack_limit)
{
	CHECK_KILLED(child(overflow, NULL), SIGSEGV);
}

TEST(memory, syscall_buffers)
{
	size_t len = 300000;
	char *out = map_anon(MIB), *in = map_anon(MIB);
	struct iovec iov[4];
	int fd = temp_file(), i;

	fill(out, MIB, 3);
	away();
	fill(out, len, 4);
	CHECK_EQ(write(fd, out + 16, len), (long)len);
	CHECK_EQ(pread(fd, in + 5, len, 0), (long)len);
	CHECK_SAME(in + 5, out + 16, len);
	for (i = 0; i < 4; i++) {
		iov[i].iov_base = in + i * 100000 + 7;
		iov[i].iov_len = 50000;
	}
	CHECK_EQ(preadv(fd, iov, 4, 0), 200000);
	for (i = 0; i < 4; i++)
		CHECK_SAME(iov[i].iov_base, out + 16 + i * 50000, 50000);
	home();
	for (i = 0; i < 4; i++)
		CHECK_SAME(iov[i].iov_base, out + 16 + i * 50000, 50000);
	/* A bad buffer is EFAULT, not a signal. */
	away();
	CHECK_ERR(write(fd, (void *)0x1230, 10), EFAULT);
	CHECK_OK(mprotect(in, PAGE, PROT_READ));
	CHECK_ERR(pread(fd, in, 10, 0), EFAULT);
	home();
}

/* A private mapping of a file: read, written, and the file stays as it was. */
TEST(memory, private_file)
{
	char *want = map_anon(MIB), *map, byte;
	int fd = temp_file();
	size_t i;

	fill(want, MIB, 11);
	CHECK_EQ(write(fd, want, MIB), (long)MIB);
	map = CHECK_OK(mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
			    0));
	away();
	CHECK_SAME(map, want, MIB);
	for (i = 0; i < MIB; i += 3 * PAGE)
		map[i] = ~want[i];
	home();
	for (i = 0; i < MIB; i += PAGE) {
		CHECK_EQ(map[i], (char)(i % (3 * PAGE) ? want[i] : ~want[i]));
		CHECK_EQ(pread(fd, &byte, 1, i), 1);
		CHECK_EQ(byte, want[i]);
	}
	away();
	for (i = 0; i < MIB; i += PAGE)
		CHECK_EQ(map[i], (char)(i % (3 * PAGE) ? want[i] : ~want[i]));
	/* Mapped while away, read only. */
	map = CHECK_OK(mmap(NULL, MIB, PROT_READ, MAP_PRIVATE, fd, 0));
	CHECK_SAME(map, want, MIB);
	home();
}

/* Beyond the end of the file is SIGBUS; a truncated file loses its pages. */
TEST(memory, file_end)
{
	char *want = map_anon(8 * PAGE), *map;
	int fd = temp_file();

	catch_faults();
	fill(want, 8 * PAGE, 12);
	CHECK_EQ(write(fd, want, 8 * PAGE), 8 * PAGE);
	map = CHECK_OK(mmap(NULL, 16 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
	away();
	CHECK_SAME(map, want, 8 * PAGE);
	CHECK(read_faults(map + 8 * PAGE));
	CHECK_OK(ftruncate(fd, 4 * PAGE));
	CHECK(read_faults(map + 4 * PAGE));
	CHECK_SAME(map, want, 4 * PAGE);
	home();
	CHECK(read_faults(map + 5 * PAGE));
}
