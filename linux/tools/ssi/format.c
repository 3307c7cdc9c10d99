// SPDX-License-Identifier: GPL-2.0
/*
 * Lines, numbers, addresses and tables for people; and time.
 */

#include <assert.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

/**
 * utf8_length - length of the character that a text begins with
 * @text: any bytes
 *
 * Return: bytes of it; 0 if what is there is not UTF-8.
 */
unsigned int utf8_length(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	unsigned char min = 0x80, max = 0xbf;
	unsigned int len, i;

	if (c[0] < 0x80)
		return 1;
	if (c[0] < 0xc2 || c[0] > 0xf4)
		return 0;
	len = c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
	/* Neither longer than need be, nor a surrogate, nor beyond Unicode. */
	if (c[0] == 0xe0)
		min = 0xa0;
	else if (c[0] == 0xed)
		max = 0x9f;
	else if (c[0] == 0xf0)
		min = 0x90;
	else if (c[0] == 0xf4)
		max = 0x8f;
	if (c[1] < min || c[1] > max)
		return 0;
	for (i = 2; i < len; i++)
		if (c[i] < 0x80 || c[i] > 0xbf)
			return 0;
	return len;
}

/**
 * plain - make a text harmless: a process may choose its name
 * @text: any bytes; what is not UTF-8, or would steer a terminal, becomes '?'
 *
 * Return: @text
 */
char *plain(char *text)
{
	unsigned int len;
	char *c;

	for (c = text; *c; c += len) {
		bool bad;

		len = utf8_length(c);
		/* U+0080 to U+009f are control characters too. */
		bad = !len || (unsigned char)*c < 0x20 || *c == 0x7f ||
		      (len == 2 && c[0] == '\xc2' && (unsigned char)c[1] < 0xa0);
		if (!len)
			len = 1;
		if (bad)
			memset(c, '?', len);
	}
	return text;
}

/**
 * say - print a line
 * @fmt: printf format of it, without the newline
 */
void say(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	puts(plain(line));
}

/**
 * address_text - an address as the tool reads it
 * @buf: ADDRESS_TEXT bytes
 * @addr: in_addr or in6_addr
 * @len: its length; 0 gives "-"
 * @scope: interface index, 0 for none
 * @port: port, 0 for none
 *
 * Return: @buf
 */
const char *address_text(char *buf, const void *addr, unsigned int len,
			 unsigned int scope, unsigned int port)
{
	char host[INET6_ADDRSTRLEN], zone[IF_NAMESIZE + 1] = "";
	char name[IF_NAMESIZE];

	if (len != 4 && len != 16) {
		snprintf(buf, ADDRESS_TEXT, "-");
		return buf;
	}
	if (!inet_ntop(len == 4 ? AF_INET : AF_INET6, addr, host, sizeof(host)))
		snprintf(host, sizeof(host), "?");
	if (scope) {
		if (if_indextoname(scope, name))
			snprintf(zone, sizeof(zone), "%%%s", name);
		else
			snprintf(zone, sizeof(zone), "%%%u", scope);
	}
	if (!port)
		snprintf(buf, ADDRESS_TEXT, "%s%s", host, zone);
	else if (len == 4)
		snprintf(buf, ADDRESS_TEXT, "%s:%u", host, port);
	else
		snprintf(buf, ADDRESS_TEXT, "[%s%s]:%u", host, zone, port);
	return buf;
}

/**
 * duration_text - a span of time with a unit that suits it
 * @buf: NUMBER_TEXT bytes
 * @ns: nanoseconds
 *
 * Return: @buf
 */
const char *duration_text(char *buf, __u64 ns)
{
	unsigned long long s = ns / 1000000000;

	if (!ns)
		snprintf(buf, NUMBER_TEXT, "0 s");
	else if (ns < 1000000)
		snprintf(buf, NUMBER_TEXT, "%.1f us", ns / 1e3);
	else if (ns < 1000000000)
		snprintf(buf, NUMBER_TEXT, "%.1f ms", ns / 1e6);
	else if (s < 60)
		snprintf(buf, NUMBER_TEXT, "%.1f s", ns / 1e9);
	else if (s < 3600)
		snprintf(buf, NUMBER_TEXT, "%llu min %llu s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, NUMBER_TEXT, "%llu h %llu min", s / 3600, s / 60 % 60);
	else
		snprintf(buf, NUMBER_TEXT, "%llu d %llu h", s / 86400, s / 3600 % 24);
	return buf;
}

/**
 * clock_ms - a clock that nobody sets
 *
 * Return: milliseconds since some moment.
 */
unsigned long long clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/**
 * sleep_ms - let time pass
 * @ms: how much, in milliseconds
 */
void sleep_ms(unsigned int ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&pause, NULL);
}

/**
 * table_init - begin a table
 * @tb: the table
 * @t: the tool
 * @columns: names and alignment
 * @nr: number of columns, at most TABLE_COLUMNS
 */
void table_init(struct table *tb, struct tool *t, const struct column *columns,
		unsigned int nr)
{
	assert(nr <= TABLE_COLUMNS);
	tb->t = t;
	tb->columns = columns;
	tb->nr_columns = nr;
	tb->nr_rows = 0;
	tb->rows = NULL;
}

/**
 * table_row - begin a row
 * @tb: the table
 */
void table_row(struct table *tb)
{
	tb->rows = need(tb->t, realloc(tb->rows,
				       (tb->nr_rows + 1) * sizeof(*tb->rows)));
	memset(tb->rows[tb->nr_rows], 0, sizeof(*tb->rows));
	tb->nr_rows++;
}

/**
 * table_cell - fill a cell of the newest row
 * @tb: the table
 * @column: which
 * @fmt: printf format
 */
void table_cell(struct table *tb, unsigned int column, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	tb->rows[tb->nr_rows - 1][column] = plain(need(tb->t, text));
}

static const char *table_text(const struct table *tb, unsigned int row,
			      unsigned int column)
{
	const char *text = row ? tb->rows[row - 1][column] : tb->columns[column].name;

	return text ? text : "-";
}

/* Columns of a terminal that a text takes: a character each. */
static int text_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

/**
 * table_print - print and free a table
 * @tb: the table
 */
void table_print(struct table *tb)
{
	int width[TABLE_COLUMNS] = {}, pad;
	unsigned int r, c;

	for (r = 0; r <= tb->nr_rows; r++)
		for (c = 0; c < tb->nr_columns; c++) {
			pad = text_width(table_text(tb, r, c));
			if (pad > width[c])
				width[c] = pad;
		}
	for (r = 0; r <= tb->nr_rows; r++)
		for (c = 0; c < tb->nr_columns; c++) {
			const char *text = table_text(tb, r, c);
			bool last = c + 1 == tb->nr_columns;

			pad = width[c] - text_width(text);
			if (tb->columns[c].right)
				printf("%*s%s", pad, "", text);
			else
				printf("%s%*s", text, last ? 0 : pad, "");
			fputs(last ? "\n" : "  ", stdout);
		}
	for (r = 0; r < tb->nr_rows; r++)
		for (c = 0; c < tb->nr_columns; c++)
			free(tb->rows[r][c]);
	free(tb->rows);
	tb->rows = NULL;
}
