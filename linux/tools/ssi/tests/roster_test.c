// SPDX-License-Identifier: GPL-2.0
/*
 * Who is to be a member, and what daemons tell each other: needs neither corosync nor a
 * kernel. Prints TAP.
 */

#include <stdio.h>
#include <string.h>

#include "../roster.h"

static unsigned int nr, failed;

static void is(bool good, const char *what)
{
	nr++;
	failed += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", nr, what);
}

static const struct announce here = {
	.node = 2,
	.addr = { .bytes = { 10, 0, 0, 2 }, .len = 4, .port = 7475 },
	.cluster = "lab",
};

static bool hear(struct roster *r, unsigned int id, unsigned int pid, const struct announce *a)
{
	struct announce_wire w;

	announce_pack(a, &w);
	return roster_hear(r, id, pid, &w, sizeof(w));
}

static void view(struct roster *r, bool quorate, unsigned int count)
{
	static const __u32 ids[] = { 1, 2, 3, 167772161 };

	roster_view(r, quorate, ids, count);
}

/* This is node 1; 2 has spoken, 3 is only there. */
static void set_up(struct roster *r)
{
	roster_forget(r);
	r->self = 1;
	r->cluster = "lab";
	view(r, true, 4);
	roster_there(r, 1, 11);
	roster_there(r, 2, 22);
	roster_came(r, 3, 33, 100);
	hear(r, 2, 22, &here);
}

static void test_want(void)
{
	static struct roster r;

	set_up(&r);
	is(roster_known(&r) && roster_quorate(&r), "a quorum");
	is(roster_want(&r, 2, 0) == ROSTER_YES, "who is there and has spoken is wanted");
	is(roster_want(&r, 3, 0) == ROSTER_NO, "who has not spoken is not");
	is(roster_want(&r, 1, 0) == ROSTER_NO, "nor is this node itself");
	is(roster_want(&r, 4, 0) == ROSTER_NO, "nor one that is not there");
	view(&r, false, 4);
	is(!roster_quorate(&r) && roster_want(&r, 2, 0) == ROSTER_NO, "nobody without a quorum");
	view(&r, true, 4);
	is(roster_want(&r, 2, 0) == ROSTER_YES, "the quorum is back");
	view(&r, true, 1);
	is(roster_want(&r, 2, 0) == ROSTER_NO, "not who is in another partition");
	set_up(&r);
	roster_went(&r, 1, 11, 0);
	is(!roster_quorate(&r) && !roster_known(&r), "not while this node is not in the group");
	set_up(&r);
	roster_forget(&r);
	is(!roster_known(&r) && !roster_quorate(&r) && roster_want(&r, 2, 0) == ROSTER_NO,
	   "nobody without corosync");
	is(r.self == 1, "but this node knows who it is");
}

static void test_daemons(void)
{
	struct announce out = here;
	static struct roster r;

	set_up(&r);
	roster_went(&r, 2, 22, 100);
	is(roster_want(&r, 2, 99) == ROSTER_KEEP, "a daemon that ended is waited for");
	is(roster_want(&r, 2, 100) == ROSTER_NO, "but not for ever");
	roster_came(&r, 2, 23, 100);
	is(roster_want(&r, 2, 99) == ROSTER_KEEP, "the next one has not spoken yet");
	hear(&r, 2, 23, &here);
	is(roster_want(&r, 2, 1000) == ROSTER_YES, "now it has");
	roster_went(&r, 2, 22, 0);
	is(roster_want(&r, 2, 1000) == ROSTER_YES, "the end of the older one says nothing");
	roster_went(&r, 2, 23, 0);
	is(roster_want(&r, 2, 0) == ROSTER_NO, "who said that it goes is not waited for");
	hear(&r, 2, 23, &here);
	is(roster_want(&r, 2, 0) == ROSTER_NO, "nor heard after that");

	set_up(&r);
	roster_came(&r, 2, 23, 100);
	roster_there(&r, 2, 22);
	is(roster_want(&r, 2, 99) == ROSTER_KEEP, "the next one may be there first");
	hear(&r, 2, 23, &here);
	roster_went(&r, 2, 22, 100);
	is(roster_want(&r, 2, 1000) == ROSTER_YES, "and have spoken when the other one is missed");

	set_up(&r);
	roster_went(&r, 2, 22, 100);
	view(&r, true, 1);
	view(&r, true, 4);
	is(roster_want(&r, 2, 0) == ROSTER_NO, "nor is a node waited for that was away meanwhile");

	set_up(&r);
	out.out = true;
	hear(&r, 2, 22, &out);
	is(roster_want(&r, 2, 0) == ROSTER_NO, "a node that was had to leave is out");
	roster_went(&r, 2, 22, 100);
	is(roster_want(&r, 2, 0) == ROSTER_NO, "and nothing of it is kept");

	set_up(&r);
	roster_keep(&r, 2, 100);
	roster_keep(&r, 3, 100);
	is(roster_want(&r, 2, 200) == ROSTER_YES && roster_want(&r, 3, 50) == ROSTER_KEEP &&
	   roster_want(&r, 3, 200) == ROSTER_NO, "at a start, daemons are waited for");
}

