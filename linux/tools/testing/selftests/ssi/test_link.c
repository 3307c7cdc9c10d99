// SPDX-License-Identifier: GPL-2.0
/*
 * Dynamic linking: what a loader does to the pieces of a library, by hand, as this
 * program is static; and a real dynamically linked program, if there is one.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "arch.h"
#include "ssi_move.h"
#include "torture.h"

#define PAGE	4096UL

/*
 * A library of three pages: code, a table of addresses that the loader fills in
 * and then protects, and data. Its only function goes where the first entry of
 * the table says.
 */
struct library {
	char code[PAGE];
	uintptr_t table[PAGE / sizeof(uintptr_t)];
	char data[PAGE];
};

static void write_code(char *code)
{
#ifdef __x86_64__
	/* mov table(%rip), %rax; jmp *%rax */
	int32_t to_table = PAGE - 7;

	memcpy(code, "\x48\x8b\x05", 3);
	memcpy(code + 3, &to_table, 4);
	memcpy(code + 7, "\xff\xe0", 2);
#else
	/* ldr x16, table; br x16 */
	uint32_t insns[2] = { 0x58000010 | (PAGE / 4) << 5, 0xd61f0200 };

	memcpy(code, insns, sizeof(insns));
#endif
}

static int library_file(void)
{
	struct library *lib = map_anon(sizeof(*lib));
	int fd = temp_file();

	write_code(lib->code);
	/* what a linker leaves there: the offset in the file */
	lib->table[0] = 0;
	lib->table[1] = offsetof(struct library, data);
	strcpy(lib->data, "data of the library");
	CHECK_EQ(write(fd, lib, sizeof(*lib)), sizeof(*lib));
	munmap(lib, sizeof(*lib));
	return fd;
}

static int first(int x)
{
	return x + 1;
}

static int second(int x)
{
	return x * 2;
}

typedef int (*library_fn)(int x);

static sigjmp_buf out;

static void on_segv(int sig)
{
	siglongjmp(out, sig);
}

static bool faults(char *addr)
{
	if (sigsetjmp(out, 1))
		return true;
	poke_byte(addr, 1);
	return false;
}

/* Map the pieces over a reserved place, each with its rights, as ld.so does. */
static struct library *load(int fd)
{
	struct library *lib;

	lib = CHECK_OK(mmap(NULL, sizeof(*lib), PROT_READ | PROT_EXEC,
			    MAP_PRIVATE, fd, 0));
	CHECK(mmap(lib->table, 2 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_FIXED, fd, PAGE) == lib->table);
	return lib;
}

static void relocate(struct library *lib, library_fn fn)
{
	lib->table[0] = (uintptr_t)fn;
	lib->table[1] += (uintptr_t)lib;
	CHECK_OK(mprotect(lib->table, PAGE, PROT_READ));
}

TEST(link, by_hand)
{
	static int i;
	struct library *lib;
	int fd = library_file();

	handle(SIGSEGV, on_segv, SA_NODEFER);
	for (i = 0; i < 9; i++) {
		away_or_home(i);
		lib = load(fd);
		if (i % 2)
			away_or_home(i + 1);
		relocate(lib, first);
		CHECK_EQ(((library_fn)(void *)lib->code)(i), i + 1);
		CHECK(!strcmp((char *)lib->table[1], "data of the library"));
		if (i % 4 == 2)
			away_or_home(i + 2);
		CHECK(faults((char *)&lib->table[0]));
		CHECK(faults(lib->code));
		lib->data[0] = 'D';
		CHECK_EQ(((library_fn)(void *)lib->code)(i), i + 1);
		CHECK(!strcmp((char *)lib->table[1], "Data of the library"));
		CHECK_OK(munmap(lib, sizeof(*lib)));
		CHECK(faults(lib->data));
	}
	home();
}

/* Lazy binding: the table stays writable, and an entry changes at the first use. */
TEST(link, lazy)
{
	struct library *lib;
	int fd = library_file(), i;

	lib = load(fd);
	for (i = 0; i < 12; i++) {
		away_or_home(i);
		lib->table[0] = (uintptr_t)(i & 1 ? second : first);
		CHECK_EQ(((library_fn)(void *)lib->code)(i),
			 i & 1 ? i * 2 : i + 1);
		away_or_home(i + 1);
		CHECK_EQ(((library_fn)(void *)lib->code)(i),
			 i & 1 ? i * 2 : i + 1);
	}
	home();
}

