/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_TOOL_H
#define _TOOLS_SSI_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/ssi.h>
#include <linux/types.h>
#include <ynl.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* What the tool exits with; also in ssi.8, so do not renumber. */
enum exit_code {
	EXIT_OK = 0,
	EXIT_USAGE = 1,
	EXIT_REFUSED = 2,
	EXIT_UNKNOWN = 3,	/* no such process or node */
	EXIT_PERMISSION = 4,
	EXIT_NO_SSI = 5,	/* kernel without LinuxSSI, or not joined */
	EXIT_TIMEOUT = 6,
	EXIT_TROUBLE = 7,
};

/**
 * struct tool - what every command works with
 * @ys: netlink socket, NULL until tool_connect()
 * @json: print JSON instead of text
 */
struct tool {
	struct ynl_sock *ys;
	bool json;
};

struct command {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(struct tool *t, int argc, char **argv);
};

/* main.c */
extern const struct command commands[];
const struct command *command_find(const char *name);
int usage(struct tool *t, const char *fmt, ...) __printf(2, 3);

/* kernel.c: the socket and what the kernel says */
int tool_connect(struct tool *t);
int fail(struct tool *t, int code, const char *fmt, ...) __printf(3, 4);
int kernel_error(struct tool *t, char *sentence, size_t size);
int kernel_fail(struct tool *t, const char *what);

/* node.c */
int cmd_status(struct tool *t, int argc, char **argv);
int cmd_nodes(struct tool *t, int argc, char **argv);
int cmd_join(struct tool *t, int argc, char **argv);
int cmd_leave(struct tool *t, int argc, char **argv);

/* process.c, move.c, events.c */
int cmd_ps(struct tool *t, int argc, char **argv);
int cmd_why(struct tool *t, int argc, char **argv);
int cmd_migrate(struct tool *t, int argc, char **argv);
int cmd_home(struct tool *t, int argc, char **argv);
int cmd_events(struct tool *t, int argc, char **argv);

/* advice.c */
const char *state_name(unsigned int state);
const char *reason_name(unsigned int reason);
const char *reason_advice(unsigned int reason);

/* parse.c */
struct address {
	unsigned char bytes[16];
	unsigned int len;		/* 4 or 16 */
	unsigned int scope;		/* 0: none */
	unsigned short port;		/* 0: the kernel's default */
};

bool parse_u32(const char *text, unsigned int min, unsigned int max,
	       unsigned int *value);
bool parse_ms(const char *seconds, unsigned int min, unsigned int max,
	      unsigned int *ms);
bool parse_address(const char *text, struct address *addr);
bool parse_peer(const char *text, unsigned int *id, struct address *addr);

/* format.c */
#define ADDRESS_TEXT	96
#define NUMBER_TEXT	32

const char *address_text(char *buf, const void *addr, unsigned int len,
			 unsigned int scope, unsigned int port);
const char *duration_text(char *buf, __u64 ns);

#define TABLE_COLUMNS	8

struct column {
	const char *name;
	bool right;
};

struct table {
	const struct column *columns;
	unsigned int nr_columns;
	unsigned int nr_rows;
	char *(*rows)[TABLE_COLUMNS];
};

void table_init(struct table *tb, const struct column *columns, unsigned int nr);
void table_cell(struct table *tb, unsigned int column, const char *fmt, ...)
	__printf(3, 4);
void table_row(struct table *tb);
void table_print(struct table *tb);

/* json.c: to standard output */
void json_object(const char *key);
void json_object_end(void);
void json_array(const char *key);
void json_array_end(void);
void json_string(const char *key, const char *value);
void json_number(const char *key, unsigned long long value);
void json_real(const char *key, double value);
void json_bool(const char *key, bool value);
void json_null(const char *key);
void json_done(void);
void json_quote(void *file, const char *text);

#endif /* _TOOLS_SSI_TOOL_H */
