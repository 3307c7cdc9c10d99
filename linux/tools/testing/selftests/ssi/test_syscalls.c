// SPDX-License-Identifier: GPL-2.0
/*
 * System calls on descriptors, that wait and that do not: every kind of argument,
 * result and interruption.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "torture.h"
#include "waits.h"

#define WAITING(name, nr1, nr2, rule, prep, wt, ev, fin)			\
	CALL(syscalls, name, nr1, nr2, rule, prep, wt, ev, fin)

/* Pipes and what is built on being readable. */

WAITING(pipe_read, SYS_read, -1, RESTARTS, pipe_prepare, pipe_read, pipe_event,
	pipe_finish)

static void full_prepare(void)
{
	static char junk[4096];

	CHECK_OK(pipe(fds));
	CHECK_OK(fcntl(fds[1], F_SETPIPE_SZ, 4096));
	CHECK_EQ(write(fds[1], junk, 4096), 4096);
}

static long full_write(void)
{
	return write(fds[1], "more", 4);
}

static void full_event(void)
{
	static char junk[4096];

	CHECK_EQ(read(fds[0], junk, 4096), 4096);
}

static void full_finish(long result)
{
	CHECK_EQ(result, 4);
	CHECK_EQ(read(fds[0], buf, sizeof(buf)), 4);
	CHECK_SAME(buf, "more", 4);
	close_all();
}

WAITING(pipe_write, SYS_write, -1, RESTARTS, full_prepare, full_write,
	full_event, full_finish)

static void readable_finish(long result)
{
	CHECK_EQ(result, 1);
	pipe_finish(read(fds[0], buf, sizeof(buf)));
}

static long poll_wait(void)
{
	struct pollfd pfd = { .fd = fds[0], .events = POLLIN };
	long n = poll(&pfd, 1, 30000);

	if (n == 1)
		CHECK_EQ(pfd.revents, POLLIN);
	return n;
}

WAITING(poll, NR_POLL, -1, NEVER_RESTARTS, pipe_prepare, poll_wait, pipe_event,
	readable_finish)

static long ppoll_wait(void)
{
	struct pollfd pfd = { .fd = fds[0], .events = POLLIN };
	struct timespec ts = { .tv_sec = 30 };
	sigset_t set;

	sigemptyset(&set);
	return ppoll(&pfd, 1, &ts, &set);
}

WAITING(ppoll, SYS_ppoll, -1, NEVER_RESTARTS, pipe_prepare, ppoll_wait,
	pipe_event, readable_finish)

static long select_wait(void)
{
	struct timeval tv = { .tv_sec = 30 };
	fd_set set;
	long n;

	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	n = select(fds[0] + 1, &set, NULL, NULL, &tv);
	if (n == 1)
		CHECK(FD_ISSET(fds[0], &set));
	return n;
}

WAITING(select, NR_SELECT, SYS_pselect6, NEVER_RESTARTS, pipe_prepare,
	select_wait, pipe_event, readable_finish)

static void epoll_prepare(void)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 0x55aa77ee };

	CHECK_OK(pipe(fds));
	fds[2] = CHECK_OK(epoll_create1(0));
	CHECK_OK(epoll_ctl(fds[2], EPOLL_CTL_ADD, fds[0], &ev));
}

static long epoll_waits(void)
{
	struct epoll_event ev = { };
	long n = epoll_wait(fds[2], &ev, 1, 30000);

	if (n == 1)
		CHECK_EQ(ev.data.u64, 0x55aa77ee);
	return n;
}

WAITING(epoll_wait, NR_EPOLL_WAIT, SYS_epoll_pwait, EINTR_AFTER_STOP,
	epoll_prepare, epoll_waits, pipe_event, readable_finish)

static long splice_wait(void)
{
	return splice(fds[0], NULL, fds[3], NULL, 4, 0);
}

static void splice_prepare(void)
{
	CHECK_OK(pipe(fds));
	CHECK_OK(pipe(fds + 2));
}

