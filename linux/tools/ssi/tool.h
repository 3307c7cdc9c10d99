/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_TOOL_H
#define _TOOLS_SSI_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
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
	EXIT_NOT_RUN = 126,	/* ssi run: the program cannot be executed */
	EXIT_NOT_FOUND = 127,	/* ... or is not there */
};

/**
 * struct tool - what every command works with
 * @name: of the program, NULL for ssi
 * @ys: netlink socket, NULL until tool_connect()
 * @json: print JSON instead of text
 */
struct tool {
	const char *name;
	struct ynl_sock *ys;
	bool json;
};

/**
 * struct command - what the first argument names
 * @name: that word
 * @args: its arguments, as the help shows them
 * @help: what it does, in a line
 * @run: does it; gets the arguments from its own name on, returns the exit code
 */
struct command {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(struct tool *t, int argc, char **argv);
};

/* main.c */
int usage(struct tool *t, const char *fmt, ...) __printf(2, 3);
int usage_option(struct tool *t, char **argv, int c);

/* kernel.c: the socket and what the kernel says */
int tool_connect(struct tool *t);
void *need(struct tool *t, void *memory);
int fail(struct tool *t, int code, const char *fmt, ...) __printf(3, 4);
int kernel_error(struct tool *t, char *sentence, size_t size);
int kernel_fail(struct tool *t, const char *what);
bool boot_parameter(const char *name, char *value, size_t size);
int set_parameter(const char *name, const char *value);

struct ssi_status_get_rsp;

/* cluster.c, join.c, node.c, member.c */
int cmd_status(struct tool *t, int argc, char **argv);
int cmd_join(struct tool *t, int argc, char **argv);
int cmd_leave(struct tool *t, int argc, char **argv);
int cmd_nodes(struct tool *t, int argc, char **argv);
int cmd_node(struct tool *t, int argc, char **argv);
const char *cluster_name(const struct ssi_status_get_rsp *s);
void status_members(const struct ssi_status_get_rsp *s);
void status_text(const struct ssi_status_get_rsp *s);
int say_status(struct tool *t);
int say_keys(struct tool *t, const char *sentence);

/* cpus.c */
void cpus_of_node(void);
void cpus_of_cluster(struct tool *t);

/* watch.c */
int status_watch(struct tool *t);

/* drain.c */
int cmd_drain(struct tool *t, int argc, char **argv);

/* key.c */
#define SSI_KEY_FILE	"/etc/ssi/key"

int key_read(struct tool *t, const char *path, unsigned char *key);
int cmd_keygen(struct tool *t, int argc, char **argv);
int cmd_key_add(struct tool *t, int argc, char **argv);
int cmd_key_del(struct tool *t, int argc, char **argv);

/* process.c, move.c, events.c */
int cmd_ps(struct tool *t, int argc, char **argv);
int cmd_why(struct tool *t, int argc, char **argv);
int cmd_migrate(struct tool *t, int argc, char **argv);
int cmd_home(struct tool *t, int argc, char **argv);
int cmd_events(struct tool *t, int argc, char **argv);
int events_follow(struct tool *t, int (*show)(struct tool *t));
void event_json(const char *event);
void event_json_end(void);

/* run.c */
int run_there(struct tool *t, unsigned int node, char **argv);
int cmd_run(struct tool *t, int argc, char **argv);

/* advice.c */
const char *state_name(unsigned int state);
const char *reason_name(unsigned int reason);
const char *reason_advice(unsigned int reason);
bool reason_tells(unsigned int reason);

/**
 * struct address - where a node listens
 * @bytes: in_addr or in6_addr
 * @len: bytes of it, 4 or 16
 * @scope: interface index, 0 for none
 * @port: 0 for the kernel's default
 */
struct address {
	unsigned char bytes[16];
	unsigned int len;
	unsigned int scope;
	unsigned short port;
};

/* parse.c */
bool parse_u32(const char *text, unsigned int min, unsigned int max,
	       unsigned int *value);
bool parse_ms(const char *seconds, unsigned int min, unsigned int max,
	      unsigned int *ms);
bool parse_address(const char *text, struct address *addr);
bool address_same(const struct address *a, const struct address *b);
bool parse_peer(const char *text, unsigned int *id, struct address *addr);
int parse_numbers(struct tool *t, const char *what, unsigned int max, int nr,
		  char **texts, unsigned int **numbers);

/* format.c */
#define ADDRESS_TEXT	96
#define NUMBER_TEXT	32

unsigned int utf8_length(const char *text);
char *plain(char *text);
void say(const char *fmt, ...) __printf(1, 2);
const char *address_text(char *buf, const void *addr, unsigned int len,
			 unsigned int scope, unsigned int port);
const char *duration_text(char *buf, __u64 ns);
unsigned long long clock_ms(void);
void sleep_ms(unsigned int ms);

#define TABLE_COLUMNS	10

/**
 * struct column - a column of a table
 * @name: head of it
 * @right: align to the right
 */
struct column {
	const char *name;
	bool right;
};

/**
 * struct table - rows that are printed together, as wide as they have to be
 * @t: the tool
 * @columns: what the columns are
 * @nr_columns: how many
 * @nr_rows: rows so far, without the head
 * @rows: text of each cell, NULL for an empty one
 */
struct table {
	struct tool *t;
	const struct column *columns;
	unsigned int nr_columns;
	unsigned int nr_rows;
	char *(*rows)[TABLE_COLUMNS];
};

void table_init(struct table *tb, struct tool *t, const struct column *columns,
		unsigned int nr);
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
void json_signed(const char *key, long long value);
void json_real(const char *key, double value);
void json_bool(const char *key, bool value);
void json_null(const char *key);
void json_done(void);
void json_quote(FILE *file, const char *text);

#endif /* _TOOLS_SSI_TOOL_H */
