// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: a peer that lies
 *
 *	lies ADDRESS1 ADDRESS2 ADDRESS3 SEED SECONDS
 *
 * It speaks the protocol to a member of a cluster, in user space and without a key: to node 2,
 * of whose peers it is node 3. It listens as node 1 only until it has learned what
 * the member says of its kernel. Then it connects again and again, and in each membership
 * sends messages of all types: first such as a peer may send, about processes, pages, programs
 * and files that there are, that there were, or that there never were; then one that breaks the
 * rules: a bit that is wrong, an end that is missing, by the wrong lane, twice, or of an epoch
 * that is over. Calls it answers likewise. Some memberships end in the handshake.
 *
 * It proves nothing itself: the kernel that it talks to has to stay alive, without a word of
 * WARNING, and to have nothing left of it. Its output says what it has sent.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../linux/kernel/ssi/placemsg.h"

#define PORT		7475
#define MEMBER		2
#define OWN_HIGH	3
#define NR_LANES	3
#define NR_TYPES	SSI_MSG_PROC_END
#define MAX_BODY	8192
#define PAGE		4096
#define ANY		NR_LANES
#define PATIENCE	400	/* milliseconds */

/* What a type is, written down once more: where the two tables differ one of them is wrong. */
static const struct type {
	const char *name;
	int lane;
	unsigned int len;
	bool call;
	bool reply;
	unsigned int pages;
} types[NR_TYPES] = {
	[SSI_MSG_HEARTBEAT] = { "heartbeat", 0, sizeof(struct ssi_wire_heartbeat), 0, 0, 0 },
	[SSI_MSG_BYE] = { "bye", 0, 0, 0, 0, 0 },
	[SSI_MSG_ERROR] = { "error", ANY, sizeof(struct ssi_wire_error), 0, 1, 0 },
	[SSI_MSG_ECHO] = { "echo", 1, 40, 1, 0, 2 },
	[SSI_MSG_ECHO_REPLY] = { "echo-reply", 1, 40, 0, 1, 2 },
	[SSI_MSG_ECHO_MEM] = { "echo-mem", 2, 40, 1, 0, 2 },
	[SSI_MSG_ECHO_MEM_REPLY] = { "echo-mem-reply", 2, 40, 0, 1, 2 },
	[SSI_MSG_DRAIN] = { "drain", 1, sizeof(struct ssi_wire_drain), 1, 0, 0 },
	[SSI_MSG_DRAIN_REPLY] = { "drain-reply", 1, sizeof(struct ssi_wire_drain), 0, 1, 0 },
	[SSI_MSG_CLOCK] = { "clock", 1, 0, 1, 0, 0 },
	[SSI_MSG_CLOCK_REPLY] = { "clock-reply", 1, sizeof(struct ssi_wire_clock), 0, 1, 0 },
	[SSI_MSG_SESSION_NEW] = { "session-new", 1, sizeof(struct ssi_wire_session_new), 1, 0, 0 },
	[SSI_MSG_SESSION_READY] = { "session-ready", 1, sizeof(struct ssi_wire_session), 0, 1, 0 },
	[SSI_MSG_SESSION_END] = { "session-end", 1, sizeof(struct ssi_wire_session), 0, 0, 0 },
	[SSI_MSG_ENTER] = { "enter", 1, sizeof(struct ssi_wire_enter), 0, 0, 0 },
	[SSI_MSG_TRAP] = { "trap", 1, sizeof(struct ssi_wire_trap), 0, 0, 0 },
	[SSI_MSG_KICK] = { "kick", 1, sizeof(struct ssi_wire_thread), 0, 0, 0 },
	[SSI_MSG_STARTED] = { "started", 1, sizeof(struct ssi_wire_thread), 0, 0, 0 },
	[SSI_MSG_THREAD_END] = { "thread-end", 1, sizeof(struct ssi_wire_thread), 0, 0, 0 },
	[SSI_MSG_GUEST_DEAD] = { "guest-dead", 1, sizeof(struct ssi_wire_session), 0, 0, 0 },
	[SSI_MSG_FAULT] = { "fault", 2, sizeof(struct ssi_wire_fault), 0, 0, 0 },
	[SSI_MSG_STORE] = { "store", 2, sizeof(struct ssi_wire_pages), 0, 0, 3 },
	[SSI_MSG_GRANT] = { "grant", 2, sizeof(struct ssi_wire_grant), 0, 0, 3 },
	[SSI_MSG_INVALIDATE] = { "invalidate", 2, sizeof(struct ssi_wire_range), 1, 0, 0 },
	[SSI_MSG_INVALIDATED] = { "invalidated", 2, 0, 0, 1, 0 },
	[SSI_MSG_RECALL] = { "recall", 2, sizeof(struct ssi_wire_pages), 1, 0, 0 },
	[SSI_MSG_PAGES] = { "pages", 2, sizeof(struct ssi_wire_pages), 0, 1, 3 },
	[SSI_MSG_DROP] = { "drop", 2, sizeof(struct ssi_wire_pages), 0, 0, 0 },
	[SSI_MSG_EVICT] = { "evict", 2, sizeof(struct ssi_wire_pages), 0, 0, 0 },
	[SSI_MSG_OP] = { "op", 1, sizeof(struct ssi_wire_op), 1, 0, 0 },
	[SSI_MSG_OP_DONE] = { "op-done", 1, sizeof(struct ssi_wire_op_done), 0, 1, 0 },
	[SSI_MSG_WATCH] = { "watch", 1, sizeof(struct ssi_wire_watch), 1, 0, 0 },
	[SSI_MSG_WATCHED] = { "watched", 1, sizeof(struct ssi_wire_watched), 0, 1, 0 },
	[SSI_MSG_UNWATCH] = { "unwatch", 1, sizeof(struct ssi_wire_unwatch), 0, 0, 0 },
	[SSI_MSG_PLACE] = { "place", 1, sizeof(struct ssi_wire_place), 1, 0, 0 },
	[SSI_MSG_PLACED] = { "placed", 1, sizeof(struct ssi_wire_placed), 0, 1, 0 },
	[SSI_MSG_PLACE_GO] = { "place-go", 1, sizeof(struct ssi_wire_place_go), 0, 0, 0 },
	[SSI_MSG_PLACE_SIGNAL] = { "place-signal", 1, sizeof(struct ssi_wire_place_signal),
				   0, 0, 0 },
	[SSI_MSG_PLACE_STATE] = { "place-state", 1, sizeof(struct ssi_wire_place_state), 0, 0, 0 },
	[SSI_MSG_FILE] = { "file", 1, sizeof(struct ssi_wire_file), 1, 0, 0 },
	[SSI_MSG_FILE_DONE] = { "file-done", 1, sizeof(struct ssi_wire_file_done), 0, 1, 0 },
	[SSI_MSG_FILE_CANCEL] = { "file-cancel", 1, sizeof(struct ssi_wire_file_cancel), 0, 0, 0 },
	[SSI_MSG_FILE_CLOSE] = { "file-close", 1, sizeof(struct ssi_wire_file_close), 0, 0, 0 },
};

