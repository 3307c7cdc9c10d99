// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: one text of what a file of /proc reads on each node
 */

/**
 * DOC: merging
 *
 * What the kernel says of a machine in /proc is text of a format that programs rely on.
 * So the text of the cluster is made from those of its nodes: the first one, this
 * node's, says which lines there are and in which order, and to its numbers those of the
 * same lines of the others are added.
 *
 * CPUs are numbered on: those of this node keep their numbers, as getcpu(), /proc/PID/stat
 * and affinity masks have them, and the others' follow. The time since the boot is this
 * node's, too: ps subtracts from it when a process was started.
 *
 * A number may wrap if a peer says so; a line that it lacks, or that makes no sense, adds
 * nothing. Nothing is written beyond the end of the buffer.
 */

#include <kunit/visibility.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "merge.h"

const char * const ssi_machine_names[SSI_NR_MACHINE_FILES] = {
	[SSI_MACHINE_STAT]	= "stat",
	[SSI_MACHINE_MEMINFO]	= "meminfo",
	[SSI_MACHINE_LOADAVG]	= "loadavg",
	[SSI_MACHINE_UPTIME]	= "uptime",
	[SSI_MACHINE_CPUINFO]	= "cpuinfo",
};

/**
 * struct ssi_merge - a text in the making
 * @t: texts
 * @rest: what is left of a line of each
 * @nr: how many
 * @out: where to write
 * @size: room there
 * @len: bytes written
 */
struct ssi_merge {
	const struct ssi_text *t;
	struct ssi_text *rest;
	unsigned int nr;
	char *out;
	size_t size;
	size_t len;
};

static __printf(2, 3) void ssi_put(struct ssi_merge *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	m->len += vscnprintf(m->out + m->len, m->size - m->len, fmt, args);
	va_end(args);
}

/* Not by printf(), to which a peer must not say a precision. */
static void ssi_put_text(struct ssi_merge *m, struct ssi_text t)
{
	size_t len = min(t.len, m->size - m->len - 1);

	memcpy(m->out + m->len, t.s, len);
	m->len += len;
	m->out[m->len] = '\0';
}

static void ssi_put_line(struct ssi_merge *m, struct ssi_text t)
{
	ssi_put_text(m, t);
	ssi_put(m, "\n");
}

/* Take a line off a text, without its end; false if there is none. */
static bool ssi_take_line(struct ssi_text *t, struct ssi_text *line)
{
	const char *end;

	if (!t->len)
		return false;
	end = memchr(t->s, '\n', t->len);
	line->s = t->s;
	line->len = end ? end - t->s : t->len;
	t->s += line->len + !!end;
	t->len -= line->len + !!end;
	return true;
}

static bool ssi_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void ssi_take_blank(struct ssi_text *t)
{
	while (t->len && ssi_is_blank(*t->s)) {
		t->s++;
		t->len--;
	}
}

/* Take what is in front of the next blank, and what is blank before it. */
static bool ssi_take_word(struct ssi_text *t, struct ssi_text *word)
{
	ssi_take_blank(t);
	word->s = t->s;
	while (t->len && !ssi_is_blank(*t->s)) {
		t->s++;
		t->len--;
	}
	word->len = t->s - word->s;
	return word->len;
}

static bool ssi_take_number(struct ssi_text *t, u64 *value)
{
	size_t before;

	ssi_take_blank(t);
	before = t->len;
	*value = 0;
	while (t->len && isdigit(*t->s)) {
		*value = *value * 10 + (*t->s - '0');
		t->s++;
		t->len--;
	}
	return t->len < before;
}

static bool ssi_take_char(struct ssi_text *t, char c)
{
	if (!t->len || *t->s != c)
		return false;
	t->s++;
	t->len--;
	return true;
}

/* A number with two digits after the point, in hundredths. */
static bool ssi_take_hundredths(struct ssi_text *t, u64 *value)
{
	u64 whole, part = 0;

	if (!ssi_take_number(t, &whole))
		return false;
	if (ssi_take_char(t, '.'))
		ssi_take_number(t, &part);
	*value = whole * 100 + part;
	return true;
}

