// SPDX-License-Identifier: GPL-2.0
/*
 * Why a process is at home: each reason that the documentation names is given, and
 * given for what it says. A visit ends by itself; an obstacle lasts as long as what
 * is in the way. Everything is right meanwhile.
 *
 * Refusals are in test_moves.c, pinned pages in test_pinned.c.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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

/* A visit ends within milliseconds: soon we make our calls from there again. */
static void leaves_again(void)
{
	struct ssi_where where;

	if (!moves_are_ours())
		return;
	CHECK_EQ(ssi_locate(getpid(), &where), 0);
	expect_calls_from(where.node, where.traps, 5);
}

/* Memory that is used while away: it works, the reason is named, it is a visit. */
static void visits(char *mem, unsigned int reason)
{
	int i;

	for (i = 0; i < 4; i++) {
		away();
		poke_byte(mem + i, i + 1);
		CHECK_EQ(peek_byte(mem + i), i + 1);
		CHECK_REASON(getpid(), reason);
		leaves_again();
		CHECK_EQ(peek_byte(mem + i), i + 1);
		home();
		CHECK_EQ(peek_byte(mem + i), i + 1);
	}
}

/* The move is accepted, nothing leaves, and it is said why. */
static void stays(unsigned int reason)
{
	struct ssi_where first, where;
	int i;

	if (!moves_are_ours())
		return;
	CHECK_EQ(ssi_away(node(0)), 0);
	CHECK_EQ(ssi_locate(getpid(), &first), 0);
	CHECK_EQ(first.node, node(0));
	for (i = 0; i < 5; i++) {
		sleep_ms(20);
		CHECK_EQ(ssi_locate(getpid(), &where), 0);
		CHECK_EQ(where.traps, first.traps);
		CHECK_EQ(where.threads_away, 0);
		if (where.reason != reason)
			FAIL("reason %u, expected %u: %s", where.reason, reason,
			     where.text);
	}
}

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
		CHECK_OK(ioctl(uffd, UFFDIO_COPY, &copy));
		ADD(served, 1);
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
	char *mem = device_memory();
	unsigned char want;
	int i;

	if (!mem)
		skip("no device whose memory can be read without harm");
	want = peek_byte(mem + 12);
	for (i = 0; i < 4; i++) {
		away();
		CHECK_EQ(peek_byte(mem + 12), want);
		CHECK_REASON(getpid(), SSI_REASON_PFN_MAPPING);
		leaves_again();
		home();
	}
}

/* Too many visits: the process stays for some seconds, and then leaves again. */
TEST_SECONDS(reasons, too_often, 200)
{
	char *mem = CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	struct ssi_where first, where;
	double end, stayed;
	long value = 0;

	need_own_moves();
	away();
	for (end = now() + 4; now() < end; value++)
		ADD(*(long *)mem, 1);
	CHECK_EQ(*(long *)mem, value);
	CHECK_REASON(getpid(), SSI_REASON_SHARED_MAPPING);
	CHECK_EQ(ssi_locate(getpid(), &first), 0);
	stayed = now();
	sleep_ms(2000);
	CHECK_EQ(ssi_locate(getpid(), &where), 0);
	CHECK_EQ(where.traps, first.traps);
	CHECK_EQ(where.node, node(0));
	expect_calls_from(node(0), where.traps, 20);
	stayed = now() - stayed;
	note("it stayed for %.1f s more", stayed);
	CHECK(stayed < 12);
	home();
}

/* A debugger that steps. */
static long ticks;

static void counts(void *arg)
{
	(void)arg;
	ready();
	for (;;)
		ADD(ticks, 1);
}

static void wait_stop(pid_t pid, int sig)
{
	int status;

	CHECK_EQ(waitpid(pid, &status, __WALL), pid);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != sig)
		FAIL("status 0x%x, expected a stop by %d", status, sig);
}

static pid_t traced_away(void)
{
	pid_t pid = child_ready(counts, NULL);

	SEND_AWAY(pid, 0);
	CHECK_AWAY(pid, 1);
	CHECK_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
	wait_stop(pid, SIGSTOP);
	return pid;
}