struct frame {
	int lane;
	size_t len;		/* of all that follows */
	struct ssi_wire_hdr hdr;
	u8 body[MAX_BODY + 3 * PAGE];
};

/* A membership in the making, and what is known in it. */
static struct {
	int fd[NR_LANES];
	u32 epoch;
	u64 cookie;
	u64 seq;
	u64 beat;
	u64 heard;
	u32 tid_seq;
	int pid;		/* of a process that there is, or was */
	struct {		/* a process of the member that it has moved here */
		u64 sid;
		u32 tid;
		u32 seq;
		u64 addr;
		u64 stack;
		u64 pfn;
		u32 gen;
		u8 regs[2048];
		size_t regs_len;
	} guest;
	struct frame last;
} m;

static struct {
	struct ssi_wire_hello hello;
	u8 compat[SSI_COMPAT_MAX];
	size_t len;
} learned;

static struct {
	unsigned long memberships, handshakes, messages, broken, answers, calls;
	unsigned long guests, enters, lent, faults, traps, files;
	unsigned long sent[NR_TYPES], ended[NR_TYPES];
} count;

static const char *low, *high, *address;
static u32 epoch = 1;
static const char *step;		/* of the handshake */
static u64 random_state;

static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("lies: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	exit(1);
}

static u32 rnd(u32 below)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return below ? (random_state >> 33) % below : random_state >> 32;
}

/* Of a process that has moved here, if there is one; else as any_id(). */
static u64 any_id(u32 below);

static u64 guest_or(u64 value, u32 below)
{
	return value && rnd(8) ? value : any_id(below);
}

/* Mostly small, sometimes anything. */
static u64 any_id(u32 below)
{
	return rnd(16) ? rnd(below) + 1 : (u64)rnd(0) << 32 | rnd(0);
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static struct sockaddr_in address_of(const char *text, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, text, &in.sin_addr) != 1)
		die("%s is no address", text);
	return in;
}

static void set_patience(int fd)
{
	struct timeval tv = { .tv_usec = PATIENCE * 1000 };
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static bool put(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
	}
	return true;
}

static bool get(int fd, void *data, size_t len)
{
	char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = recv(fd, p, len, 0);
		if (n <= 0)
			return false;
	}
	return true;
}

/* A message of the handshake; with some probability one that is not as it should be. */
static bool say(int fd, u16 type, u32 of_epoch, const void *body, size_t len, bool lie)
{
	struct {
		struct ssi_wire_hdr hdr;
		u8 body[sizeof(learned)];
	} msg = {};
	size_t all = sizeof(msg.hdr) + len;

	msg.hdr.len = htole32(len);
	msg.hdr.type = htole16(type);
	msg.hdr.epoch = htole32(of_epoch);
	memcpy(msg.body, body, len);
	if (lie) {
		switch (rnd(5)) {
		case 0:
			((u8 *)&msg)[rnd(all)] ^= 1 << rnd(8);
			break;
		case 1:
			all = rnd(all);
			break;
		case 2:
			msg.hdr.type = htole16(rnd(NR_TYPES + 4));
			break;
		case 3:
			msg.hdr.len = htole32(rnd(2) ? rnd(0) : rnd(2 * len + 1));
			break;
		case 4:
			put(fd, &msg, all);
			break;
		}
	}
	return put(fd, &msg, all);
}

/* A message of the handshake, of which there is room for @max bytes; -1 if none comes. */
static int hear(int fd, u16 type, void *body, size_t max)
{
	struct ssi_wire_hdr hdr;

	if (!get(fd, &hdr, sizeof(hdr)) || le16toh(hdr.type) != type || le32toh(hdr.len) > max ||
	    !get(fd, body, le32toh(hdr.len)))
		return -1;
	return le32toh(hdr.len);
}

/* As node 1: what does the member say of itself? */
static void learn(void)
{
	struct sockaddr_in in = address_of(low, PORT);
	int one = 1, len, fd, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd p = { .fd = s, .events = POLLIN };

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s, (void *)&in, sizeof(in)) || listen(s, 4))
		die("cannot listen on %s: %s", low, strerror(errno));
	while (!learned.len) {
		if (poll(&p, 1, 30000) != 1)
			die("node %d does not connect to %s", MEMBER, low);
		fd = accept(s, NULL, NULL);
		set_patience(fd);
		len = hear(fd, SSI_MSG_HELLO, &learned.hello,
			   sizeof(learned.hello) + sizeof(learned.compat));
		if (len > 0)
			learned.len = len;
		close(fd);
	}
	close(s);
}

