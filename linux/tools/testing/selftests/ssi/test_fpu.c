// SPDX-License-Identifier: GPL-2.0
/*
 * Floating point and vector registers, and the other state of a thread's CPU,
 * survive moves, signals and system calls.
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "arch.h"
#include "torture.h"

static int hits;

static void count(int sig)
{
	double z = sig;
	int i;

	for (i = 0; i < 10; i++)
		z = z * 1.01 + i;
	asm volatile("" : : "r"(&z) : "memory");
	ADD(hits, 1);
}

static void tick(unsigned int ms)
{
	struct itimerval it = { };

	away();
	ms = pace_ms(ms);
	it.it_interval.tv_sec = ms / 1000;
	it.it_interval.tv_usec = ms % 1000 * 1000;
	it.it_value = it.it_interval;
	handle(SIGALRM, count, SA_RESTART);
	CHECK_OK(setitimer(ITIMER_REAL, &it, NULL));
}

static double sum_up(int rounds)
{
	double a = 1.5, b = 0;
	int i;

	for (i = 0; i < rounds; i++) {
		b += a * i;
		a += 0.5;
		if (i % 20000 == 0)
			syscall(SYS_getppid);
	}
	return b;
}

TEST(fpu, sum)
{
	double want = sum_up(200000);
	int i;

	for (i = 0; i < 6; i++) {
		away_or_home(i);
		CHECK(sum_up(200000) == want);
	}
	home();
}

/* The rounding mode belongs to the thread, not to the CPU. */
TEST(fpu, rounding)
{
	static const int modes[] = {
		FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO
	};
	double one = 1, three = 3, got[4], want[4];
	int i;

	for (i = 0; i < 4; i++) {
		CHECK_EQ(fesetround(modes[i]), 0);
		asm volatile("" : "+m"(one), "+m"(three));
		want[i] = one / three;
	}
	for (i = 0; i < 8; i++) {
		CHECK_EQ(fesetround(modes[i % 4]), 0);
		away_or_home(i);
		CHECK_EQ(fegetround(), modes[i % 4]);
		asm volatile("" : "+m"(one), "+m"(three));
		got[i % 4] = one / three;
		CHECK(got[i % 4] == want[i % 4]);
	}
	fesetround(FE_TONEAREST);
	home();
}

/*
 * Each vector test fills registers, waits in pure user mode for signals and
 * for others to move it, makes a system call, and reads the registers back,
 * all in one asm so that the compiler cannot use them between.
 */
#define SPINS 300000L

#ifdef __x86_64__

static void sse_round(unsigned char *in, unsigned char *out)
{
	long n = SPINS;

	asm volatile("movdqu 0(%1), %%xmm0\n"
		     "movdqu 16(%1), %%xmm7\n"
		     "movdqu 32(%1), %%xmm8\n"
		     "movdqu 48(%1), %%xmm15\n"
		     "1: dec %0\n"
		     "jnz 1b\n"
		     "mov %3, %%eax\n"
		     "syscall\n"
		     "movdqu %%xmm0, 0(%2)\n"
		     "movdqu %%xmm7, 16(%2)\n"
		     "movdqu %%xmm8, 32(%2)\n"
		     "movdqu %%xmm15, 48(%2)\n"
		     : "+r"(n)
		     : "r"(in), "r"(out), "i"(SYS_getppid)
		     : "rax", "rcx", "r11", "xmm0", "xmm7", "xmm8", "xmm15",
		       "cc", "memory");
}

static void __attribute__((target("avx")))
avx_round(unsigned char *in, unsigned char *out)
{
	long n = SPINS;

	asm volatile("vmovdqu 0(%1), %%ymm0\n"
		     "vmovdqu 32(%1), %%ymm15\n"
		     "1: dec %0\n"
		     "jnz 1b\n"
		     "mov %3, %%eax\n"
		     "syscall\n"
		     "vmovdqu %%ymm0, 0(%2)\n"
		     "vmovdqu %%ymm15, 32(%2)\n"
		     "vzeroupper\n"
		     : "+r"(n)
		     : "r"(in), "r"(out), "i"(SYS_getppid)
		     : "rax", "rcx", "r11", "xmm0", "xmm15", "cc", "memory");
}