static void end(pid_t pid)
{
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

TEST(reasons, single_step)
{
	struct cpu_regs regs;
	pid_t pid = traced_away();
	int i;

	for (i = 0; i < 5; i++) {
		CHECK_OK(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
		wait_stop(pid, SIGTRAP);
		CHECK_OK(regs_get(pid, &regs));
	}
	CHECK_REASON(pid, SSI_REASON_SINGLE_STEP);
	CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK_AWAY(pid, 1);
	end(pid);
}

/* A watchpoint on what is never written: nothing happens but that it stays. */
static long untouched;

#ifdef __x86_64__
static bool watch(pid_t pid, void *addr)
{
	size_t at = offsetof(struct user, u_debugreg);

	return !ptrace(PTRACE_POKEUSER, pid, at, addr) &&
	       !ptrace(PTRACE_POKEUSER, pid, at + 7 * 8,
		       addr ? 1 | 1 << 16 | 2 << 18 : 0);
}
#else
static bool watch(pid_t pid, void *addr)
{
	struct {
		uint32_t info, pad;
		uint64_t addr;
		uint32_t ctrl, pad2;
	} dbg = { .addr = (uintptr_t)addr };
	struct iovec iov = { &dbg, sizeof(dbg) };

	/* 8 bytes, stores, user mode, enabled */
	if (addr)
		dbg.ctrl = 0xff << 5 | 2 << 3 | 2 << 1 | 1;
	return !ptrace(PTRACE_SETREGSET, pid, 0x403 /* NT_ARM_HW_WATCH */,
		       &iov);
}
#endif

TEST(reasons, hw_breakpoint)
{
	pid_t pid = traced_away();

	if (!watch(pid, &untouched)) {
		kill(pid, SIGKILL);
		skip("no watchpoints here");
	}
	CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK_REASON(pid, SSI_REASON_HW_BREAKPOINT);
	sleep_ms(200);
	CHECK_AWAY(pid, 0);
	CHECK_OK(kill(pid, SIGUSR1));
	wait_stop(pid, SIGUSR1);
	/* deleted, it is in the way no more */
	CHECK(watch(pid, NULL));
	CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK_AWAY(pid, 1);
	end(pid);
}

#ifdef __x86_64__

static long call_32(long nr)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(nr)
		     : "r8", "r9", "r10", "r11", "memory");
	return ret;
}

static void tries_32(void *arg)
{
	(void)arg;
	_exit(call_32(20) == getpid() ? 0 : 1);
}

/* A single 32-bit call of a 64-bit program. */
TEST(reasons, compat_call)
{
	int status, i;
	pid_t pid;

	pid = child(tries_32, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (status)
		skip("this kernel has no 32-bit system calls");
	for (i = 0; i < 4; i++) {
		away();
		CHECK_EQ(call_32(20 /* getpid */), getpid());
		leaves_again();
		home();
	}
}

/*
 * No call, but a jump to the segment of 32-bit code and back: a 64-bit program may do
 * that at any time and tells nobody. It is noticed when home asks for the thread, as
 * it does once a second, and then the thread stays until it is back in 64-bit mode.
 * far_power() multiplies by the same number again and again there. The upper halves
 * of registers do not outlive it: it has a stack below 4 GiB, where its own is noted.
 * The jumps are not far returns: some versions of QEMU make those with the rights of
 * the kernel, which may not read a stack of user mode.
 */
extern const char far_power[], far_power_end[];

asm(".pushsection .rodata\n"
	"far_power:\n"	/* unsigned int (void *stack, unsigned int rounds) */
	"	push %rbx\n"
	"	push %rbp\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	mov %rsp, -8(%rdi)\n"
	"	lea -64(%rdi), %rsp\n"
	"	lea 1f(%rip), %rax\n"
	"	lea 3f(%rip), %rdx\n"
	"	movl %eax, -24(%rdi)\n"
	"	movl $0x23, -20(%rdi)\n"
	"	movl %edx, -16(%rdi)\n"
	"	movl $0x33, -12(%rdi)\n"
	"	ljmpl *-24(%rdi)\n"
	".code32\n"
	"1:	mov $1, %eax\n"
	"2:	imul $1664525, %eax, %eax\n"
	"	dec %esi\n"
	"	jnz 2b\n"
	"	ljmpl *-16(%edi)\n"
	".code64\n"
	"3:	mov %edi, %edi\n"
	"	mov %eax, %eax\n"
	"	mov -8(%rdi), %rsp\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	ret\n"
	"far_power_end:\n"
	".popsection");

typedef unsigned int (*far_fn)(void *stack, unsigned int rounds);

static unsigned int power(unsigned int exponent)
{
	unsigned int base = 1664525, value = 1;

	for (; exponent; exponent >>= 1, base *= base)
		if (exponent & 1)
			value *= base;
	return value;
}

static char *far_memory(void)
{
	char *mem = CHECK_OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));

	memcpy(mem, far_power, far_power_end - far_power);
	CHECK_OK(mprotect(mem, PAGE, PROT_READ | PROT_EXEC));
	return mem;
}