static void refused(const struct announce *a, const char *why, const char *what)
{
	static struct roster r;
	bool news, again;

	set_up(&r);
	news = hear(&r, 2, 22, a);
	again = hear(&r, 2, 22, a);
	roster_keep(&r, 2, 100);
	is(news && !again && strstr(r.nodes[2].why, why) && roster_want(&r, 2, 0) == ROSTER_NO,
	   what);
}

static void test_refusals(void)
{
	struct address other = here.addr;
	struct announce a = here;
	static struct roster r;

	a.node = 3;
	refused(&a, "it says that it is node 3", "another id than corosync's");
	a = here;
	snprintf(a.cluster, sizeof(a.cluster), "labs");
	refused(&a, "its cluster is labs and this one lab", "another cluster");

	set_up(&r);
	is(!roster_expect(&r, 2, &here.addr) && roster_want(&r, 2, 0) == ROSTER_YES,
	   "the address that was expected");
	other.bytes[3] = 9;
	is(roster_expect(&r, 2, &other) && roster_want(&r, 2, 0) == ROSTER_NO,
	   "another address");
	is(!roster_expect(&r, 2, &other), "which is told once");

	set_up(&r);
	a = here;
	a.node = 3;
	hear(&r, 3, 33, &a);
	is(roster_want(&r, 2, 0) == ROSTER_YES && roster_want(&r, 3, 0) == ROSTER_NO &&
	   roster_twin(&r, 3) == 2 && !roster_twin(&r, 2),
	   "of two at one address the lower id counts");
	r.self = 3;
	is(roster_want(&r, 2, 0) == ROSTER_NO && roster_want(&r, 1, 0) == ROSTER_NO,
	   "and the other one says the same");
	r.self = 1;
	is(!roster_hear(&r, 1001, 5, "x", 1) && !roster_hear(&r, 0, 5, "x", 1),
	   "ids that no node can have");
}

/* Byte @at of a good message is @value, or it has @len bytes. */
static const char *spoilt(size_t at, unsigned char value, size_t len)
{
	struct announce_wire w[2] = {};
	struct announce a;

	announce_pack(&here, w);
	((unsigned char *)w)[at] = value;
	return announce_unpack(w, len, &a);
}

static void test_message(void)
{
	const size_t size = sizeof(struct announce_wire);
	const struct announce v6 = {
		.node = 1000,
		.out = true,
		.addr = { .bytes = { 0xfd, [15] = 1 }, .len = 16, .port = 65535 },
		.cluster = "123456789012345678901234567890123456789012345678901234567890123",
	};
	struct announce_wire w;
	struct announce a;
	size_t len;
	bool good = true;

	announce_pack(&v6, &w);
	is(!announce_unpack(&w, sizeof(w), &a) && a.node == 1000 && a.out && a.addr.len == 16 &&
	   a.addr.port == 65535 && !memcmp(a.addr.bytes, v6.addr.bytes, 16) &&
	   !strcmp(a.cluster, v6.cluster), "what is written is read");
	for (len = 0; len < size; len++)
		good &= !!spoilt(0, 's', len);
	is(good, "nothing shorter is");
	is(!spoilt(0, 's', size) && spoilt(0, 's', size + 1), "nor anything longer");
	is(strstr(spoilt(7, '2', size), "another version"), "another version");
	is(strstr(spoilt(0, 'x', size), "does not speak"), "something else");
	is(spoilt(offsetof(struct announce_wire, out), 2, size) &&
	   spoilt(offsetof(struct announce_wire, addr_len), 5, size) &&
	   spoilt(offsetof(struct announce_wire, addr_len), 255, size) &&
	   spoilt(offsetof(struct announce_wire, addr) + 4, 1, size) &&
	   spoilt(offsetof(struct announce_wire, cluster), 0, size) &&
	   spoilt(offsetof(struct announce_wire, cluster) + 63, 1, size), "malformed");
	announce_pack(&here, &w);
	w.port = 0;
	is(announce_unpack(&w, sizeof(w), &a), "no port");
}

int main(void)
{
	test_want();
	test_daemons();
	test_refusals();
	test_message();
	printf("1..%u\n", nr);
	return failed;
}
