// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/PID of processes of another node.
 *
 *	procfs check PID TID OTHER UNKNOWN
 *		checks the files of a server of root (see remote.c), with a second
 *		thread TID; OTHER is a server of user 1000, UNKNOWN a number of the same
 *		node that nobody has. Ends the server.
 *	procfs hidden PID OTHER MOUNT LEVEL
 *		checks as user 1000 what option hidepid=LEVEL of a mount hides
 *	procfs read FILE...
 *		writes each file that is there, or why it cannot be read
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "checks.h"

#define MAX	(1 << 20)

static char path_buf[256], whole[MAX], pieces[MAX];

static const char *path(pid_t pid, const char *name)
{
	snprintf(path_buf, sizeof(path_buf), "/proc/%d%s%s", pid, *name ? "/" : "", name);
	return path_buf;
}

/* Reads all of a file, so many bytes at a time. */
static long read_fd(int fd, char *buf, size_t piece)
{
	long n, done = 0;

	while ((n = read(fd, buf + done, piece)) > 0 && done + (long)piece < MAX)
		done += n;
	return n < 0 ? -errno : done;
}

static long read_file(const char *name, char *buf, size_t piece)
{
	int fd = open(name, O_RDONLY);
	long n;

	if (fd < 0)
		return -errno;
	n = read_fd(fd, buf, piece);
	close(fd);
	return n;
}

static long write_file(const char *name, const char *value)
{
	int fd = open(name, O_WRONLY);
	long n;

	if (fd < 0)
		return -errno;
	n = result(write(fd, value, strlen(value)));
	close(fd);
	return n;
}

