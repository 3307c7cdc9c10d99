// SPDX-License-Identifier: GPL-2.0
/*
 * What the network between two nodes gives a user-space program: the measure
 * that moving processes is held against. Ordinary blocking sockets with
 * TCP_NODELAY, one connection per measurement.
 *
 * The server also takes files, so that an image of CRIU is copied with the
 * least that a copy can cost.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

#define BATCH		10
#define CHUNK		(256UL << 10)

enum net_op { NET_ECHO, NET_SINK, NET_FILES };

struct net_request {
	uint64_t op;
	uint64_t there;		/* bytes of a message, of the stream */
	uint64_t back;		/* bytes of an answer */
};

struct net_file {
	char name[64];
	uint64_t size;
};

/* All of it; false at the end of the stream. */
static bool read_all(int fd, void *data, size_t size)
{
	char *p = data;
	ssize_t got;

	while (size) {
		got = read(fd, p, size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die("read: %s", strerror(errno));
		if (!got)
			return false;
		p += got;
		size -= got;
	}
	return true;
}

static void write_all(int fd, const void *data, size_t size)
{
	const char *p = data;
	ssize_t put;

	while (size) {
		put = write(fd, p, size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			die("write: %s", strerror(errno));
		p += put;
		size -= put;
	}
}

static void *buffer(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	memset(p, 0x5a, size);
	return p;
}

static void no_delay(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void serve_echo(int fd, const struct net_request *req)
{
	size_t there = req->there, back = req->back;
	char *data;

	if (there > CHUNK || back > CHUNK)
		die("a message of more than %lu bytes", CHUNK);
	data = buffer(CHUNK);
	while (read_all(fd, data, there))
		write_all(fd, data, back);
}

static void serve_sink(int fd, const struct net_request *req)
{
	uint64_t left = req->there;
	char *data = buffer(CHUNK);
	ssize_t got;

	while (left) {
		got = read(fd, data, left < CHUNK ? left : CHUNK);
		if (got <= 0)
			die("the stream ended early");
		left -= got;
	}
	write_all(fd, data, 1);
}

static void serve_files(int fd, const char *directory)
{
	char *data = buffer(CHUNK), path[512];
	struct net_file file;
	size_t part;
	int out;

	mkdir(directory, 0700);
	while (read_all(fd, &file, sizeof(file)) && file.name[0]) {
		file.name[sizeof(file.name) - 1] = 0;
		if (strchr(file.name, '/') || file.name[0] == '.')
			die("not a plain file name: %s", file.name);
		snprintf(path, sizeof(path), "%s/%s", directory, file.name);
		out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (out < 0)
			die("%s: %s", path, strerror(errno));
		while (file.size) {
			part = file.size < CHUNK ? file.size : CHUNK;
			if (!read_all(fd, data, part))
				die("the stream ended in %s", file.name);
			write_all(out, data, part);
			file.size -= part;
		}
		close(out);
	}
	write_all(fd, data, 1);
}

static void serve_one(int fd, const char *directory)
{
	struct net_request req;

	no_delay(fd);
	if (!read_all(fd, &req, sizeof(req)))
		return;
	if (req.op == NET_ECHO)
		serve_echo(fd, &req);
	else if (req.op == NET_SINK)
		serve_sink(fd, &req);
	else if (req.op == NET_FILES && directory)
		serve_files(fd, directory);
}

/* Until killed; files go to directory, if there is one. */
int net_serve(int port, const char *directory)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd, one = 1, peer;

	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 8))
		die("port %d: %s", port, strerror(errno));
	printf("# serving\n");
	fflush(stdout);
	for (;;) {
		peer = accept(fd, NULL, NULL);
		if (peer < 0)
			continue;
		if (!fork()) {
			close(fd);
			serve_one(peer, directory);
			_exit(0);
		}
		close(peer);
	}
}

static int connect_to(const char *address, enum net_op op, size_t there,
		      size_t back)
{
	struct net_request req = { .op = op, .there = there, .back = back };
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(BENCH_PORT),
	};
	int fd;

	if (!inet_aton(address, &addr.sin_addr))
		die("%s is no address", address);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("%s: %s", address, strerror(errno));
	no_delay(fd);
	write_all(fd, &req, sizeof(req));
	return fd;
}

/* Nanoseconds from the first byte sent to the last one back: the median. */
double net_round_trip(const char *address, size_t there, size_t back, int nr)
{
	int fd = connect_to(address, NET_ECHO, there, back);
	double *times = calloc(nr, sizeof(*times)), start, result;
	char *data = buffer(CHUNK);
	int i, j;

	/* The first batch is for both ends to get going. */
	for (i = -1; i < nr; i++) {
		start = now_ns();
		for (j = 0; j < BATCH; j++) {
			write_all(fd, data, there);
			if (!read_all(fd, data, back))
				die("the peer hung up");
		}
		if (i >= 0)
			times[i] = (now_ns() - start) / BATCH;
	}
	close(fd);
	munmap(data, CHUNK);
	result = median(times, nr);
	free(times);
	return result;
}

/* Nanoseconds until the other side has all bytes. */
double net_bulk(const char *address, size_t bytes)
{
	int fd = connect_to(address, NET_SINK, bytes, 0);
	char *data = buffer(CHUNK);
	double start = now_ns();
	size_t part;

	while (bytes) {
		part = bytes < CHUNK ? bytes : CHUNK;
		write_all(fd, data, part);
		bytes -= part;
	}
	if (!read_all(fd, data, 1))
		die("the peer hung up");
	close(fd);
	munmap(data, CHUNK);
	return now_ns() - start;
}

static void send_file(int fd, int dir, const char *name)
{
	struct net_file file = {};
	struct stat st;
	ssize_t put;
	int in;

	in = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (in < 0 || fstat(in, &st))
		die("%s: %s", name, strerror(errno));
	if (S_ISREG(st.st_mode)) {
		if (strlen(name) >= sizeof(file.name))
			die("%s: too long a name", name);
		memcpy(file.name, name, strlen(name) + 1);
		file.size = st.st_size;
		write_all(fd, &file, sizeof(file));
		while (file.size) {
			put = sendfile(fd, in, NULL, file.size);
			if (put <= 0)
				die("%s: sendfile: %s", name, strerror(errno));
			file.size -= put;
		}
	}
	close(in);
}

/* All plain files of a directory go to the server's directory. */
int net_send_files(const char *address, const char *directory)
{
	int fd = connect_to(address, NET_FILES, 0, 0);
	struct net_file end = {};
	struct dirent *entry;
	DIR *dir;

	dir = opendir(directory);
	if (!dir)
		die("%s: %s", directory, strerror(errno));
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			send_file(fd, dirfd(dir), entry->d_name);
	closedir(dir);
	write_all(fd, &end, sizeof(end));
	if (!read_all(fd, &end, 1))
		die("the peer hung up");
	close(fd);
	return 0;
}