static void splice_finish(long result)
{
	CHECK_EQ(result, 4);
	CHECK_EQ(read(fds[2], buf, sizeof(buf)), 4);
	CHECK_SAME(buf, "pipe", 4);
	close_all();
}

WAITING(splice, SYS_splice, -1, RESTARTS, splice_prepare, splice_wait,
	pipe_event, splice_finish)

/* Opening a fifo waits for the other end. */

static char fifo[64];

static void fifo_prepare(void)
{
	snprintf(fifo, sizeof(fifo), "/tmp/ssi-fifo-%d", getpid());
	unlink(fifo);
	CHECK_OK(mkfifo(fifo, 0600));
}

static long fifo_open(void)
{
	return open(fifo, O_RDONLY);
}

static void fifo_event(void)
{
	int fd = CHECK_OK(open(fifo, O_WRONLY));

	CHECK_EQ(write(fd, "pipe", 4), 4);
}

static void fifo_finish(long result)
{
	fds[0] = result;
	CHECK_OK(unlink(fifo));
	pipe_finish(read(fds[0], buf, sizeof(buf)));
}

WAITING(fifo_open, SYS_openat, -1, RESTARTS, fifo_prepare, fifo_open,
	fifo_event, fifo_finish)

/* Event, timer, signal and watch descriptors. */

static void eventfd_prepare(void)
{
	fds[0] = CHECK_OK(eventfd(0, 0));
}

static void eventfd_event(void)
{
	CHECK_OK(eventfd_write(fds[0], 0x1122334455));
}

static void eventfd_finish(long result)
{
	uint64_t value;

	CHECK_EQ(result, 8);
	memcpy(&value, buf, 8);
	CHECK_EQ(value, 0x1122334455);
	close_all();
}

WAITING(eventfd, SYS_read, -1, RESTARTS, eventfd_prepare, pipe_read,
	eventfd_event, eventfd_finish)

static bool timer_runs;

static void timerfd_prepare(void)
{
	timer_runs = false;
	fds[0] = CHECK_OK(timerfd_create(CLOCK_MONOTONIC, 0));
}

static long timerfd_wait(void)
{
	struct itimerspec its = { .it_value.tv_nsec = 600000000 };

	/* from the first time that it waits */
	if (!timer_runs)
		CHECK_OK(timerfd_settime(fds[0], 0, &its, NULL));
	timer_runs = true;
	return read(fds[0], buf, sizeof(buf));
}

static void timerfd_finish(long result)
{
	uint64_t value;

	CHECK_EQ(result, 8);
	memcpy(&value, buf, 8);
	CHECK_EQ(value, 1);
	close_all();
}

WAITING(timerfd, SYS_read, -1, RESTARTS, timerfd_prepare, timerfd_wait, NULL,
	timerfd_finish)

static void signalfd_prepare(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
	fds[0] = CHECK_OK(signalfd(-1, &set, 0));
}

static struct signalfd_siginfo signalfd_info;

static long signalfd_wait(void)
{
	return read(fds[0], &signalfd_info, sizeof(signalfd_info));
}

static void signalfd_event(void)
{
	CHECK_OK(sigqueue(getppid(), SIGRTMIN,
			  (union sigval){ .sival_int = 77 }));
}

static void signalfd_finish(long result)
{
	CHECK_EQ(result, sizeof(signalfd_info));
	CHECK_EQ(signalfd_info.ssi_signo, SIGRTMIN);
	CHECK_EQ(signalfd_info.ssi_int, 77);
	close_all();
}

WAITING(signalfd, SYS_read, -1, RESTARTS, signalfd_prepare, signalfd_wait,
	signalfd_event, signalfd_finish)

static char watched[32];

static void inotify_prepare(void)
{
	strcpy(watched, "/tmp/ssi-watch-XXXXXX");
	fds[1] = CHECK_OK(mkstemp(watched));
	fds[0] = CHECK_OK(inotify_init());
	if (inotify_add_watch(fds[0], watched, IN_MODIFY) < 0)
		skip("no inotify here");
}

