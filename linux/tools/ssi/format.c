// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers, addresses and tables for people.
 */

#include <arpa/inet.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

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

	if (ns < 1000000)
		snprintf(buf, NUMBER_TEXT, "%.1f us", ns / 1e3);
	else if (ns < 1000000000)
		snprintf(buf, NUMBER_TEXT, "%.1f ms", ns / 1e6);
	else if (s < 60)
		snprintf(buf, NUMBER_TEXT, "%.1f s", ns / 1e9);
	else if (s < 3600)
		snprintf(buf, NUMBER_TEXT, "%llu min %llu s", s / 60, s % 60);
	else
		snprintf(buf, NUMBER_TEXT, "%llu h %llu min", s / 3600, s / 60 % 60);
	return buf;
}

/**
 * table_init - begin a table
 * @tb: the table
 * @columns: names and alignment
 * @nr: number of columns, at most TABLE_COLUMNS
 */
void table_init(struct table *tb, const struct column *columns, unsigned int nr)
{
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
	tb->rows = realloc(tb->rows, (tb->nr_rows + 1) * sizeof(*tb->rows));
	if (!tb->rows)
		abort();
	memset(tb->rows[tb->nr_rows], 0, sizeof(*tb->rows));
	tb->nr_rows++;
}

/**
 * table_cell - fill a cell of the newest row
 * @tb: the table
 * @column: which
 * @fmt: printf format; control characters of its result are not printed
 */
void table_cell(struct table *tb, unsigned int column, const char *fmt, ...)
{
	char **cell = &tb->rows[tb->nr_rows - 1][column];
	va_list ap;
	char *c;

	va_start(ap, fmt);
	if (vasprintf(cell, fmt, ap) < 0)
		abort();
	va_end(ap);
	/* A process may choose its name: it must not steer the terminal. */
	for (c = *cell; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

/**
 * table_print - print and free a table
 * @tb: the table
 */
void table_print(struct table *tb)
{
	size_t width[TABLE_COLUMNS];
	unsigned int r, c;

	for (c = 0; c < tb->nr_columns; c++) {
		width[c] = strlen(tb->columns[c].name);
		for (r = 0; r < tb->nr_rows; r++) {
			const char *cell = tb->rows[r][c];

			if (cell && strlen(cell) > width[c])
				width[c] = strlen(cell);
		}
	}
	for (r = 0; r <= tb->nr_rows; r++) {
		for (c = 0; c < tb->nr_columns; c++) {
			const char *cell = r ? tb->rows[r - 1][c] :
					       tb->columns[c].name;
			bool last = c + 1 == tb->nr_columns;

			if (!cell)
				cell = "-";
			if (tb->columns[c].right)
				printf("%*s", (int)width[c], cell);
			else if (last)
				printf("%s", cell);
			else
				printf("%-*s", (int)width[c], cell);
			fputs(last ? "\n" : "  ", stdout);
		}
	}
	for (r = 0; r < tb->nr_rows; r++)
		for (c = 0; c < tb->nr_columns; c++)
			free(tb->rows[r][c]);
	free(tb->rows);
	tb->rows = NULL;
}