/* All 32 vector registers, then the 8 mask registers. */
#define ZMM_NUMBERS							\
	"0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,"	\
	"24,25,26,27,28,29,30,31"
#define ZMM_CLOBBERS							\
	"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",	\
	"xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",	\
	"xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21",	\
	"xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28",	\
	"xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6",	\
	"k7"

static void __attribute__((target("avx512f,avx512bw")))
avx512_round(unsigned char *in, unsigned char *out)
{
	long n = SPINS;

	asm volatile(".irp r," ZMM_NUMBERS "\n"
		     "vmovdqu64 \\r * 64(%1), %%zmm\\r\n"
		     ".endr\n"
		     ".irp r,0,1,2,3,4,5,6,7\n"
		     "kmovq 2048 + \\r * 8(%1), %%k\\r\n"
		     ".endr\n"
		     "1: dec %0\n"
		     "jnz 1b\n"
		     "mov %3, %%eax\n"
		     "syscall\n"
		     ".irp r," ZMM_NUMBERS "\n"
		     "vmovdqu64 %%zmm\\r, \\r * 64(%2)\n"
		     ".endr\n"
		     ".irp r,0,1,2,3,4,5,6,7\n"
		     "kmovq %%k\\r, 2048 + \\r * 8(%2)\n"
		     ".endr\n"
		     "vzeroupper\n"
		     : "+r"(n)
		     : "r"(in), "r"(out), "i"(SYS_getppid)
		     : "rax", "rcx", "r11", "cc", "memory", ZMM_CLOBBERS);
}

static void vector_rounds(void (*round)(unsigned char *, unsigned char *),
			  size_t len)
{
	static unsigned char in[2112], out[2112];
	int i;

	tick(5);
	for (i = 0; i < 24; i++) {
		away_or_home(i);
		fill(in, sizeof(in), i + 1);
		memset(out, 0, sizeof(out));
		round(in, out);
		CHECK_SAME(out, in, len);
	}
	home();
}

TEST(fpu, sse)
{
	vector_rounds(sse_round, 64);
}

TEST(fpu, avx)
{
	if (!__builtin_cpu_supports("avx"))
		skip("no AVX");
	vector_rounds(avx_round, 64);
}

TEST(fpu, avx512)
{
	if (!__builtin_cpu_supports("avx512bw"))
		skip("no AVX-512");
	vector_rounds(avx512_round, 2112);
}

struct x87 {
	long double value;
};

/* The stack of x87 registers, its control word and its tags. */
TEST(fpu, x87)
{
	unsigned short control = 0x0c7f, got;
	struct x87 top, second;
	int i;

	tick(5);
	for (i = 0; i < 12; i++) {
		long n = SPINS;

		asm volatile("fldcw %4\n"
			     "fldpi\n"
			     "fldl2e\n"
			     "1: dec %0\n"
			     "jnz 1b\n"
			     "fstcw %3\n"
			     "fstpt %1\n"
			     "fstpt %2\n"
			     : "+r"(n), "=m"(top.value), "=m"(second.value),
			       "=m"(got)
			     : "m"(control)
			     : "cc", "memory");
		asm volatile("fninit");
		CHECK_EQ(got & 0x0f7f, control & 0x0f7f);
		CHECK(top.value > 1.4426L && top.value < 1.4427L);
		CHECK(second.value > 3.14159L && second.value < 3.1416L);
		away_or_home(i);
	}
	/* A register that is full while the move is asked for. */
	for (i = 0; i < 6; i++) {
		asm volatile("fldpi");
		away_or_home(i);
		asm volatile("fstpt %0" : "=m"(top.value));
		CHECK(top.value > 3.14159L && top.value < 3.1416L);
	}
	home();
}