static void inotify_finish(long result)
{
	struct inotify_event ev;

	CHECK(result >= (long)sizeof(ev));
	memcpy(&ev, buf, sizeof(ev));
	CHECK_EQ(ev.mask, IN_MODIFY);
	CHECK_OK(unlink(watched));
	close_all();
}

WAITING(inotify, SYS_read, -1, RESTARTS, inotify_prepare, pipe_read, pipe_event,
	inotify_finish)

/* Asynchronous I/O of the old kind. */

static aio_context_t aio;
static struct iocb aio_request;

static void aio_prepare(void)
{
	struct iocb *list = &aio_request;

	CHECK_OK(pipe(fds));
	aio = 0;
	if (syscall(SYS_io_setup, 1, &aio) && errno == ENOSYS)
		skip("no io_setup() in this kernel");
	memset(&aio_request, 0, sizeof(aio_request));
	aio_request.aio_lio_opcode = IOCB_CMD_POLL;
	aio_request.aio_fildes = fds[0];
	aio_request.aio_buf = POLLIN;
	aio_request.aio_data = 0x5a5a;
	CHECK_EQ(syscall(SYS_io_submit, aio, 1, &list), 1);
}

static struct io_event aio_event;

static long aio_wait(void)
{
	return syscall(SYS_io_getevents, aio, 1, 1, &aio_event, NULL);
}

static void aio_finish(long result)
{
	CHECK_EQ(result, 1);
	CHECK_EQ(aio_event.data, 0x5a5a);
	CHECK_EQ(aio_event.res & POLLIN, POLLIN);
	CHECK_OK(syscall(SYS_io_destroy, aio));
	pipe_finish(read(fds[0], buf, sizeof(buf)));
}

WAITING(io_getevents, SYS_io_getevents, -1, EINTR_AFTER_STOP, aio_prepare,
	aio_wait, pipe_event, aio_finish)

/* Calls that do not wait: every kind of return value and argument. */
TEST(syscalls, plain)
{
	char cwd[256], cwd2[256];
	struct stat st;
	int i;

	CHECK(getcwd(cwd, sizeof(cwd)));
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		CHECK_ERR(syscall(-1), ENOSYS);
		CHECK_ERR(syscall(100000), ENOSYS);
		CHECK_ERR(close(-1), EBADF);
		CHECK_EQ(syscall(SYS_getuid), getuid());
		CHECK(getcwd(cwd2, sizeof(cwd2)));
		CHECK(!strcmp(cwd, cwd2));
		CHECK_OK(stat("/", &st));
		CHECK(S_ISDIR(st.st_mode));
		CHECK_EQ(umask(022), i ? 022 : umask(022));
		CHECK_OK(sched_yield());
		CHECK_ERR(open("/nowhere", O_RDONLY), ENOENT);
	}
	home();
}

/* All six arguments arrive. */
TEST(syscalls, six_arguments)
{
	char *want = map_anon(8192), *got = map_anon(8192);
	loff_t from = 1000, to = 2000;
	int fd = temp_file(), fd2 = temp_file(), i;
	long n;

	fill(want, 8192, 77);
	CHECK_EQ(write(fd, want, 8192), 8192);
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		from = 1000;
		to = 2000 + i;
		n = syscall(SYS_copy_file_range, fd, &from, fd2, &to, 3000, 0);
		if (n < 0 && (errno == EXDEV || errno == EOPNOTSUPP ||
			      errno == EINVAL))
			skip("no copy_file_range() on this /tmp");
		CHECK_EQ(n, 3000);
		CHECK_EQ(from, 4000);
		CHECK_EQ(to, 5000 + i);
		CHECK_EQ(pread(fd2, got, 3000, 2000 + i), 3000);
		CHECK_SAME(got, want + 1000, 3000);
	}
	home();
}