/* The file is replaced under its name, as an upgrade does; ours stays. */
TEST(link, replaced)
{
	char path[] = "/tmp/ssi-library-XXXXXX", other[40];
	struct library *lib;
	int fd, from;

	from = library_file();
	fd = CHECK_OK(mkstemp(path));
	CHECK_OK(fchmod(fd, 0700));
	lib = map_anon(sizeof(*lib));
	CHECK_EQ(pread(from, lib, sizeof(*lib), 0), sizeof(*lib));
	CHECK_EQ(write(fd, lib, sizeof(*lib)), sizeof(*lib));
	munmap(lib, sizeof(*lib));
	lib = load(fd);
	close(fd);
	away();
	relocate(lib, second);
	CHECK_EQ(((library_fn)(void *)lib->code)(21), 42);
	snprintf(other, sizeof(other), "%s.new", path);
	fd = CHECK_OK(open(other, O_CREAT | O_EXCL | O_RDWR, 0700));
	CHECK_EQ(write(fd, "nothing", 7), 7);
	CHECK_OK(rename(other, path));
	home();
	CHECK_EQ(((library_fn)(void *)lib->code)(22), 44);
	away();
	CHECK_OK(unlink(path));
	/* from the file again, which has no name any more */
	CHECK_OK(madvise(lib->code, PAGE, MADV_DONTNEED));
	CHECK_EQ(((library_fn)(void *)lib->code)(23), 46);
	home();
}

/* Does this program have an interpreter, the loader, named in it? */
static bool is_dynamic(const char *path)
{
	uint64_t table;
	uint16_t size, count;
	char head[PAGE];
	int fd = open(path, O_RDONLY), i;
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, head, sizeof(head));
	close(fd);
	if (len < 64 || memcmp(head, ELFMAG, SELFMAG))
		return false;
	/* e_phoff, e_phentsize, e_phnum of a 64-bit program */
	memcpy(&table, head + 32, 8);
	memcpy(&size, head + 54, 2);
	memcpy(&count, head + 56, 2);
	for (i = 0; i < count && table + (i + 1) * size <= (size_t)len; i++) {
		uint32_t type;

		memcpy(&type, head + table + i * size, 4);
		if (type == PT_INTERP)
			return true;
	}
	return false;
}

/* Programs that can run a loop for a while and say what came out. */
static const struct {
	const char *path;
	const char *argv[6];
} programs[] = {
	{ "/usr/bin/python3", { "python3", "-c",
	  "import json,zlib\nn=0\n"
	  "for i in range(60000): n+=len(json.dumps(i))\n"
	  "print(n)" } },
	{ "/usr/bin/perl", { "perl", "-e",
	  "$n += length($_) for 0..599999; print \"$n\\n\"" } },
	{ "/bin/sh", { "sh", "-c",
	  "n=0; i=0; while [ $i -lt 60000 ]; do n=$((n + ${#i})); i=$((i + 1)); done; echo $n" } },
};

TEST_SECONDS(link, program, 300)
{
	static const char * const want[] = { "288890\n", "3488890\n", "288890\n" };
	unsigned int moves = 0, i;
	struct ssi_where where;
	int fds[2], status;
	char got[64] = "";
	pid_t pid;
	size_t p;

	for (p = 0; p < ARRAY_SIZE(programs); p++)
		if (is_dynamic(programs[p].path))
			break;
	if (p == ARRAY_SIZE(programs))
		skip("no dynamically linked program that can compute is here");
	CHECK_OK(pipe(fds));
	pid = CHECK_OK(fork());
	if (!pid) {
		CHECK_OK(dup2(fds[1], STDOUT_FILENO));
		execv(programs[p].path, (char **)programs[p].argv);
		FAIL("%s: %s", programs[p].path, strerror(errno));
	}
	/* from its very beginning in the loader, again and again */
	for (i = 0; waitpid(pid, &status, WNOHANG) == 0; i++) {
		if (can_move())
			ssi_move_pid(pid, i % 3 == 2 ? 0 : node(i), false, NULL);
		/* it leaves when it is next in user mode */
		usleep(20000);
		if (can_move() && !ssi_locate(pid, &where) && where.threads_away)
			moves++;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		FAIL("%s: status 0x%x", programs[p].path, status);
	CHECK(read(fds[0], got, sizeof(got) - 1) > 0);
	if (strcmp(got, want[p]))
		FAIL("%s printed %s instead of %s", programs[p].path, got,
		     want[p]);
	if (moves_are_ours())
		CHECK(moves > 0);
	note("%s was seen away %u times", programs[p].path, moves);
}