/* fs holds the thread pointer; gs is free for programs. */
TEST(fpu, segment_bases)
{
	static __thread int tls;
	static unsigned long word = 0x1122334455667788;
	unsigned long got;
	int i;

	CHECK_OK(syscall(SYS_arch_prctl, 0x1001, &word));
	for (i = 0; i < 8; i++) {
		tls = i;
		away_or_home(i);
		asm volatile("mov %%gs:0, %0" : "=r"(got));
		CHECK_EQ(got, 0x1122334455667788);
		CHECK_OK(syscall(SYS_arch_prctl, 0x1004, &got));
		CHECK_EQ(got, (unsigned long)&word);
		CHECK_EQ(tls, i);
		if (i == 4 && (getauxval(AT_HWCAP2) & 2)) {
			/* Set by the instruction, behind the kernel's back. */
			asm volatile(".byte 0xf3, 0x48, 0x0f, 0xae, 0xd8"
				     : : "a"(&word));
			home();
			asm volatile("mov %%gs:0, %0" : "=r"(got));
			CHECK_EQ(got, 0x1122334455667788);
		}
	}
	CHECK_OK(syscall(SYS_arch_prctl, 0x1001, 0));
	home();
}

#else /* arm64 */

TEST(fpu, neon)
{
	unsigned char in[64], out[64];
	int i;

	tick(5);
	for (i = 0; i < 24; i++) {
		long n = SPINS;

		away_or_home(i);
		fill(in, sizeof(in), i + 1);
		memset(out, 0, sizeof(out));
		asm volatile("ldp q0, q9, [%1]\n"
			     "ldp q16, q31, [%1, #32]\n"
			     "1: subs %0, %0, #1\n"
			     "b.ne 1b\n"
			     "mov x8, %3\n"
			     "svc #0\n"
			     "stp q0, q9, [%2]\n"
			     "stp q16, q31, [%2, #32]\n"
			     : "+r"(n)
			     : "r"(in), "r"(out), "i"(SYS_getppid)
			     : "x0", "x8", "v0", "v9", "v16", "v31", "cc",
			       "memory");
		CHECK_SAME(out, in, 64);
	}
	home();
}

#ifndef HWCAP_SVE
#define HWCAP_SVE	(1 << 22)
#endif
#ifndef HWCAP2_SME
#define HWCAP2_SME	(1 << 23)
#endif
#define SVE_SET_VL	50
#define SVE_GET_VL	51

#define SVE_CLOBBERS							\
	"v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9",	\
	"v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18",	\
	"v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27",	\
	"v28", "v29", "v30", "v31"

/* Vector, predicate and first-fault registers across signals and moves. */
TEST(fpu, sve)
{
	static unsigned char in[256], out[256], pred[32], ffr[32];
	uint64_t len;
	int i, k, vl;

	if (!(getauxval(AT_HWCAP) & HWCAP_SVE))
		skip("no SVE");
	vl = CHECK_OK(prctl(SVE_GET_VL)) & 0xffff;
	tick(5);
	for (i = 0; i < 24; i++) {
		long n = SPINS;

		away_or_home(i);
		fill(in, sizeof(in), i + 1);
		memset(out, 0, sizeof(out));
		asm volatile(".arch_extension sve\n"
			     "ptrue p3.b\n"
			     "ptrue p7.h\n"
			     "setffr\n"
			     "ld1b {z17.b}, p3/z, [%1]\n"
			     "1: subs %0, %0, #1\n"
			     "b.ne 1b\n"
			     "st1b {z17.b}, p3, [%2]\n"
			     "str p7, [%3]\n"
			     "rdffr p5.b\n"
			     "str p5, [%4]\n"
			     : "+r"(n)
			     : "r"(in), "r"(out), "r"(pred), "r"(ffr)
			     : "cc", "memory", SVE_CLOBBERS);
		CHECK_SAME(out, in, vl);
		for (k = 0; k < vl / 8; k++) {
			CHECK_EQ(pred[k], 0x55);
			CHECK_EQ(ffr[k], 0xff);
		}
	}
	/* The vector length is set on the node it is used on. */
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		CHECK_OK(prctl(SVE_SET_VL, i & 1 ? 16 : vl));
		asm volatile(".arch_extension sve\ncntb %0" : "=r"(len));
		CHECK_EQ(len, i & 1 ? 16 : vl);
		home();
		asm volatile(".arch_extension sve\ncntb %0" : "=r"(len));
		CHECK_EQ(len, i & 1 ? 16 : vl);
	}
}