static void close_all(void)
{
	struct linger reset = { .l_onoff = 1 };
	int i;

	for (i = 0; i < NR_LANES; i++) {
		if (m.fd[i] < 0)
			continue;
		/* or thousands of them would wait in the kernel */
		setsockopt(m.fd[i], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(m.fd[i]);
		m.fd[i] = -1;
	}
}

static int dial(void)
{
	struct sockaddr_in from = address_of(high, 0), to = address_of(address, PORT);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	set_patience(fd);
	if (bind(fd, (void *)&from, sizeof(from)) || connect(fd, (void *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Become a member; the message @lie of the handshake is not as it should be. */
static bool meet(int lie)
{
	struct {
		struct ssi_wire_hello hello;
		u8 compat[SSI_COMPAT_MAX];
	} said;
	struct ssi_wire_attach attach = {
		.magic = htole32(SSI_WIRE_MAGIC), .version = htole32(SSI_WIRE_VERSION),
		.from = htole32(OWN_HIGH), .to = htole32(MEMBER),
	}, answer;
	struct ssi_wire_ready ready = {};
	int lane;

	memset(&m, 0, sizeof(m));
	for (lane = 0; lane < NR_LANES; lane++)
		m.fd[lane] = -1;
	count.handshakes++;
	step = "connect";
	m.fd[0] = dial();
	if (m.fd[0] < 0)
		return false;
	step = "hello";
	memcpy(&said, &learned, sizeof(said));
	said.hello.from = htole32(OWN_HIGH);
	said.hello.to = htole32(MEMBER);
	said.hello.incarnation = htole64((u64)rnd(0) << 32 | rnd(0));
	said.hello.cookie = 0;
	said.hello.epoch = htole32(epoch);
	if (!say(m.fd[0], SSI_MSG_HELLO, 0, &said, learned.len, lie == 0) ||
	    hear(m.fd[0], SSI_MSG_HELLO, &said, sizeof(said)) < (int)sizeof(said.hello))
		return false;
	step = "attach";
	m.cookie = said.hello.cookie;
	m.epoch = (le32toh(said.hello.epoch) > epoch ? le32toh(said.hello.epoch) : epoch) + 1;
	for (lane = 1; lane < NR_LANES; lane++) {
		attach.cookie = m.cookie;
		attach.lane = htole32(lane);
		m.fd[lane] = dial();
		if (m.fd[lane] < 0 ||
		    !say(m.fd[lane], SSI_MSG_ATTACH, 0, &attach, sizeof(attach), lie == lane))
			return false;
	}
	for (lane = 1; lane < NR_LANES; lane++)
		if (hear(m.fd[lane], SSI_MSG_ATTACH, &answer, sizeof(answer)) < 0)
			return false;
	step = "ready";
	ready.cookie = m.cookie;
	ready.epoch = htole32(m.epoch);
	if (!say(m.fd[0], SSI_MSG_READY, m.epoch, &ready, sizeof(ready), lie == 3) ||
	    hear(m.fd[0], SSI_MSG_READY, &ready, sizeof(ready)) < 0)
		return false;
	epoch = m.epoch;
	count.memberships++;
	return true;
}

/* Bodies: such as might be true. */
static void fill_caller(struct ssi_wire_caller *c)
{
	/* nobody, who may do nothing: what root may do needs no lies */
	c->uid = c->euid = c->suid = c->fsuid = htole32(65534);
	c->gid = c->egid = c->sgid = c->fsgid = htole32(65534);
	c->tgid = htole32(2000001 + rnd(100));
	c->session = c->tgid;
}

static size_t fill_regs(u8 *buf)
{
	struct {
		__le32 note;
		__le32 len;
		__le64 reg[34];
	} *set = (void *)buf;
	unsigned int i, nr;

	memset(set, 0, sizeof(*set));
	set->note = htole32(rnd(12) ? 1 : rnd(0x500));
#ifdef __x86_64__
	nr = 27;
	for (i = 0; i < 15; i++)
		set->reg[i] = htole64(rnd(4) ? 0x400000 + rnd(0x8000) : (u64)rnd(0) << 32 | rnd(0));
	set->reg[15] = htole64(rnd(8) ? (u64)-1 : rnd(500));
	set->reg[16] = htole64(0x400000 + rnd(0x2000));
	set->reg[17] = htole64(rnd(12) ? 0x33 : rnd(0x40));
	set->reg[18] = htole64(rnd(12) ? 0x202 : rnd(0));
	set->reg[19] = htole64(0x408000);
	set->reg[20] = htole64(rnd(12) ? 0x2b : rnd(0x40));
	set->reg[21] = htole64(rnd(12) ? 0 : (u64)rnd(0) << 32);
	set->reg[22] = htole64(rnd(12) ? 0 : (u64)rnd(0) << 32);
#else
	nr = 34;
	for (i = 0; i < 31; i++)
		set->reg[i] = htole64(rnd(4) ? 0x400000 + rnd(0x8000) : (u64)rnd(0) << 32 | rnd(0));
	set->reg[31] = htole64(0x408000);
	set->reg[32] = htole64(0x400000 + (rnd(0x2000) & ~3));
	set->reg[33] = htole64(rnd(12) ? 0 : rnd(0));
#endif
	set->len = htole32(nr * 8);
	return 8 + nr * 8;
}

static size_t fill_place(struct ssi_wire_place *w)
{
	static const char *const programs[] = { "/bin/true", "/bin/cat", "/bin/false", "/nowhere" };
	const char *program = programs[rnd(4)];
	struct ssi_wire_open_file *file = (void *)w->group;
	unsigned int i, nr = rnd(4);
	char *s;

	w->id = htole64(rnd(4) + 1);
	fill_caller(&w->caller);
	for (i = 0; i < SSI_PLACE_LIMITS; i++)
		w->limit[i][0] = w->limit[i][1] = htole64(rnd(16) ? 1 << 20 : rnd(100));
	w->argc = htole32(1 + rnd(3));
	w->nice = htole32(rnd(40) - 20);
	w->flags = htole32(rnd(8));
	w->nr_files = htole32(nr);
	w->loginuid = htole32(-1);
	for (i = 0; i < nr; i++, file++) {
		file->fd = htole32(i);
		file->handle = htole32(rnd(3) + 1);
		file->flags = htole32(rnd(3));
		file->modes = htole32(rnd(32));
		file->mode = htole32((rnd(2) ? 0100000 : rnd(2) ? 0010000 : 0020000) | 0666);
	}
	s = (char *)file;
	strcpy(s, "/");
	w->cwd_len = htole32(2);
	s += 2;
	for (i = 0; i < le32toh(w->argc); i++)
		s = stpcpy(s, program) + 1;
	s = stpcpy(s, program) + 1;
	w->strings_len = htole32(s - (char *)file - 2);
	return s - (char *)w;
}

static size_t fill_op(struct ssi_wire_op *w)
{
	static const char *const paths[] = { "stat", "status", "fd", "exe", "task", "maps", "" };
	u32 op = rnd(32);
	u8 *data = (u8 *)w->group;
	size_t len = 0;

	w->op = htole32(op);
	w->nr = htole32(rnd(4) ? 2000000 + rnd(300) : m.pid ? (u32)m.pid : rnd(400));
	fill_caller(&w->caller);
	w->arg[0] = htole64(rnd(4));
	w->arg[1] = htole64(rnd(3));
	w->reply_max = htole32(rnd(200));
	switch (op) {
	case 0: case 1: case 2: case 3:		/* signals: as root may send none */
		len = 48;
		data[0] = le64toh(w->arg[0]);
		w->reply_max = 0;
		break;
	case 8:
		w->reply_max = htole32(w->arg[1] ? 16 : 0);
		break;
	case 19:
		len = 16;
		*(__le64 *)data = htole64(0x400000);
		*(__le64 *)(data + 8) = htole64(le32toh(w->reply_max));
		break;
	case 20:
		len = 16 + 8;
		w->arg[0] = htole64(1);
		w->reply_max = 0;
		*(__le64 *)(data + 8) = htole64(8);
		break;
	case 24: case 25: case 27: case 28:
		strcpy((char *)data, paths[rnd(7)]);
		len = strlen((char *)data) + 1;
		w->reply_max = htole32(op == 24 ? 48 : 2000);
		break;
	case 29: case 30: case 31:
		w->arg[1] = htole64(op == 31 ? 0x10U << rnd(12) : rnd(5));
		w->reply_max = htole32(32 * rnd(2000));
		break;
	default:
		w->reply_max = htole32(op == 21 ? 8 : 0);
		break;
	}
	w->data_len = htole32(len);
	return sizeof(*w) + (len + 7) / 8 * 8;
}

static unsigned int fill_pages(struct ssi_wire_page *page, unsigned int nr, bool grant)
{
	unsigned int i, with = 0;

	for (i = 0; i < nr; i++) {
		page[i].pfn = htole64(m.guest.pfn && rnd(2) ? m.guest.pfn - rnd(2) : any_id(8));
		page[i].gen = htole32(m.guest.gen && rnd(2) ? m.guest.gen :
				      rnd(10) ? 1 + rnd(2) : rnd(0));
		page[i].flags = htole32(!grant ? rnd(4) :
					rnd(2) ? (u32)SSI_GRANT_WRITE : rnd(8));
		with += grant ? !!(le32toh(page[i].flags) & SSI_GRANT_COPY) :
				!(le32toh(page[i].flags) & SSI_PAGE_ZERO);
	}
	/* fewer, or more, than it says */
	return rnd(10) ? with : rnd(4);
}

/* A message of a type. Returns whether there is one. */
static bool make(struct frame *f, u16 type)
{
	const struct type *t = &types[type];
	unsigned int pages = t->pages ? rnd(t->pages) : 0, nr = rnd(4), i;
	union {
		u8 bytes[MAX_BODY];
		struct ssi_wire_heartbeat beat;
		struct ssi_wire_error error;
		struct ssi_wire_drain drain;
		struct ssi_wire_session_new session_new;
		struct ssi_wire_session session;
		struct ssi_wire_enter enter;
		struct ssi_wire_trap trap;
		struct ssi_wire_thread thread;
		struct ssi_wire_fault fault;
		struct ssi_wire_pages pages;
		struct ssi_wire_grant grant;
		struct ssi_wire_range range;
		struct ssi_wire_op op;
		struct ssi_wire_watch watch;
		struct ssi_wire_watched watched;
		struct ssi_wire_unwatch unwatch;
		struct ssi_wire_place place;
		struct ssi_wire_place_go go;
		struct ssi_wire_place_signal signal;
		struct ssi_wire_place_state state;
		struct ssi_wire_file file;
		struct ssi_wire_file_done file_done;
		struct ssi_wire_file_cancel cancel;
		struct ssi_wire_file_close close;
	} *b = (void *)f->body;
	size_t len = t->len;

	if (!t->name)
		return false;
	memset(f, 0, offsetof(struct frame, body) + MAX_BODY);
	switch (type) {
	case SSI_MSG_HEARTBEAT:
		b->beat.seq = htole64(++m.beat);
		b->beat.echo = htole64(m.heard);
		b->beat.epoch = htole32(m.epoch);
		b->beat.flags = htole32(rnd(40) ? rnd(2) : 2 + rnd(2));
		b->beat.running = htole32(rnd(10));
		b->beat.cpus = htole32(1 + rnd(4));
		break;
	case SSI_MSG_ERROR:
		b->error.error = htole32(1 + rnd(133));
		break;
	case SSI_MSG_DRAIN:
	case SSI_MSG_DRAIN_REPLY:
		b->drain.on = htole32(!rnd(60));
		break;
	case SSI_MSG_SESSION_NEW:
		b->session_new.sid = htole64(any_id(3));
		b->session_new.vdso = htole64(rnd(6) ? 0x7ffff7fc0000ULL : (u64)rnd(0) << rnd(30));
		b->session_new.clock = htole64(rnd(4) ? rnd(0) : (u64)rnd(0) << 32);
		b->session_new.monotonic = htole64(rnd(4) ? rnd(0) : (u64)rnd(0) << 32);
		b->session_new.boottime = htole64(rnd(4) ? rnd(0) : (u64)rnd(0) << 32);
		b->session_new.pid = htole32(2000001);
		b->session_new.threads = htole32(any_id(3));
		b->session_new.uid = b->session_new.gid = htole32(65534);
		b->session_new.nr_cpus = htole32(rnd(8) ? 4 : rnd(0));
		memset(b->session_new.comm, 'x', rnd(17));
		break;
	case SSI_MSG_SESSION_READY:
	case SSI_MSG_SESSION_END:
	case SSI_MSG_GUEST_DEAD:
		b->session.sid = htole64(guest_or(rnd(2) ? m.guest.sid : 0, 3));
		b->session.reason = htole32(rnd(4) ? 0 : rnd(80));
		b->session.pid = htole32(rnd(400));
		break;
	case SSI_MSG_ENTER:
		b->enter.sid = htole64(any_id(3));
		b->enter.tid = htole32(any_id(2));
		b->enter.seq = htole32(rnd(4) ? ++m.tid_seq : rnd(5));
		b->enter.monotonic = htole64(rnd(8) ? 0 : (u64)rnd(0) << 32);
		b->enter.policy = htole32(rnd(8) ? 0 : 3);
		b->enter.nice = htole32(rnd(20));
		if (!rnd(4)) {
			b->enter.rseq.ptr = htole64(0x400000 + rnd(0x8000));
			b->enter.rseq.len = htole32(32);
			b->enter.rseq.version = htole32(rnd(3));
		}
		len += rnd(8) ? fill_regs(b->enter.regs) : 0;
		break;
	case SSI_MSG_TRAP:
		b->trap.sid = htole64(guest_or(m.guest.sid, 3));
		b->trap.tid = htole32(guest_or(m.guest.tid, 300));
		b->trap.seq = htole32(guest_or(m.guest.seq, 5));
		b->trap.trap = htole32(1 + rnd(5));
		b->trap.reason = htole32(rnd(3) ? 0 : rnd(80));
		b->trap.signo = htole32(5);
		b->trap.runtime = htole64(rnd(4) ? rnd(0) : (u64)rnd(0) << 32);
		b->trap.monotonic = htole64(rnd(4) ? 0 : (u64)rnd(0) << 32);
		if (rnd(3) && m.guest.regs_len) {
			/* as it came, or with a register that is another */
			memcpy(b->trap.regs, m.guest.regs, m.guest.regs_len);
			len += m.guest.regs_len;
			if (rnd(2))
				b->trap.regs[8 + rnd(m.guest.regs_len - 8)] = rnd(256);
		} else {
			len += fill_regs(b->trap.regs);
		}
		break;
	case SSI_MSG_KICK:
	case SSI_MSG_STARTED:
	case SSI_MSG_THREAD_END:
		b->thread.sid = htole64(guest_or(rnd(2) ? m.guest.sid : 0, 3));
		b->thread.tid = htole32(guest_or(rnd(2) ? m.guest.tid : 0, 2));
		b->thread.seq = htole32(rnd(4) ? m.tid_seq : rnd(5));
		break;
	case SSI_MSG_FAULT:
		b->fault.sid = htole64(guest_or(m.guest.sid, 3));
		b->fault.tid = htole32(guest_or(m.guest.tid, 2));
		b->fault.seq = htole32(rnd(8));
		b->fault.addr = htole64(m.guest.addr && rnd(4) ? m.guest.addr + rnd(8) * PAGE :
					0x400000 + rnd(0x8000));
		b->fault.flags = htole32(rnd(9));
		break;
	case SSI_MSG_STORE:
	case SSI_MSG_RECALL:
	case SSI_MSG_PAGES:
	case SSI_MSG_DROP:
	case SSI_MSG_EVICT:
		b->pages.nr = htole32(nr);
		pages = fill_pages(b->pages.page, nr, false);
		if (!t->pages)
			pages = 0;
		len += nr * sizeof(b->pages.page[0]);
		break;
	case SSI_MSG_GRANT:
		b->grant.sid = htole64(any_id(3));
		b->grant.tid = htole32(rnd(3));
		b->grant.seq = htole32(rnd(8));
		b->grant.reason = htole32(nr && rnd(8) ? 0 : 1 + rnd(60));
		b->grant.vm_flags = htole32(rnd(4) ? 7 : rnd(0));
		b->grant.vm_start = htole64(0x400000);
		b->grant.vm_end = htole64(rnd(8) ? 0x410000 : 0x7fffffff0000);
		b->grant.addr = htole64(0x400000 + (u64)rnd(8) * PAGE);
		b->grant.nr = htole32(nr);
		pages = fill_pages((void *)b->grant.page, nr, true);
		len += nr * sizeof(b->grant.page[0]);
		break;
	case SSI_MSG_INVALIDATE:
		b->range.sid = htole64(any_id(3));
		b->range.start = htole64(rnd(4) ? 0x400000 + (u64)rnd(8) * PAGE : rnd(0));
		b->range.end = htole64(rnd(8) ? 0x410000 : (u64)-1);
		break;
	case SSI_MSG_OP:
		len = fill_op(&b->op);
		break;
	case SSI_MSG_OP_DONE:
	case SSI_MSG_FILE_DONE:
		b->file_done.value = htole64(rnd(3) ? rnd(64) : -(u64)rnd(600));
		for (i = 0; i < 64; i++)
			b->file_done.data[i] = rnd(256);
		len += rnd(65);
		break;
	case SSI_MSG_WATCH:
		b->watch.nr = htole32(rnd(2) ? 2000000 + rnd(300) : rnd(400));
		b->watch.id = htole64(rnd(3));
		b->watch.state = htole32(rnd(2));
		break;
	case SSI_MSG_WATCHED:
		b->watched.state = htole32(1 + rnd(2));
		break;
	case SSI_MSG_UNWATCH:
		b->unwatch.seq = htole64(rnd(m.seq + 2));
		break;
	case SSI_MSG_PLACE:
		len = fill_place(&b->place);
		break;
	case SSI_MSG_PLACE_GO:
		b->go.id = htole64(any_id(4));
		break;
	case SSI_MSG_PLACE_SIGNAL:
		b->signal.id = htole64(any_id(4));
		b->signal.conts = htole32(rnd(3));
		b->signal.info[0] = 1 + rnd(64);
		memset(b->signal.info + 8, rnd(8) ? 0 : rnd(256), 4);
		break;
	case SSI_MSG_PLACE_STATE:
		b->state.id = htole64(any_id(4));
		b->state.status = htole32(rnd(0));
		break;
	case SSI_MSG_FILE:
		b->file.op = htole32(rnd(9));
		b->file.handle = htole32(any_id(3));
		b->file.arg = htole64(rnd(3));
		b->file.flags = htole32(rnd(8));
		b->file.stub = htole64(rnd(2) ? 0 : any_id(3));
		if (le32toh(b->file.op) < 2)
			b->file.len = htole32(8);
		if (le32toh(b->file.op) == SSI_FILE_WRITE)
			len += 8;
		if (le32toh(b->file.op) == SSI_FILE_OPEN) {
			fill_caller((void *)b->file.data);
			b->file.len = htole32(64);
			len += 64;
		}
		break;
	case SSI_MSG_FILE_CANCEL:
		b->cancel.seq = htole64(rnd(m.seq + 2));
		break;
	case SSI_MSG_FILE_CLOSE:
		b->close.handle = htole32(rnd(3));
		b->close.seq = htole64(rnd(m.seq + 2));
		break;
	default:
		break;
	}
	f->lane = t->lane == ANY ? (int)rnd(NR_LANES) : t->lane;
	f->hdr.len = htole32(len);
	f->hdr.type = htole16(type);
	f->hdr.nr_pages = htole16(pages);
	f->hdr.epoch = htole32(m.epoch);
	if (t->reply) {
		f->hdr.flags = htole32(SSI_WIRE_REPLY);
		/* of a call that was made here, or answered before */
		f->hdr.seq = htole64(1 + rnd(3));
	} else if (t->call && rnd(8)) {
		f->hdr.flags = htole32(SSI_WIRE_CALL);
		f->hdr.seq = htole64(++m.seq);
	}
	/* pages of an instruction each: of a jump to itself, or of whatever there is */
	memset(f->body + len, rnd(2) ? 0xcc : rnd(256), pages * PAGE);
	f->len = sizeof(f->hdr) + len + pages * PAGE;
	return true;
}

static bool transmit(const struct frame *f, size_t len)
{
	count.messages++;
	if (le16toh(f->hdr.type) < NR_TYPES)
		count.sent[le16toh(f->hdr.type)]++;
	return put(m.fd[f->lane], &f->hdr, len);
}

/* A message that breaks the rules. */
static void break_rules(struct frame *f)
{
	size_t len = f->len;

	count.broken++;
	switch (rnd(9)) {
	case 0:		/* a bit */
		((u8 *)&f->hdr)[rnd(sizeof(f->hdr))] ^= 1 << rnd(8);
		break;
	case 1:
		((u8 *)&f->hdr)[rnd(len)] ^= 1 << rnd(8);
		break;
	case 2:		/* the end is missing, and none follows */
		transmit(f, rnd(len));
		close_all();
		return;
	case 3:
		f->lane = rnd(NR_LANES);
		break;
	case 4:		/* of an epoch that is over, or not there yet */
		f->hdr.epoch = htole32(m.epoch - 1 + 2 * rnd(2));
		break;
	case 5:
		f->hdr.len = htole32(le32toh(f->hdr.len) + rnd(33) - 16);
		break;
	case 6:		/* again, and by another lane */
		transmit(f, len);
		f->lane = (f->lane + rnd(2)) % NR_LANES;
		break;
	case 7:		/* what was said before comes again */
		if (m.last.len) {
			transmit(&m.last, m.last.len);
			return;
		}
		break;
	case 8:		/* out of step */
		transmit(f, rnd(len));
		break;
	}
	transmit(f, len);
}

/* A thread came: its registers, and where it is. */
static void remember(const struct ssi_wire_enter *w, size_t len)
{
	const struct {
		__le32 note;
		__le32 len;
		__le64 reg[34];
	} *set = (const void *)w->regs;

	m.guest.tid = le32toh(w->tid);
	m.guest.seq = le32toh(w->seq);
	m.guest.regs_len = len < sizeof(m.guest.regs) ? len : 0;
	memcpy(m.guest.regs, w->regs, m.guest.regs_len);
	if (len < sizeof(*set))
		return;
#ifdef __x86_64__
	m.guest.stack = le64toh(set->reg[19]) & -(u64)PAGE;
	m.guest.addr = rnd(2) ? le64toh(set->reg[16]) & -(u64)PAGE : m.guest.stack;
#else
	m.guest.stack = le64toh(set->reg[31]) & -(u64)PAGE;
	m.guest.addr = rnd(2) ? le64toh(set->reg[32]) & -(u64)PAGE : m.guest.stack;
#endif
}

/* The pages that are wanted back, with other bytes; now and then one too many or too few. */
static bool give_back(const struct ssi_wire_hdr *hdr, const struct ssi_wire_pages *want)
{
	static struct frame f;
	struct ssi_wire_pages *w = (void *)f.body;
	unsigned int i, nr = le32toh(want->nr), pages = 0;
	size_t len = sizeof(*w) + nr * sizeof(w->page[0]);

	if (len > MAX_BODY || !make(&f, SSI_MSG_PAGES))
		return false;
	memcpy(w, want, len);
	for (i = 0; i < nr; i++) {
		w->page[i].flags = htole32(rnd(3) || pages == 3 ? SSI_PAGE_GONE : 0);
		pages += !w->page[i].flags;
	}
	if (!rnd(4) && pages < 3)
		pages++;
	f.lane = 2;
	f.hdr.len = htole32(len);
	f.hdr.nr_pages = htole16(pages);
	f.hdr.seq = hdr->seq;
	memset(f.body + len, rnd(256), pages * PAGE);
	f.len = sizeof(f.hdr) + len + pages * PAGE;
	return transmit(&f, f.len);
}

/* What the member says: answers are read, calls are answered. */
static bool listen_to(int lane)
{
	static u8 body[SSI_MSG_MAX_BODY + SSI_MSG_MAX_PAGES * PAGE];
	static struct frame f;
	struct ssi_wire_hdr hdr;
	bool honest;
	size_t len;
	u16 type;

	if (!get(m.fd[lane], &hdr, sizeof(hdr)))
		return false;
	len = le32toh(hdr.len) + (size_t)le16toh(hdr.nr_pages) * PAGE;
	if (len > sizeof(body))
		die("node %d says %zu bytes at once", MEMBER, len);
	if (!get(m.fd[lane], body, len))
		return false;
	type = le16toh(hdr.type);
	if (type >= NR_TYPES || !types[type].name)
		die("node %d sends a message of type %u, which there is not", MEMBER, type);
	count.answers++;
	if (type == SSI_MSG_HEARTBEAT) {
		m.heard = le64toh(((struct ssi_wire_heartbeat *)body)->seq);
		return make(&f, SSI_MSG_HEARTBEAT) && transmit(&f, f.len);
	}
	if (type == SSI_MSG_PLACED)
		m.pid = le32toh(((struct ssi_wire_placed *)body)->pid);
	if (type == SSI_MSG_SESSION_NEW) {
		m.guest.sid = le64toh(((struct ssi_wire_session_new *)body)->sid);
		count.guests++;
	}
	if (type == SSI_MSG_ENTER) {
		remember((void *)body, le32toh(hdr.len) - sizeof(struct ssi_wire_enter));
		count.enters++;
	}
	if (type == SSI_MSG_STORE && ((struct ssi_wire_pages *)body)->nr) {
		m.guest.pfn = le64toh(((struct ssi_wire_pages *)body)->page[0].pfn);
		m.guest.gen = le32toh(((struct ssi_wire_pages *)body)->page[0].gen);
		count.lent++;
	}
	if (type == SSI_MSG_RECALL && rnd(3))
		return give_back(&hdr, (void *)body);
	count.faults += type == SSI_MSG_FAULT;
	count.traps += type == SSI_MSG_TRAP;
	count.files += type == SSI_MSG_FILE;
	if (type == SSI_MSG_FAULT && make(&f, SSI_MSG_GRANT)) {
		struct ssi_wire_fault *fault = (void *)body;
		struct ssi_wire_grant *grant = (void *)f.body;

		grant->sid = fault->sid;
		grant->tid = fault->tid;
		grant->seq = fault->seq;
		if (rnd(8))
			grant->addr = htole64(le64toh(fault->addr) & ~4095ULL);
		return transmit(&f, f.len);
	}
	if (!(le32toh(hdr.flags) & SSI_WIRE_CALL))
		return true;
	count.calls++;
	/* several of these come before anything else: who lies here learns nothing */
	honest = type == SSI_MSG_CLOCK && rnd(50);
	if ((!honest && !rnd(8)) || !make(&f, honest || rnd(6) ? type + 1 : SSI_MSG_ERROR))
		return true;
	f.lane = lane;
	f.hdr.seq = hdr.seq;
	if (type == SSI_MSG_SESSION_NEW && le16toh(f.hdr.type) == SSI_MSG_SESSION_READY && rnd(4)) {
		/* come in */
		((struct ssi_wire_session *)f.body)->sid = htole64(m.guest.sid);
		((struct ssi_wire_session *)f.body)->reason = 0;
	}
	return transmit(&f, f.len);
}

/* Read what is there. Returns whether the membership goes on. */
static bool listen_all(int ms)
{
	struct pollfd p[NR_LANES];
	int i;

	for (i = 0; i < NR_LANES; i++)
		p[i] = (struct pollfd){ .fd = m.fd[i], .events = POLLIN };
	while (poll(p, NR_LANES, ms) > 0) {
		for (i = 0; i < NR_LANES; i++)
			if (p[i].revents && !listen_to(i))
				return false;
		ms = 0;
	}
	return true;
}

/* How often a type is sent: what begins something more often than what ends it. */
static u16 any_type(void)
{
	static const u8 often[] = {
		SSI_MSG_SESSION_NEW, SSI_MSG_ENTER, SSI_MSG_STORE, SSI_MSG_GRANT, SSI_MSG_OP,
		SSI_MSG_PLACE, SSI_MSG_PLACE_GO, SSI_MSG_FILE, SSI_MSG_WATCH,
	};
	u16 type;

	if (rnd(2))
		return often[rnd(sizeof(often))];
	do {
		type = rnd(NR_TYPES);
		/* an answer that nobody waits for ends it, as good-bye does */
	} while (!types[type].name || ((type == SSI_MSG_BYE || types[type].reply) && rnd(50)));
	return type;
}

/* Something that begins as it should: a process that runs there, or a program. */
static bool begin(bool program)
{
	static struct frame f;
	struct ssi_wire_session_new *session = (void *)f.body;
	struct ssi_wire_pages *pages = (void *)f.body;
	struct ssi_wire_enter *enter = (void *)f.body;
	unsigned int i;
	size_t len;

	if (program) {
		make(&f, SSI_MSG_PLACE);
		((struct ssi_wire_place *)f.body)->id = htole64(1);
		f.hdr.flags = htole32(SSI_WIRE_CALL);
		f.hdr.seq = htole64(++m.seq);
		if (!transmit(&f, f.len) || !listen_all(300))
			return false;
		make(&f, SSI_MSG_PLACE_GO);
		((struct ssi_wire_place_go *)f.body)->id = htole64(1);
		return transmit(&f, f.len) && listen_all(100);
	}
	make(&f, SSI_MSG_SESSION_NEW);
	session->sid = htole64(1);
	session->vdso = htole64(0x7ffff7fc0000);
	session->threads = htole32(1);
	f.hdr.flags = htole32(SSI_WIRE_CALL);
	f.hdr.seq = htole64(++m.seq);
	if (!transmit(&f, f.len) || !listen_all(300))
		return false;
	make(&f, SSI_MSG_STORE);
	pages->nr = htole32(3);
	len = sizeof(*pages) + 3 * sizeof(pages->page[0]);
	for (i = 0; i < 3; i++)
		pages->page[i] = (struct ssi_wire_page){ htole64(i + 1), htole32(1), 0 };
	/* a jump to itself, or system calls one after the other, or what there is */
	memset(f.body + len, 0x90, 3 * PAGE);
	for (i = 0; i < 3 * PAGE / 2; i++)
		memcpy(f.body + len + 2 * i, rnd(3) ? "\xeb\xfe" : "\x0f\x05", 2);
	f.hdr.len = htole32(len);
	f.hdr.nr_pages = htole16(3);
	f.len = sizeof(f.hdr) + len + 3 * PAGE;
	if (!transmit(&f, f.len))
		return false;
	make(&f, SSI_MSG_ENTER);
	enter->sid = htole64(1);
	enter->tid = htole32(1);
	enter->seq = htole32(m.tid_seq = 1);
	enter->policy = 0;
	enter->monotonic = 0;
	return transmit(&f, f.len) && listen_all(50);
}

/* A membership, from its begin to its end. */
static void live(void)
{
	/* some take long enough for programs to run, and for processes to come */
	unsigned int i, nr = rnd(60), wait = rnd(4) ? 5 : 40;
	static struct frame f;

	if (rnd(2) && !begin(rnd(2)))
		return;
	/* or one that comes from there */
	for (i = 0; wait == 40 && i < 10 && !m.guest.tid; i++)
		if (!listen_all(100))
			return;
	nr += m.guest.sid ? 60 : 0;
	/* it writes to its stack, so that pages come that are nowhere else */
	for (i = 0; m.guest.stack && i < 4; i++) {
		struct ssi_wire_fault *fault = (void *)f.body;

		make(&f, SSI_MSG_FAULT);
		fault->sid = htole64(m.guest.sid);
		fault->tid = htole32(m.guest.tid);
		fault->addr = htole64(m.guest.stack + i / 2 * PAGE);
		fault->flags = htole32(SSI_FAULT_WRITE);
		if (!transmit(&f, f.len) || !listen_all(100))
			return;
	}
	for (i = 0; i < nr; i++) {
		if (!make(&f, any_type()) || !transmit(&f, f.len) || !listen_all(rnd(8) ? 0 : wait)) {
			count.ended[le16toh(f.hdr.type)]++;
			return;
		}
		if (!rnd(4))
			memcpy(&m.last, &f, sizeof(f));
	}
	/* who lies sees what comes of it, or is gone before */
	for (i = rnd(4); i; i--) {
		if (m.fd[0] < 0 || !make(&f, any_type()))
			break;
		break_rules(&f);
		if (m.fd[0] >= 0 && !listen_all(rnd(40)))
			break;
	}
}

int main(int argc, char **argv)
{
	long long end, said;
	unsigned int i;
	int lie;

	if (argc != 6)
		die("usage: lies ADDRESS1 ADDRESS2 ADDRESS3 SEED SECONDS");
	low = argv[1];
	address = argv[2];
	high = argv[3];
	random_state = strtoull(argv[4], NULL, 0) * 2 + 1;
	end = now_ms() + atoll(argv[5]) * 1000;
	signal(SIGPIPE, SIG_IGN);
	learn();
	for (said = now_ms(); now_ms() < end;) {
		lie = rnd(6) ? -1 : (int)rnd(4);
		if (meet(lie))
			live();
		else if (lie < 0)
			/* the last one is not over there, or the kernel is busy */
			printf("an honest handshake ends at %s\n", step);
		close_all();
		if (now_ms() - said > 10000) {
			said = now_ms();
			printf("%lu memberships, %lu messages\n", count.memberships, count.messages);
			fflush(stdout);
		}
	}
	for (i = 0; i < NR_TYPES; i++)
		if (types[i].name)
			printf("sent %s: %lu, the last one in %lu memberships\n", types[i].name,
			       count.sent[i], count.ended[i]);
	printf("processes moved here: %lu\nthreads that came: %lu\npages lent: %lu\n"
	       "faults there: %lu\ntraps there: %lu\n"
	       "calls for files: %lu\n", count.guests, count.enters, count.lent, count.faults, count.traps,
	       count.files);
	printf("handshakes: %lu\nmemberships: %lu\nmessages: %lu\nbroken: %lu\nheard: %lu\ncalls: %lu\n",
	       count.handshakes, count.memberships, count.messages, count.broken, count.answers,
	       count.calls);
	return 0;
}