static bool ssi_text_is(struct ssi_text t, const char *s)
{
	return t.len == strlen(s) && !memcmp(t.s, s, t.len);
}

static bool ssi_text_same(struct ssi_text a, struct ssi_text b)
{
	return a.len == b.len && !memcmp(a.s, b.s, a.len);
}

/* Find the line with this first word; @rest is what follows it. */
static bool ssi_find_line(struct ssi_text t, struct ssi_text key, struct ssi_text *rest)
{
	struct ssi_text word;

	while (ssi_take_line(&t, rest))
		if (ssi_take_word(rest, &word) && ssi_text_same(word, key))
			return true;
	return false;
}

/* Is it "cpu" and a number? */
static bool ssi_is_cpu(struct ssi_text word, u64 *cpu)
{
	if (word.len <= 3 || memcmp(word.s, "cpu", 3))
		return false;
	word.s += 3;
	word.len -= 3;
	return ssi_take_number(&word, cpu) && !word.len;
}

/* The lines of all CPUs of all nodes. */
static void ssi_merge_cpus(struct ssi_merge *m)
{
	struct ssi_text t, line, word;
	u64 cpu, first = 0, next = 0;
	unsigned int i;

	for (i = 0; i < m->nr; i++, first = next) {
		t = m->t[i];
		while (ssi_take_line(&t, &line)) {
			if (!ssi_take_word(&line, &word) || !ssi_is_cpu(word, &cpu))
				continue;
			ssi_put(m, "cpu%llu", first + cpu);
			ssi_put_line(m, line);
			next = max(next, first + cpu + 1);
		}
	}
}

/* The numbers of a line, each the sum of those in its place. */
static void ssi_merge_sums(struct ssi_merge *m, struct ssi_text key, struct ssi_text rest)
{
	unsigned int i;
	u64 sum, value;

	for (i = 1; i < m->nr; i++)
		if (!ssi_find_line(m->t[i], key, &m->rest[i]))
			m->rest[i].len = 0;
	while (ssi_take_number(&rest, &sum)) {
		for (i = 1; i < m->nr; i++)
			if (ssi_take_number(&m->rest[i], &value))
				sum += value;
		ssi_put(m, " %llu", sum);
	}
}

static void ssi_merge_stat(struct ssi_merge *m)
{
	struct ssi_text t = m->t[0], line, key;
	bool cpus = false;
	u64 cpu;

	while (ssi_take_line(&t, &line)) {
		if (!ssi_take_word(&line, &key))
			continue;
		if (ssi_is_cpu(key, &cpu)) {
			if (!cpus)
				ssi_merge_cpus(m);
			cpus = true;
			continue;
		}
		ssi_put_text(m, key);
		if (ssi_text_is(key, "cpu"))
			ssi_put(m, " ");
		if (ssi_text_is(key, "btime"))
			ssi_put_text(m, line);
		else
			ssi_merge_sums(m, key, line);
		ssi_put(m, "\n");
	}
}

/* What each machine has the same of. */
static bool ssi_is_no_sum(struct ssi_text key)
{
	return ssi_text_is(key, "VmallocTotal:") || ssi_text_is(key, "Hugepagesize:");
}

static void ssi_merge_meminfo(struct ssi_merge *m)
{
	struct ssi_text t = m->t[0], line, rest, key, other;
	u64 sum, value;
	unsigned int i;

	while (ssi_take_line(&t, &line)) {
		rest = line;
		if (!ssi_take_word(&rest, &key) || !ssi_take_number(&rest, &sum)) {
			ssi_put_line(m, line);
			continue;
		}
		for (i = 1; i < m->nr && !ssi_is_no_sum(key); i++)
			if (ssi_find_line(m->t[i], key, &other) && ssi_take_number(&other, &value))
				sum += value;
		/* the columns stay */
		ssi_put_text(m, key);
		ssi_put(m, "%*llu", (int)(line.len - rest.len - key.len), sum);
		ssi_put_line(m, rest);
	}
}

