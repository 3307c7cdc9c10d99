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
 * @file: to write to
 * @text: any bytes; what is not UTF-8 is replaced, as JSON must be
 */
void json_quote(FILE *file, const char *text)
{
	unsigned int len;

	fputc('"', file);
	for (; *text; text += len) {
		len = utf8_length(text);
		if (!len) {
			fputs("\\ufffd", file);
			len = 1;
		} else if (*text == '"' || *text == '\\') {
			fprintf(file, "\\%c", *text);
		} else if (len == 1 && (*text < 0x20 || *text == 0x7f)) {
			fprintf(file, "\\u%04x", *text);
		} else {
			fwrite(text, 1, len, file);
		}
	}
	fputc('"', file);
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

/**
 * json_object - begin an object
 * @key: its name
 */
void json_object(const char *key)
{
	json_open(key, '{');
}

/**
 * json_object_end - end the object that was begun last
 */
void json_object_end(void)
{
	json_close('}');
}

/**
 * json_array - begin an array
 * @key: its name
 */
void json_array(const char *key)
{
	json_open(key, '[');
}

/**
 * json_array_end - end the array that was begun last
 */
void json_array_end(void)
{
	json_close(']');
}

/**
 * json_string - write a string
 * @key: its name
 * @value: any bytes; NULL is an empty string
 */
void json_string(const char *key, const char *value)
{
	json_key(key);
	json_quote(stdout, value ? value : "");
}

/**
 * json_number - write a number
 * @key: its name
 * @value: not more than 2^53 if every reader is to understand it
 */
void json_number(const char *key, unsigned long long value)
{
	json_key(key);
	printf("%llu", value);
}

/**
 * json_signed - write a number that may be below 0
 * @key: its name
 * @value: not farther from 0 than 2^53 if every reader is to understand it
 */
void json_signed(const char *key, long long value)
{
	json_key(key);
	printf("%lld", value);
}

/**
 * json_real - write a number with three places
 * @key: its name
 * @value: finite
 */
void json_real(const char *key, double value)
{
	json_key(key);
	printf("%.3f", value);
}

/**
 * json_bool - write true or false
 * @key: its name
 * @value: which
 */
void json_bool(const char *key, bool value)
{
	json_key(key);
	fputs(value ? "true" : "false", stdout);
}

/**
 * json_null - write that there is no value
 * @key: its name
 */
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
