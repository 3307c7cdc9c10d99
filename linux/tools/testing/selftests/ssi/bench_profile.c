// SPDX-License-Identifier: GPL-2.0
/*
 * Where a machine spends its time: samples of all its processors by the
 * kernel's cpu-clock event, which needs no hardware counters and so works on
 * emulated machines. Prints the functions by how often they were hit; the idle
 * loop is one of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define DATA_PAGES	64
#define PERIOD_NS	500000
#define TOP		25

struct symbol {
	uint64_t addr;
	char name[56];
	unsigned long hits;
};

struct sample {
	struct perf_event_header header;
	uint64_t ip;
};

static struct symbol *symbols;
static int nr_symbols;
static unsigned long user_hits, samples;

static int by_addr(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static int by_hits(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->hits > y->hits ? -1 : x->hits < y->hits;
}

static void read_symbols(void)
{
	char line[512], type;
	struct symbol s = {};
	FILE *f = fopen("/proc/kallsyms", "re");
	int room = 0;

	if (!f)
		die("/proc/kallsyms: %s", strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx %c %55s", &s.addr, &type, s.name) != 3 ||
		    (type != 't' && type != 'T'))
			continue;
		if (nr_symbols == room) {
			room = room ? 2 * room : 65536;
			symbols = realloc(symbols, room * sizeof(*symbols));
			if (!symbols)
				die("no memory");
		}
		symbols[nr_symbols++] = s;
	}
	fclose(f);
	qsort(symbols, nr_symbols, sizeof(*symbols), by_addr);
	if (!nr_symbols || !symbols[nr_symbols - 1].addr)
		die("/proc/kallsyms shows no addresses");
}

static void hit(uint64_t ip, bool user)
{
	int low = 0, high = nr_symbols - 1, middle;

	samples++;
	if (user) {
		user_hits++;
		return;
	}
	while (low < high) {
		middle = (low + high + 1) / 2;
		if (symbols[middle].addr <= ip)
			low = middle;
		else
			high = middle - 1;
	}
	symbols[low].hits++;
}

static struct perf_event_mmap_page *open_cpu(int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.size = sizeof(attr),
		.sample_period = PERIOD_NS,
		.sample_type = PERF_SAMPLE_IP,
	};
	void *p;
	int fd;

	fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
		     PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		die("perf_event_open: %s", strerror(errno));
	p = mmap(NULL, (DATA_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE,
		 MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		die("perf buffer: %s", strerror(errno));
	return p;
}

static void drain(struct perf_event_mmap_page *page)
{
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
	char *data = (char *)page + PAGE;
	struct sample s;
	size_t i, at;

	while (page->data_tail < head) {
		for (i = 0; i < sizeof(s); i++) {
			at = (page->data_tail + i) % (DATA_PAGES * PAGE);
			((char *)&s)[i] = data[at];
		}
		if (s.header.type == PERF_RECORD_SAMPLE)
			hit(s.ip, (s.header.misc & PERF_RECORD_MISC_CPUMODE_MASK) ==
				  PERF_RECORD_MISC_USER);
		__atomic_store_n(&page->data_tail,
				 page->data_tail + s.header.size,
				 __ATOMIC_RELEASE);
	}
}

int profile(int seconds)
{
	struct perf_event_mmap_page *pages[64];
	int i, nr = sysconf(_SC_NPROCESSORS_ONLN);
	double end;

	read_symbols();
	if (nr > 64)
		nr = 64;
	for (i = 0; i < nr; i++)
		pages[i] = open_cpu(i);
	for (end = now_ns() + seconds * 1e9; now_ns() < end;) {
		usleep(100000);
		for (i = 0; i < nr; i++)
			drain(pages[i]);
	}
	qsort(symbols, nr_symbols, sizeof(*symbols), by_hits);
	printf("# %lu samples\n", samples);
	if (!samples)
		return 1;
	printf("%6.2f%%  user mode\n", 100.0 * user_hits / samples);
	for (i = 0; i < TOP && i < nr_symbols && symbols[i].hits; i++)
		printf("%6.2f%%  %s\n", 100.0 * symbols[i].hits / samples,
		       symbols[i].name);
	return 0;
}