static void tries_far(void *arg)
{
	char *mem = far_memory();

	(void)arg;
	CHECK_EQ(((far_fn)mem)(mem + 2 * PAGE, 3), power(3));
}

static void computes_far(void *arg)
{
	unsigned int rounds = 1 << 16;
	char *mem = far_memory();
	far_fn fn = (far_fn)mem;
	double start, took;

	(void)arg;
	/* how many take two seconds and a half? */
	do {
		rounds *= 2;
		start = now();
		CHECK_EQ(fn(mem + 2 * PAGE, rounds), power(rounds));
		took = now() - start;
	} while (took < 0.1 && rounds < 1U << 30);
	rounds = took > 2.5 / (UINT_MAX / rounds) ? rounds * (2.5 / took) :
						    UINT_MAX;
	away();
	ready();
	/* once more, if the machine was busier then than it is now */
	start = now();
	do {
		CHECK_EQ(fn(mem + 2 * PAGE, rounds), power(rounds));
	} while (now() < start + 2.5);
	leaves_again();
	home();
}

TEST(reasons, compat_mode)
{
	pid_t pid = child(tries_far, NULL);
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		skip("this machine has no 32-bit code segment");
	CHECK_EQ(status, 0);
	pid = child_ready(computes_far, NULL);
	CHECK_REASON(pid, SSI_REASON_COMPAT_SYSCALL);
	CHECK_AWAY(pid, 0);
	CHECK_EXITS(pid, 0);
}

/* What the C library declares nowhere. */
struct segment {
	unsigned int entry, base, limit, flags;
};

static void has_ldt(void *arg)
{
	(void)arg;
	stays(SSI_REASON_LDT);
}

TEST(reasons, ldt)
{
	struct segment seg = { .limit = 0xfffff, .flags = 0x51 };

	if (syscall(SYS_modify_ldt, 1, &seg, sizeof(seg)))
		skip("no modify_ldt() in this kernel");
	stays(SSI_REASON_LDT);
	/* inherited with the memory */
	CHECK_EXITS(child(has_ldt, NULL), 0);
}

TEST(reasons, io_bitmap)
{
	if (syscall(SYS_ioperm, 0x80, 1, 1)) {
		if (errno == EPERM)
			skip("may not access I/O ports");
		skip("no ioperm() in this kernel");
	}
	stays(SSI_REASON_IO_BITMAP);
	CHECK_OK(syscall(SYS_ioperm, 0x80, 1, 0));
	away();
	home();
}

/* Linear address masking: addresses with bits that do not count. */
TEST(reasons, memory_tag)
{
	char *mem = map_anon(PAGE), *tagged;

	if (syscall(SYS_arch_prctl, 0x4002 /* ARCH_ENABLE_TAGGED_ADDR */, 6))
		skip("no linear address masking here");
	tagged = (char *)((uintptr_t)mem | 1UL << 58);
	poke_byte(tagged, 5);
	stays(SSI_REASON_MEMORY_TAG);
	CHECK_EQ(peek_byte(tagged), 5);
}

