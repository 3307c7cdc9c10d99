// SPDX-License-Identifier: GPL-2.0
/*
 * A JSON writer: commas and quotes, no tree.
 *
 * Each key is NULL inside an array and outside of everything.
 */

#include <stdio.h>

#include "tool.h"

/* Whether something stands before the next value at this depth. */
static bool filled[16];
static unsigned int depth;

/**
 * json_quote - write a string with its quotes
 * @file: FILE to write to
 * @text: any bytes; what is not ASCII is passed through
 */
void json_quote(void *file, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	FILE *f = file;

	fputc('"', f);
	for (; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(f, "\\%c", *c);
		else if (*c < 0x20 || *c == 0x7f)
			fprintf(f, "\\u%04x", *c);
		else
			fputc(*c, f);
	}
	fputc('"', f);
}

static void json_key(const char *key)
{
	if (filled[depth])
		fputc(',', stdout);
	filled[depth] = true;
	if (key) {
		json_quote(stdout, key);
		fputc(':', stdout);
	}
}

static void json_open(const char *key, char c)
{
	json_key(key);
	fputc(c, stdout);
	if (depth + 1 < ARRAY_SIZE(filled))
		depth++;
	filled[depth] = false;
}

static void json_close(char c)
{
	fputc(c, stdout);
	if (depth)
		depth--;
}

void json_object(const char *key)
{
	json_open(key, '{');
}

void json_object_end(void)
{
	json_close('}');
}

void json_array(const char *key)
{
	json_open(key, '[');
}

void json_array_end(void)
{
	json_close(']');
}

void json_string(const char *key, const char *value)
{
	json_key(key);
	json_quote(stdout, value);
}

void json_number(const char *key, unsigned long long value)
{
	json_key(key);
	printf("%llu", value);
}

void json_real(const char *key, double value)
{
	json_key(key);
	printf("%.3f", value);
}

void json_bool(const char *key, bool value)
{
	json_key(key);
	fputs(value ? "true" : "false", stdout);
}

void json_null(const char *key)
{
	json_key(key);
	fputs("null", stdout);
}

/**
 * json_done - end a document, so that a reader of a stream sees it at once
 */
void json_done(void)
{
	fputc('\n', stdout);
	fflush(stdout);
	filled[0] = false;
}
