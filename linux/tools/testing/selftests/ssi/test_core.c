// SPDX-License-Identifier: GPL-2.0
/*
 * A core dump of a process that is away has the registers of all its threads
 * and the memory that other nodes hold.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "arch.h"
#include "torture.h"

#define MARK	0x600dc0de0000UL

/* Set by each thread when its register is. */
static int in_loop[4];

static void *show_register(void *arg)
{
	unsigned long kept = MARK + (unsigned long)arg;
	int *set = &in_loop[(unsigned long)arg];

	ready_count();
#ifdef __x86_64__
	asm volatile("mov %1, %%r12\n"
		     "movl $1, %0\n"
		     "1: jmp 1b\n" : "=m"(*set) : "r"(kept) : "r12");
#else
	asm volatile("mov x19, %1\n"
		     "str %w2, %0\n"
		     "1: b 1b\n" : "=m"(*set) : "r"(kept), "r"(1) : "x19");
#endif
	return NULL;
}

static char *away_memory;

static void four_threads(void *arg)
{
	struct rlimit lim = { RLIM_INFINITY, RLIM_INFINITY };
	pthread_t thread;
	long i;

	(void)arg;
	CHECK_OK(setrlimit(RLIMIT_CORE, &lim));
	CHECK_OK(prctl(PR_SET_DUMPABLE, 1));
	away_memory = map_anon(1 << 20);
	away();
	memset(away_memory, 0x5c, 1 << 20);
	memcpy(away_memory, "MAGICMAGICMAGIC!", 16);
	expect_count(4);
	for (i = 1; i < 4; i++)
		CHECK_ZERO(pthread_create(&thread, NULL, show_register,
					  (void *)i));
	show_register(NULL);
}

static void fault(void *arg)
{
	struct rlimit lim = { RLIM_INFINITY, RLIM_INFINITY };

	(void)arg;
	CHECK_OK(setrlimit(RLIMIT_CORE, &lim));
	CHECK_OK(prctl(PR_SET_DUMPABLE, 1));
	away();
	poke_byte((void *)0x1238, 1);
}

/* Wait until all four have set their registers. */
static void wait_in_loop(pid_t pid)
{
	struct iovec there = { in_loop, sizeof(in_loop) };
	double end = now() + 30;
	int set[4];
	struct iovec here = { set, sizeof(set) };

	for (;;) {
		CHECK_EQ(process_vm_readv(pid, &here, 1, &there, 1, 0),
			 sizeof(set));
		if (set[0] && set[1] && set[2] && set[3])
			return;
		if (now() > end)
			FAIL("registers are set: %d %d %d %d", set[0], set[1],
			     set[2], set[3]);
		sleep_ms(20);
	}
}

static char dump_dir[32];

/* Where a core file goes to; only a plain name in the current directory. */
static void need_core_files(void)
{
	char pattern[128];

	if (read_file("/proc/sys/kernel/core_pattern", pattern,
		      sizeof(pattern)) < 0)
		skip("no core dumps in this kernel");
	if (pattern[0] == '|' || strchr(pattern, '/'))
		skip("core files do not go to the current directory");
	strcpy(dump_dir, "/tmp/ssi-core-XXXXXX");
	CHECK(mkdtemp(dump_dir));
	CHECK_OK(chdir(dump_dir));
}

/* Map the one file that is there now, and remove it. */
static char *take_core(size_t *len)
{
	struct dirent *de;
	char *map = NULL;
	struct stat st;
	DIR *dir;
	int fd;

	dir = opendir(".");
	CHECK(dir);
	while ((de = readdir(dir))) {
		if (de->d_name[0] == '.')
			continue;
		CHECK(!map);
		fd = CHECK_OK(open(de->d_name, O_RDONLY));
		CHECK_OK(fstat(fd, &st));
		*len = st.st_size;
		map = CHECK_OK(mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd,
				    0));
		close(fd);
		CHECK_OK(unlink(de->d_name));
	}
	closedir(dir);
	CHECK_OK(chdir("/"));
	CHECK_OK(rmdir(dump_dir));
	if (!map)
		FAIL("no core file was written");
	CHECK(*len > 4096 && !memcmp(map, ELFMAG, SELFMAG));
	return map;
}

