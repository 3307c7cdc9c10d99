// SPDX-License-Identifier: GPL-2.0
/*
 * What a person types: numbers, times and addresses.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/**
 * parse_u32 - read a decimal number
 * @text: digits only
 * @min: lowest value accepted
 * @max: highest value accepted
 * @value: where it goes
 *
 * Return: whether @text is such a number.
 */
bool parse_u32(const char *text, unsigned int min, unsigned int max,
	       unsigned int *value)
{
	unsigned long long v;
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || *end || v < min || v > max)
		return false;
	*value = v;
	return true;
}

/**
 * parse_ms - read a time in seconds
 * @seconds: decimal number, with a fraction if need be
 * @min: lowest value accepted, in milliseconds
 * @max: highest value accepted, in milliseconds
 * @ms: where it goes, in milliseconds
 *
 * Return: whether @seconds is such a number.
 */
bool parse_ms(const char *seconds, unsigned int min, unsigned int max,
	      unsigned int *ms)
{
	double v;

	if (!strpbrk(seconds, "0123456789") ||
	    strspn(seconds, "0123456789.") != strlen(seconds))
		return false;
	errno = 0;
	v = strtod(seconds, NULL);
	if (errno || strchr(seconds, '.') != strrchr(seconds, '.') ||
	    v * 1000 < min || v * 1000 > max)
		return false;
	*ms = v * 1000 + 0.5;
	return true;
}

static bool parse_host(char *host, struct address *addr)
{
	char *zone;

	if (inet_pton(AF_INET, host, addr->bytes) == 1) {
		addr->len = 4;
		return true;
	}
	zone = strchr(host, '%');
	if (zone) {
		*zone++ = '\0';
		addr->scope = if_nametoindex(zone);
		if (!addr->scope && !parse_u32(zone, 1, 0x7fffffff, &addr->scope))
			return false;
	}
	addr->len = 16;
	return inet_pton(AF_INET6, host, addr->bytes) == 1;
}

/**
 * parse_address - read ADDRESS[:PORT] or [ADDRESS]:PORT
 * @text: a numeric IPv4 or IPv6 address.  Names are not looked up: nodes must
 *	find each other when no name server can be reached.
 * @addr: where it goes
 *
 * Return: whether @text is such an address.
 */
bool parse_address(const char *text, struct address *addr)
{
	char host[ADDRESS_TEXT], *end, *port = NULL;
	unsigned int value;

	memset(addr, 0, sizeof(*addr));
	if (strlen(text) >= sizeof(host))
		return false;
	memcpy(host, text, strlen(text) + 1);
	if (host[0] == '[') {
		end = strchr(host, ']');
		if (!end)
			return false;
		*end++ = '\0';
		if (*end == ':')
			port = end + 1;
		else if (*end)
			return false;
		memmove(host, host + 1, strlen(host));
		if (!strchr(host, ':'))
			return false;
	} else {
		end = strchr(host, ':');
		/* More than one colon is an IPv6 address without a port. */
		if (end && !strchr(end + 1, ':')) {
			*end = '\0';
			port = end + 1;
		}
	}
	if (port) {
		if (!parse_u32(port, 1, 65535, &value))
			return false;
		addr->port = value;
	}
	return parse_host(host, addr);
}

/**
 * address_same - do two addresses name one place to listen on?
 * @a: address
 * @b: address
 *
 * Return: whether they do.
 */
bool address_same(const struct address *a, const struct address *b)
{
	unsigned int port_a = a->port ? : SSI_DEFAULT_PORT;
	unsigned int port_b = b->port ? : SSI_DEFAULT_PORT;

	return a->len == b->len && port_a == port_b && a->scope == b->scope &&
	       !memcmp(a->bytes, b->bytes, a->len);
}

/**
 * parse_peer - read ID@ADDRESS[:PORT]
 * @text: as the boot parameter ssi.peers= has it
 * @id: where the node id goes
 * @addr: where the address goes
 *
 * Return: whether @text is a peer.
 */
bool parse_peer(const char *text, unsigned int *id, struct address *addr)
{
	const char *at = strchr(text, '@');
	char number[8] = "";

	if (!at || (size_t)(at - text) >= sizeof(number))
		return false;
	memcpy(number, text, at - text);
	return parse_u32(number, 1, SSI_NODE_ID_MAX, id) &&
	       parse_address(at + 1, addr);
}

/**
 * parse_numbers - read several ids
 * @t: the tool
 * @what: what they are, such as "PID"
 * @max: highest value accepted; the lowest is 1
 * @nr: how many
 * @texts: decimal numbers
 * @numbers: set to an array of them that the caller frees, if EXIT_OK is returned
 *
 * Return: EXIT_OK, or EXIT_USAGE with the sentence said.
 */
int parse_numbers(struct tool *t, const char *what, unsigned int max, int nr,
		  char **texts, unsigned int **numbers)
{
	unsigned int *values = need(t, calloc(nr + 1, sizeof(*values)));
	int i;

	for (i = 0; i < nr; i++) {
		if (parse_u32(texts[i], 1, max, &values[i]))
			continue;
		free(values);
		return usage(t, "\"%s\" is not a %s: that is a number of 1 to %u",
			     texts[i], what, max);
	}
	*numbers = values;
	return EXIT_OK;
}