static void ssi_put_hundredths(struct ssi_merge *m, u64 value)
{
	ssi_put(m, "%llu.%02llu ", value / 100, value % 100);
}

static void ssi_merge_loadavg(struct ssi_merge *m)
{
	u64 load[3] = {}, running = 0, threads = 0, value;
	struct ssi_text t = {};
	unsigned int i, j;

	for (i = m->nr; i-- > 0;) {
		t = m->t[i];
		for (j = 0; j < ARRAY_SIZE(load) && ssi_take_hundredths(&t, &value); j++)
			load[j] += value;
		if (ssi_take_number(&t, &value))
			running += value;
		if (ssi_take_char(&t, '/') && ssi_take_number(&t, &value))
			threads += value;
	}
	for (j = 0; j < ARRAY_SIZE(load); j++)
		ssi_put_hundredths(m, load[j]);
	ssi_put(m, "%llu/%llu", running, threads);
	/* the last number that was given away here */
	ssi_put_text(m, t);
}

static void ssi_merge_uptime(struct ssi_merge *m)
{
	u64 own = 0, idle = 0, value;
	struct ssi_text t;
	unsigned int i;

	for (i = 0; i < m->nr; i++) {
		t = m->t[i];
		if (ssi_take_hundredths(&t, &value) && !i)
			own = value;
		if (ssi_take_hundredths(&t, &value))
			idle += value;
	}
	ssi_put_hundredths(m, own);
	ssi_put(m, "%llu.%02llu\n", idle / 100, idle % 100);
}

/* Is it "processor : NUMBER"? */
static bool ssi_is_processor(struct ssi_text line, u64 *cpu)
{
	struct ssi_text word;

	if (!ssi_take_word(&line, &word) || !ssi_text_is(word, "processor"))
		return false;
	ssi_take_blank(&line);
	return ssi_take_char(&line, ':') && ssi_take_number(&line, cpu);
}

static void ssi_merge_cpuinfo(struct ssi_merge *m)
{
	u64 cpu, first = 0, next = 0;
	struct ssi_text t, line;
	unsigned int i;

	for (i = 0; i < m->nr; i++, first = next) {
		t = m->t[i];
		while (ssi_take_line(&t, &line)) {
			if (ssi_is_processor(line, &cpu)) {
				ssi_put(m, "processor\t: %llu\n", first + cpu);
				next = max(next, first + cpu + 1);
			} else {
				ssi_put_line(m, line);
			}
		}
	}
}

/**
 * ssi_merge - make one text of what a file reads on each node
 * @file: which file
 * @t: what it reads, this node's first
 * @rest: room for as many
 * @nr: how many, one at least
 * @out: where to write
 * @size: room there, one byte at least: twice as much as all texts, and some bytes, is
 *	enough, as numbers get longer
 *
 * Context: any; pure.
 * Return: how many bytes were written; a NUL follows.
 */
size_t ssi_merge(enum ssi_machine_file file, const struct ssi_text *t, struct ssi_text *rest,
		 unsigned int nr, char *out, size_t size)
{
	struct ssi_merge m = { .t = t, .rest = rest, .nr = nr, .out = out, .size = size };

	if (size)
		*out = '\0';
	switch (file) {
	case SSI_MACHINE_STAT:
		ssi_merge_stat(&m);
		break;
	case SSI_MACHINE_MEMINFO:
		ssi_merge_meminfo(&m);
		break;
	case SSI_MACHINE_LOADAVG:
		ssi_merge_loadavg(&m);
		break;
	case SSI_MACHINE_UPTIME:
		ssi_merge_uptime(&m);
		break;
	case SSI_MACHINE_CPUINFO:
		ssi_merge_cpuinfo(&m);
		break;
	default:
		break;
	}
	return m.len;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_merge);