/* The parts of a 64-bit core file that are looked at. */
struct elf_header {
	unsigned char ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_note {
	uint32_t namesz, descsz, type;
};

/* Call @fn for each note of one type. */
static int each_note(char *core, unsigned int type,
		     void (*fn)(const void *desc, size_t len))
{
	const struct elf_header *ehdr = (void *)core;
	const struct elf_segment *phdr = (void *)(core + ehdr->phoff);
	char *p, *stop;
	int i, found = 0;

	for (i = 0; i < ehdr->phnum; i++) {
		if (phdr[i].type != PT_NOTE)
			continue;
		p = core + phdr[i].offset;
		stop = p + phdr[i].filesz;
		while (p < stop) {
			const struct elf_note *note = (void *)p;

			p += sizeof(*note) + ((note->namesz + 3) & ~3);
			if (note->type == type) {
				fn(p, note->descsz);
				found++;
			}
			p += (note->descsz + 3) & ~3;
		}
	}
	return found;
}

static unsigned int marks;

static void thread_note(const void *desc, size_t len)
{
	const struct elf_prstatus *status = desc;
	struct cpu_regs regs;

	CHECK(len >= sizeof(*status));
	memcpy(&regs, &status->pr_reg, sizeof(regs));
	if ((REGS_KEPT(&regs) & ~3UL) == MARK)
		marks |= 1 << (REGS_KEPT(&regs) & 3);
	else
		note("thread %d: register is 0x%lx", status->pr_pid,
		     REGS_KEPT(&regs));
}

static siginfo_t dumped_info;

static void info_note(const void *desc, size_t len)
{
	if (len > sizeof(dumped_info))
		len = sizeof(dumped_info);
	memcpy(&dumped_info, desc, len);
}

/* Four threads in user mode, killed from outside. */
TEST_SECONDS(core, threads, 300)
{
	size_t len;
	char *core;
	int status;
	pid_t pid;

	need_core_files();
	pid = child_ready(four_threads, NULL);
	wait_in_loop(pid);
	CHECK_AWAY(pid, 4);
	CHECK_OK(kill(pid, SIGABRT));
	status = CHECK_KILLED(pid, SIGABRT);
	CHECK(WCOREDUMP(status));
	core = take_core(&len);
	CHECK_EQ(each_note(core, NT_PRSTATUS, thread_note), 4);
	CHECK_EQ(marks, 15);
	each_note(core, NT_SIGINFO, info_note);
	CHECK_EQ(dumped_info.si_signo, SIGABRT);
	CHECK_EQ(dumped_info.si_pid, getpid());
	CHECK(memmem(core, len, "MAGICMAGICMAGIC!\x5c\x5c\x5c\x5c", 20));
}

/* Killed by its own fault: the note tells the address. */
TEST_SECONDS(core, fault, 300)
{
	size_t len;
	char *core;
	int status;

	need_core_files();
	status = CHECK_KILLED(child(fault, NULL), SIGSEGV);
	CHECK(WCOREDUMP(status));
	core = take_core(&len);
	CHECK_EQ(each_note(core, NT_SIGINFO, info_note), 1);
	CHECK_EQ(dumped_info.si_signo, SIGSEGV);
	CHECK_EQ(dumped_info.si_code, SEGV_MAPERR);
	CHECK_EQ((unsigned long)dumped_info.si_addr, 0x1238);
}

static void aborts(void *arg)
{
	(void)arg;
	CHECK_OK(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }));
	away();
	abort();
}

TEST(core, abort_without)
{
	int status = CHECK_KILLED(child(aborts, NULL), SIGABRT);

	CHECK(!WCOREDUMP(status));
}