/* Tiles: 8 KiB of registers, once permission was asked for. */
TEST(reasons, amx)
{
	static const struct {
		uint8_t palette, start, reserved[14];
		uint16_t width[16];
		uint8_t rows[16];
	} config __attribute__((aligned(64))) = {
		.palette = 1, .width = { 64 }, .rows = { 16 },
	};

	if (syscall(SYS_arch_prctl, 0x1023 /* ARCH_REQ_XCOMP_PERM */, 18))
		skip("no AMX here");
	/* ldtilecfg (%rax) */
	asm volatile(".byte 0xc4, 0xe2, 0x78, 0x49, 0x00"
		     : : "a"(&config), "m"(config));
	stays(SSI_REASON_AMX);
	/* tilerelease */
	asm volatile(".byte 0xc4, 0xe2, 0x78, 0x49, 0xc0");
}

/* Whoever switches this on can never return to where it was off. */
static void __attribute__((noinline)) with_shadow_stack(void *arg)
{
	long ret;

	(void)arg;
	asm volatile("syscall" : "=a"(ret)
		     : "a"(SYS_arch_prctl), "D"(0x5001 /* ARCH_SHSTK_ENABLE */),
		       "S"(1) : "rcx", "r11", "memory");
	if (ret)
		_exit(EXIT_SKIP);
	stays(SSI_REASON_SHADOW_STACK);
	_exit(0);
}

#else /* arm64 */

/* Memory with tags. */
TEST(reasons, memory_tag)
{
	char *mem;

	if (!(getauxval(AT_HWCAP2) & 1 << 18))
		skip("no memory tagging here");
	CHECK_OK(prctl(55 /* PR_SET_TAGGED_ADDR_CTRL */, 1 | 1 << 1 |
		       0xfffe << 3, 0, 0, 0));
	mem = CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE | 0x20,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	asm volatile(".arch armv8.5-a+memtag\n"
		     "irg %0, %0\n"
		     "stg %0, [%0]\n" : "+r"(mem) : : "memory");
	visits(mem, SSI_REASON_MEMORY_TAG);
}

static void __attribute__((noinline)) with_shadow_stack(void *arg)
{
	register long x0 asm("x0") = 75;	/* PR_SET_SHADOW_STACK_STATUS */
	register long x1 asm("x1") = 1;		/* PR_SHADOW_STACK_ENABLE */
	register long x2 asm("x2") = 0;
	register long x3 asm("x3") = 0;
	register long x4 asm("x4") = 0;
	register long x8 asm("x8") = SYS_prctl;

	(void)arg;
	asm volatile("svc #0" : "+r"(x0)
		     : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x8) : "memory");
	if (x0)
		_exit(EXIT_SKIP);
	stays(SSI_REASON_SHADOW_STACK);
	_exit(0);
}
#endif

TEST(reasons, shadow_stack)
{
	pid_t pid = child(with_shadow_stack, NULL);
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP)
		skip("no shadow stack here");
	CHECK_EQ(status, 0);
}

/*
 * Reading the time stamp counter is forbidden to one thread, by a bit that only the
 * CPU of home has. Asking for the time may be reading it.
 */
#ifndef PR_SET_TSC
#define PR_SET_TSC	26
#define PR_TSC_ENABLE	1
#define PR_TSC_SIGSEGV	2
#endif

static void reads_counter(void *arg)
{
	if (arg)
		away();
	if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0))
		_exit(EXIT_SKIP);
#ifdef __x86_64__
	asm volatile("rdtsc" : : : "rax", "rdx");
#else
	asm volatile("mrs x0, cntvct_el0" : : : "x0");
#endif
}

TEST(reasons, cpu_control)
{
	pid_t pid = child(reads_counter, NULL);
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP)
		skip("no PR_SET_TSC in this kernel");
	if (!WIFSIGNALED(status))
		skip("this machine has no way to forbid the counter");
	CHECK_EQ(WTERMSIG(status), SIGSEGV);
	CHECK_OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	stays(SSI_REASON_CPU_CONTROL);
	CHECK_OK(prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
	away();
	leaves_again();
	home();
	/* said while away, it holds from the next instruction on */
	CHECK_KILLED(child(reads_counter, "away"), SIGSEGV);
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