/* The ZA array is kept over system calls, signals and moves. */
TEST(fpu, sme_za)
{
	static unsigned char in[256], out[256];
	uint64_t svl;
	int i;

	if (!(getauxval(AT_HWCAP2) & HWCAP2_SME))
		skip("no SME");
	asm volatile(".arch_extension sme\nrdsvl %0, #1" : "=r"(svl));
	tick(5);
	for (i = 0; i < 12; i++) {
		long n = SPINS;

		away_or_home(i);
		fill(in, sizeof(in), i + 1);
		memset(out, 0, sizeof(out));
		asm volatile(".arch_extension sme\n"
			     "smstart za\n"
			     "mov w12, #0\n"
			     "ldr za[w12, 0], [%1]\n"
			     "1: subs %0, %0, #1\n"
			     "b.ne 1b\n"
			     "mov x8, %3\n"
			     "svc #0\n"
			     "mov w12, #0\n"
			     "str za[w12, 0], [%2]\n"
			     "smstop za\n"
			     : "+r"(n)
			     : "r"(in), "r"(out), "i"(SYS_getppid)
			     : "x0", "x8", "x12", "cc", "memory", SVE_CLOBBERS);
		CHECK_SAME(out, in, svl);
	}
	home();
}

/* Streaming mode, entered and left around a wait in user mode. */
TEST(fpu, sme_streaming)
{
	static unsigned char in[256], out[256];
	uint64_t svl;
	int i;

	if (!(getauxval(AT_HWCAP2) & HWCAP2_SME))
		skip("no SME");
	tick(5);
	for (i = 0; i < 12; i++) {
		long n = SPINS;

		away_or_home(i);
		fill(in, sizeof(in), i + 1);
		memset(out, 0, sizeof(out));
		asm volatile(".arch_extension sme\n"
			     "smstart sm\n"
			     "rdsvl %1, #1\n"
			     "ptrue p3.b\n"
			     "ld1b {z17.b}, p3/z, [%2]\n"
			     "1: subs %0, %0, #1\n"
			     "b.ne 1b\n"
			     "st1b {z17.b}, p3, [%3]\n"
			     "smstop sm\n"
			     : "+r"(n), "=&r"(svl)
			     : "r"(in), "r"(out)
			     : "cc", "memory", SVE_CLOBBERS);
		CHECK_SAME(out, in, svl);
	}
	home();
}

static unsigned long sign_pointer(unsigned long ptr)
{
	unsigned long result;

	asm volatile(".arch armv8.3-a\n"
		     "mov %0, %2\n"
		     "pacia %0, %1\n"
		     : "=&r"(result) : "r"(77L), "r"(ptr));
	return result;
}

/* Pointer authentication: the keys move with the thread. */
TEST(fpu, pac)
{
	unsigned long ptr = 0x123456780, signed_ptr, again;
	int i;

	if (!(getauxval(AT_HWCAP) & (1UL << 30)))
		skip("no pointer authentication");
	signed_ptr = sign_pointer(ptr);
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		again = sign_pointer(ptr);
		CHECK_EQ(again, signed_ptr);
	}
	away();
	/* New keys, drawn at home, are used at once. */
	CHECK_OK(prctl(54 /* PR_PAC_RESET_KEYS */, 1, 0, 0, 0));
	again = sign_pointer(ptr);
	CHECK(again != signed_ptr);
	signed_ptr = again;
	home();
	again = sign_pointer(ptr);
	CHECK_EQ(again, signed_ptr);
}

/* The thread pointer registers. */
TEST(fpu, thread_pointer)
{
	static __thread int tls;
	unsigned long before, after;
	int i;

	asm volatile("mrs %0, tpidr_el0" : "=r"(before));
	for (i = 0; i < 8; i++) {
		tls = i;
		away_or_home(i);
		asm volatile("mrs %0, tpidr_el0" : "=r"(after));
		CHECK_EQ(after, before);
		CHECK_EQ(tls, i);
	}
	home();
}
#endif

static void *fp_thread(void *arg)
{
	double want = sum_up(100000);
	int i;

	for (i = 0; i < 6; i++)
		CHECK(sum_up(100000) == want);
	return arg;
}

/* Several threads compute at once and are moved meanwhile. */
TEST(fpu, threads)
{
	pthread_t threads[4];
	int i;

	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, fp_thread, NULL));
	for (i = 0; i < 9; i++) {
		away_or_home(i);
		usleep(3000);
	}
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_join(threads[i], NULL));
	home();
}