static long try_open(const char *name, int flags)
{
	int fd = open(name, flags, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static bool is_listed(const char *dir, const char *name)
{
	bool found = false;
	struct dirent *e;
	DIR *d = opendir(dir);

	if (!d)
		return false;
	while ((e = readdir(d)))
		found = found || !strcmp(e->d_name, name);
	closedir(d);
	return found;
}

static void check_attributes(pid_t pid, pid_t other)
{
	struct stat st, st2;

	check("stat: directory", result(stat(path(pid, ""), &st)), 0);
	check("stat: directory: mode", st.st_mode, S_IFDIR | 0555);
	check("stat: directory: owner", st.st_uid, 0);
	check("stat: a user's directory", result(stat(path(other, ""), &st)), 0);
	check("stat: a user's directory: owner", st.st_uid, USER);
	check("stat: file", result(stat(path(pid, "environ"), &st)), 0);
	check("stat: file: mode", st.st_mode, S_IFREG | 0400);
	check("stat: the same number again", !stat(path(pid, "environ"), &st2) &&
	      st.st_ino == st2.st_ino, 1);
	check("lstat: link", result(lstat(path(pid, "exe"), &st)), 0);
	check("lstat: link: mode", st.st_mode & S_IFMT, S_IFLNK);
	check("lstat: open file", result(lstat(path(pid, "fd/0"), &st)), 0);
	check("chmod", result(chmod(path(pid, "comm"), 0777)), -EPERM);
}

static void check_reading(pid_t pid)
{
	int fd, expected;
	long n;

	n = read_file(path(pid, "stat"), whole, MAX / 2);
	check("read: stat", n > 50 && atoi(whole) == pid, 1);
	n = read_file(path(pid, "status"), whole, MAX / 2);
	check("read: byte by byte", read_file(path(pid, "status"), pieces, 1), n);
	check("read: byte by byte: the same", memcmp(whole, pieces, n), 0);
	n = read_file(path(pid, "smaps"), whole, MAX / 2);
	check("read: a large file", n > 8192, 1);
	check("read: a large file in pieces", read_file(path(pid, "smaps"), pieces, 1000), n);
	check("read: a large file in pieces: the same", memcmp(whole, pieces, n), 0);

	fd = open(path(pid, "cmdline"), O_RDONLY);
	check("read: cmdline", (n = read_fd(fd, whole, 4096)) > 10 &&
	      strstr(whole, "remote") && whole[n - 1] == 0, 1);
	check("lseek", result(lseek(fd, 3, SEEK_SET)), 3);
	check("read: from there on", read_fd(fd, pieces, 4096), n - 3);
	check("read: from there on: the same", memcmp(whole + 3, pieces, n - 3), 0);
	check("pread", result(pread(fd, pieces, 4, 1)), 4);
	check("pread: the same", memcmp(whole + 1, pieces, 4), 0);
	check("pread: past the end", result(pread(fd, pieces, 4, 1 << 20)), 0);
	check("write: to what is open for reading", result(write(fd, "x", 1)), -EBADF);
	close(fd);

	/* what was read at open is not shown twice */
	write_file(path(pid, "oom_score_adj"), "11");
	fd = open(path(pid, "oom_score_adj"), O_RDWR);
	expected = read(fd, whole, 100) > 0 ? atoi(whole) : -1;
	check("read: a value", expected, 11);
	check("write: another", result(pwrite(fd, "300", 3, 0)), 3);
	check("read: it again", result(pread(fd, whole, 100, 0)) > 0 ? atoi(whole) : -1, 300);
	close(fd);
	check("write: none", write_file(path(pid, "oom_score_adj"), "x"), -EINVAL);
	check("write: another's name", write_file(path(pid, "comm"), "x"), -EINVAL);
	check("write: what is only read", write_file(path(pid, "stat"), "x"), -EINVAL);
}

static void check_links(pid_t pid)
{
	struct stat st;
	char link[256] = "";

	check("readlink: exe", result(readlink(path(pid, "exe"), link, sizeof(link) - 1)),
	      strlen("/usr/lib/ssi/tests/remote"));
	check("readlink: exe: what it is", strcmp(link, "/usr/lib/ssi/tests/remote"), 0);
	check("readlink: short", result(readlink(path(pid, "exe"), link, 4)), 4);
	check("readlink: root", result(readlink(path(pid, "root"), link, sizeof(link) - 1)), 1);
	check("readlink: namespace",
	      result(readlink(path(pid, "ns/pid"), link, sizeof(link) - 1)) > 5, 1);
	check("readlink: a file", result(readlink(path(pid, "stat"), link, 9)), -EINVAL);
	check("open: exe", try_open(path(pid, "exe"), O_RDONLY), -EREMOTE);
	check("open: an open file", try_open(path(pid, "fd/0"), O_RDONLY), -EREMOTE);
	check("stat: exe", result(stat(path(pid, "exe"), &st)), -EREMOTE);
	check("open: through root", try_open(path(pid, "root/etc/passwd"), O_RDONLY), -EREMOTE);
	check("open: link itself", try_open(path(pid, "exe"), O_PATH | O_NOFOLLOW), 0);
}

static void check_directories(pid_t pid, pid_t tid, pid_t unknown)
{
	char name[32], buf[256];
	int dir;

	snprintf(name, sizeof(name), "%d", pid);
	check("readdir: /proc", is_listed("/proc", name), 1);
	snprintf(name, sizeof(name), "%d", tid);
	check("readdir: /proc: no thread", is_listed("/proc", name), 0);
	check("readdir: task", is_listed(path(pid, "task"), name), 1);
	check("readdir: directory", is_listed(path(pid, ""), "status"), 1);
	check("readdir: what is not had", is_listed(path(pid, ""), "mem"), 0);
	check("readdir: fd", is_listed(path(pid, "fd"), "1"), 1);
	check("readdir: fdinfo", is_listed(path(pid, "fdinfo"), "1"), 1);
	check("readdir: ns", is_listed(path(pid, "ns"), "user"), 1);
	snprintf(buf, sizeof(buf), "task/%d/stat", tid);
	check("open: a thread's file",
	      read_file(path(pid, buf), whole, 4096) > 0 ? atoi(whole) : 0, tid);
	check("open: of a thread by its number",
	      read_file(path(tid, "comm"), whole, 4096) > 0, 1);
	snprintf(buf, sizeof(buf), "task/%d", tid);
	check("readdir: a thread", is_listed(path(pid, buf), "stat"), 1);
	check("readdir: a thread has no threads", is_listed(path(pid, buf), "task"), 0);

	dir = open(path(pid, ""), O_RDONLY | O_DIRECTORY);
	check("openat", result(openat(dir, "fdinfo/1", O_RDONLY)) > 0, 1);
	check("pidfd_send_signal", result(syscall(SYS_pidfd_send_signal, dir, 0, NULL, 0)), 0);
	check("pidfd_send_signal: no such signal",
	      result(syscall(SYS_pidfd_send_signal, dir, 77, NULL, 0)), -EINVAL);
	check("pidfd_send_signal: to a group that it does not lead",
	      result(syscall(SYS_pidfd_send_signal, dir, 0, NULL, 4)), -ESRCH);
	check("openat: upwards", result(openat(dir, "../version", O_RDONLY)) > 0, 1);
	close(dir);

	check("open: no such process", try_open(path(unknown, "stat"), O_RDONLY), -ENOENT);
	check("open: no such node", try_open("/proc/200000000/stat", O_RDONLY), -ENOENT);
	check("open: no such number", try_open("/proc/4000000000/stat", O_RDONLY), -ENOENT);
	check("open: no such file", try_open(path(pid, "status2"), O_RDONLY), -ENOENT);
	check("open: no such descriptor", try_open(path(pid, "fdinfo/999"), O_RDONLY), -ENOENT);
	check("open: no such thread", try_open(path(pid, "task/1/stat"), O_RDONLY), -ENOENT);
	check("open: memory", try_open(path(pid, "mem"), O_RDONLY), -ENOENT);
	check("open: a directory to write", try_open(path(pid, "fd"), O_WRONLY), -EISDIR);
	check("creat", try_open(path(pid, "new"), O_WRONLY | O_CREAT) < 0, 1);
	check("mkdir", mkdir(path(pid, "new"), 0700) < 0, 1);
	check("unlink", result(unlink(path(pid, "stat"))), -EPERM);
}

/* With few rights. */
static void check_user(pid_t pid, pid_t other __attribute__((unused)))
{
	char link[64];

	check("user: stat", read_file(path(pid, "stat"), whole, 4096) > 50, 1);
	check("user: environ", try_open(path(pid, "environ"), O_RDONLY), -EACCES);
	check("user: maps", try_open(path(pid, "maps"), O_RDONLY), -EACCES);
	check("user: exe", result(readlink(path(pid, "exe"), link, sizeof(link))), -EACCES);
	check("user: fd", try_open(path(pid, "fd"), O_RDONLY), -EACCES);
	check("user: oom_score_adj", try_open(path(pid, "oom_score_adj"), O_WRONLY), -EACCES);
}

static void check_own(pid_t pid __attribute__((unused)), pid_t other)
{
	char link[64];

	check("user: the own: stat", read_file(path(other, "stat"), whole, 4096) > 50, 1);
	check("user: the own: environ", try_open(path(other, "environ"), O_RDONLY), 0);
	check("user: the own: maps", read_file(path(other, "maps"), whole, 4096) > 0, 1);
	check("user: the own: exe", result(readlink(path(other, "exe"), link, 8)), 8);
	check("user: the own: fd", is_listed(path(other, "fd"), "0"), 1);
	check("user: the own: oom_score_adj", write_file(path(other, "oom_score_adj"), "400"), 3);
	check("user: the own: but not less", write_file(path(other, "oom_score_adj"), "-5"),
	      -EACCES);
	check("user: the own: back", write_file(path(other, "oom_score_adj"), "0"), 1);
}

/* Who is in a user namespace of his own may look into nobody outside it. */
static void check_nested(pid_t pid, pid_t other)
{
	char link[64];

	if (unshare(CLONE_NEWUSER)) {
		printf("ok %d nested # SKIP no user namespaces: %s\n", ++checks, strerror(errno));
		return;
	}
	check("nested: stat", read_file(path(pid, "stat"), whole, 4096) > 50, 1);
	check("nested: environ", try_open(path(other, "environ"), O_RDONLY), -EACCES);
	check("nested: maps", try_open(path(other, "maps"), O_RDONLY), -EACCES);
	check("nested: exe", result(readlink(path(other, "exe"), link, 8)), -EACCES);
}

/* A file that root opened is root's to read. */
static void check_passed_on(pid_t pid)
{
	int fd = open(path(pid, "maps"), O_RDONLY), status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		if (setresuid(USER, USER, USER))
			_exit(2);
		_exit(pread(fd, whole, 4096, 0) <= 0);
	}
	waitpid(child, &status, 0);
	check("read: what root opened", status, 0);
	close(fd);
}

static void check_death(pid_t pid)
{
	int dir = open(path(pid, ""), O_RDONLY | O_DIRECTORY);
	int fd = open(path(pid, "stat"), O_RDONLY);
	char lived[64];
	long first, n;
	int i;

	snprintf(lived, sizeof(lived), "%d (remote) S ", pid);
	/* at position 0 what is older than a second is read anew */
	first = read(fd, whole, 1);
	kill(pid, SIGTERM);
	for (i = 0; i < 300 && !kill(pid, 0); i++)
		usleep(100000);
	n = read(fd, whole + 1, 4096);
	check("read: of one that died: what it was",
	      first == 1 && n > 50 && !memcmp(whole, lived, strlen(lived)), 1);
	check("read: of one that died: again", result(pread(fd, whole, 4096, 0)), -ESRCH);
	check("openat: of one that died", result(openat(dir, "status", O_RDONLY)), -ENOENT);
	check("open: of one that died", try_open(path(pid, "status"), O_RDONLY), -ENOENT);
	check("pidfd_send_signal: to one that died",
	      result(syscall(SYS_pidfd_send_signal, dir, 0, NULL, 0)), -ESRCH);
	check("readdir: of one that died", is_listed(path(pid, "task"), "x"), 0);
	close(fd);
	close(dir);
}

static int check_hiding(pid_t pid, const char *where, int level)
{
	char file[300], dir[300], number[32];
	struct stat st;

	snprintf(file, sizeof(file), "%s/%d/stat", where, pid);
	snprintf(dir, sizeof(dir), "%s/%d", where, pid);
	snprintf(number, sizeof(number), "%d", pid);
	/* not with the others, as what was looked up is there */
	if (level != 4)
		check("hidden: root opens", try_open(file, O_RDONLY), 0);
	if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
		return 2;
	check("hidden: open", try_open(file, O_RDONLY), level == 1 ? -EPERM : -ENOENT);
	check("hidden: directory", result(stat(dir, &st)), level == 1 ? 0 : -ENOENT);
	check("hidden: listed", is_listed(where, number), level == 1);
	return 0;
}

static int read_files(char **names)
{
	long n;

	for (; *names; names++) {
		n = read_file(*names, whole, 65536);
		if (n < 0)
			printf("%s: %s\n", *names, strerror(-n));
		else
			fwrite(whole, 1, n, stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "read"))
		return read_files(argv + 2);
	if (argc == 6 && !strcmp(argv[1], "hidden")) {
		check_hiding(atoi(argv[2]), argv[4], atoi(argv[5]));
	} else if (argc == 6 && !strcmp(argv[1], "check")) {
		pid_t pid = atoi(argv[2]), other = atoi(argv[4]);

		check_attributes(pid, other);
		check_reading(pid);
		check_links(pid);
		check_directories(pid, atoi(argv[3]), atoi(argv[5]));
		as_user(check_user, pid, other);
		as_user(check_own, pid, other);
		as_user(check_nested, pid, other);
		check_passed_on(pid);
		check_death(pid);
	} else {
		fprintf(stderr, "usage: procfs check PID TID OTHER UNKNOWN |\n"
			"       procfs hidden PID OTHER MOUNT LEVEL | procfs read FILE...\n");
		return 2;
	}
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}
