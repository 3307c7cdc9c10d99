// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI fuzzer: the half that libFuzzer calls
 *
 * One program for all targets; the name that it is started by says which. With -seeds
 * DIRECTORY it writes the seeds of its target there and ends. -list names the targets.
 */
#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static const struct fuzz_target *target;

void fuzz_fail(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "fuzz: %s does not hold what it should: ", target ? target->name : "?");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

void *fuzz_malloc(unsigned long size)
{
	return malloc(size);
}

void fuzz_free(const void *p)
{
	free((void *)p);
}

void fuzz_poison(const void *p, unsigned long size)
{
	ASAN_POISON_MEMORY_REGION(p, size);
}

void fuzz_unpoison(const void *p, unsigned long size)
{
	ASAN_UNPOISON_MEMORY_REGION(p, size);
}

/* As the kernel has it: what was written, not what would have been. */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n;

	if (!size)
		return 0;
	n = vsnprintf(buf, size, fmt, args);
	return n < (int)size ? n : (int)size - 1;
}

static void write_seeds(const char *dir)
{
	unsigned char *buf = malloc(target->max_len);
	unsigned long len;
	unsigned int nr;
	char path[4096];
	FILE *f;

	for (nr = 0; (len = target->seed(nr, buf)); nr++) {
		snprintf(path, sizeof(path), "%s/seed-%03u", dir, nr);
		f = fopen(path, "wb");
		if (!f || fwrite(buf, 1, len, f) != len || fclose(f)) {
			fprintf(stderr, "fuzz: cannot write %s\n", path);
			exit(1);
		}
	}
	free(buf);
	exit(nr ? 0 : 1);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = strrchr((*argv)[0], '/');
	unsigned int i;

	name = name ? name + 1 : (*argv)[0];
	for (i = 0; fuzz_targets[i]; i++) {
		if (*argc == 2 && !strcmp((*argv)[1], "-list"))
			printf("%s %lu %u\n", fuzz_targets[i]->name, fuzz_targets[i]->max_len,
			       fuzz_targets[i]->slow ? fuzz_targets[i]->slow : 1);
		if (!strcmp(fuzz_targets[i]->name, name))
			target = fuzz_targets[i];
	}
	if (*argc == 2 && !strcmp((*argv)[1], "-list"))
		exit(0);
	if (!target) {
		fprintf(stderr, "fuzz: there is no target %s; see -list\n", name);
		exit(1);
	}
	if (*argc == 3 && !strcmp((*argv)[1], "-seeds"))
		write_seeds((*argv)[2]);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len > target->max_len)
		return -1;
	fuzz_begin(0);
	target->run(data, len);
	fuzz_end();
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max, unsigned int seed)
{
	if (target->mutate && seed % 2)
		return target->mutate(data, len, max, seed / 2);
	return LLVMFuzzerMutate(data, len, max);
}
