// SPDX-License-Identifier: GPL-2.0
/*
 * status, leave: this node.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "ssi-user.h"
#include "tool.h"

/**
 * cluster_name - name of the cluster that this node has joined
 * @s: what it is
 *
 * Return: a string, never NULL.
 */
const char *cluster_name(const struct ssi_status_get_rsp *s)
{
	return s->cluster ? s->cluster : "";
}

static void keys_json(const struct ssi_status_get_rsp *s)
{
	char text[NUMBER_TEXT];
	unsigned int i;

	json_bool("encrypted", !s->_present.insecure);
	json_array("keys");
	for (i = 0; i < s->_count.key_id; i++) {
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)s->key_id[i]);
		json_string(NULL, text);
	}
	json_array_end();
}

/**
 * status_members - what this node is, into the object that is open
 * @s: that
 */
void status_members(const struct ssi_status_get_rsp *s)
{
	char text[ADDRESS_TEXT];

	json_bool("joined", s->_present.joined);
	if (s->_present.joined) {
		json_number("node", s->node);
		json_string("cluster", cluster_name(s));
		json_string("listen", address_text(text, s->address,
						   s->_len.address,
						   s->scope_id, s->port));
		json_number("deadline_ms", s->deadline_ms);
		json_number("pid_stride", s->pid_stride);
		if (s->_present.pid_first)
			json_number("pid_first", s->pid_first);
		snprintf(text, sizeof(text), "%016llx",
			 (unsigned long long)s->incarnation);
		json_string("incarnation", text);
		keys_json(s);
		json_bool("draining", s->_present.draining);
	}
	json_number("nodes", s->nodes);
	json_number("members", s->members);
	json_number("away", s->away);
	json_number("guests", s->guests);
	json_number("placed", s->placed);
	json_number("stubs", s->stubs);
	json_number("pages_out", s->pages_out);
	json_number("pages_in", s->pages_in);
	json_number("device_pages", s->device_pages);
}

static void status_json(const struct ssi_status_get_rsp *s)
{
	json_object(NULL);
	status_members(s);
	json_object_end();
	json_done();
}

static void keys_text(const struct ssi_status_get_rsp *s)
{
	char ids[64] = "";
	unsigned int i;

	for (i = 0; i < s->_count.key_id && i < 3; i++)
		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s%016llx", i ? ", " : "",
			 (unsigned long long)s->key_id[i]);
	if (s->_present.insecure)
		say("encrypted  no: peers are trusted for their addresses");
	else
		say("encrypted  yes, key%s %s", s->_count.key_id > 1 ? "s" : "", ids);
}

/**
 * status_text - what this node is, in lines
 * @s: that, of a node that has joined
 */
void status_text(const struct ssi_status_get_rsp *s)
{
	char text[ADDRESS_TEXT];

	say("node       %u of cluster %s", s->node, cluster_name(s));
	if (s->_len.address)
		say("listening  %s",
		    address_text(text, s->address, s->_len.address,
				 s->scope_id, s->port));
	keys_text(s);
	say("deadline   %s", duration_text(text, (__u64)s->deadline_ms * 1000000));
	if (s->_present.pid_first)
		say("pids       %u to %u", s->pid_first, s->pid_first + s->pid_stride - 1);
	else
		say("pids       not the cluster's");
	say("members    %u of %u other nodes", s->members, s->nodes);
	if (s->_present.draining)
		say("draining   takes nothing of other nodes; 'ssi drain --undo' takes that back");
	say("processes  %llu away, %llu guests here",
	    (unsigned long long)s->away, (unsigned long long)s->guests);
	if (s->placed || s->stubs)
		say("programs   %llu of other nodes here, %llu of this node elsewhere",
		    (unsigned long long)s->placed, (unsigned long long)s->stubs);
	say("pages      %llu held by other nodes, %llu sent, %llu received",
	    (unsigned long long)s->device_pages,
	    (unsigned long long)s->pages_out,
	    (unsigned long long)s->pages_in);
}

/**
 * cmd_status - tell what this node is and does
 * @t: the tool
 * @argc: how many
 * @argv: "status" and options
 *
 * Return: an exit code, EXIT_NO_SSI if it has not joined.
 */
int cmd_status(struct tool *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "watch", no_argument, NULL, 'w' },
		{ }
	};
	struct ssi_status_get_rsp *s;
	bool watch = false;
	int c, code;

	while ((c = getopt_long(argc, argv, ":w", options, NULL)) != -1) {
		if (c != 'w')
			return usage_option(t, argv, c);
		watch = true;
	}
	if (optind < argc)
		return usage(t, "status takes no argument, not \"%s\"", argv[optind]);
	code = tool_connect(t);
	if (code)
		return code;
	if (watch)
		return status_watch(t);
	s = ssi_status_get(t->ys);
	if (!s)
		return kernel_fail(t, NULL);
	if (!s->_present.joined)
		code = EXIT_NO_SSI;
	if (t->json)
		status_json(s);
	else if (code)
		fail(t, code, "This node has not joined a cluster: use 'ssi join'");
	else
		status_text(s);
	ssi_status_get_rsp_free(s);
	return code;
}

/**
 * say_status - how it is after a change that was made
 * @t: the tool
 *
 * Return: an exit code.
 */
int say_status(struct tool *t)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);

	if (!s)
		return kernel_fail(t, NULL);
	if (t->json)
		status_json(s);
	else if (s->_present.joined)
		say("This node is node %u of cluster %s now; %u other nodes are configured.",
		    s->node, cluster_name(s), s->nodes);
	else
		say("This node has left its cluster.");
	ssi_status_get_rsp_free(s);
	return EXIT_OK;
}

/**
 * say_keys - which keys there are after a change
 * @t: the tool
 * @sentence: what was done
 *
 * Return: an exit code.
 */
int say_keys(struct tool *t, const char *sentence)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);

	if (!s)
		return kernel_fail(t, NULL);
	if (t->json) {
		status_json(s);
	} else {
		say("%s", sentence);
		keys_text(s);
	}
	ssi_status_get_rsp_free(s);
	return EXIT_OK;
}

/**
 * cmd_leave - leave the cluster in good order
 * @t: the tool
 * @argc: how many
 * @argv: "leave"
 *
 * Return: an exit code.
 */
int cmd_leave(struct tool *t, int argc, char **argv)
{
	char sentence[1024];
	int code;

	if (argc > 1)
		return usage(t, "leave takes no argument, not \"%s\"", argv[1]);
	code = tool_connect(t);
	if (code)
		return code;
	if (ssi_leave(t->ys) >= 0) {
		cpus_of_node();
		return say_status(t);
	}
	if ((int)t->ys->err.code != EBUSY)
		return kernel_fail(t, "This node did not leave");
	kernel_error(t, sentence, sizeof(sentence));
	return fail(t, EXIT_REFUSED,
		    "This node did not leave: %s. 'ssi ps' shows them; 'ssi home -a' brings home those of this node, and at the home of each guest the same",
		    sentence);
}
