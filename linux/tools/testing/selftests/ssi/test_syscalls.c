// SPDX-License-Identifier: GPL-2.0
/*
 * System calls that wait. Each of them is entered while away, interrupted by
 * signals, and moved while it waits: the thread stays in its call and departs
 * when that returns.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "ssi_move.h"
#include "torture.h"

/**
 * struct call - one way to wait
 * @prepare: make what is waited for
 * @wait: wait; -1 with EINTR may be answered, the call is made again
 * @event: end the wait; runs in a child
 * @finish: check the result and take down what prepare made
 */
struct call {
	void (*prepare)(void);
	long (*wait)(void);
	void (*event)(void);
	void (*finish)(long result);
};

static int fds[4];
static char buf[64];
static int interrupts;

static void count(int sig)
{
	(void)sig;
	ADD(interrupts, 1);
}

enum { PLAIN, SIGNALLED, MOVED, STOPPED, NR_WAYS };

static void disturb(pid_t waiter, int way, const struct call *call)
{
	int i;

	sleep_ms(60);
	for (i = 0; i < 3; i++) {
		switch (way) {
		case SIGNALLED:
			kill(waiter, SIGUSR1);
			break;
		case MOVED:
			if (can_move())
				ssi_move_pid(waiter, i & 1 ? 0 : node(i),
					     false, NULL);
			break;
		case STOPPED:
			kill(waiter, SIGSTOP);
			sleep_ms(10);
			kill(waiter, SIGCONT);
			break;
		}
		sleep_ms(20);
	}
	call->event();
}

static void waits(const struct call *call)
{
	pid_t waiter = getpid(), pid;
	long result;
	int way;

	handle(SIGUSR1, count, SA_RESTART);
	for (way = 0; way < NR_WAYS; way++) {
		call->prepare();
		interrupts = 0;
		away();
		pid = CHECK_OK(fork());
		if (!pid) {
			disturb(waiter, way, call);
			_exit(0);
		}
		do {
			result = call->wait();
		} while (result == -1 && errno == EINTR);
		if (result == -1)
			FAIL("way %d: %s", way, strerror(errno));
		if (way == SIGNALLED && !READ(interrupts))
			FAIL("no signal arrived");
		if (way & 1)
			home();
		CHECK_EXITS(pid, 0);
		call->finish(result);
	}
	home();
}

#define WAITS(name, prep, wt, ev, fin)					\
	static const struct call call_##name = {			\
		.prepare = (prep), .wait = (wt), .event = (ev),		\
		.finish = (fin),					\
	};		\
	TEST(syscalls, name)						\
	{								\
		waits(&call_##name);					\
	}

static void close_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] > 0)
			close(fds[i]);
		fds[i] = 0;
	}
}

/* Pipes and what is built on being readable. */

static void pipe_prepare(void)
{
	CHECK_OK(pipe(fds));
}

static void pipe_event(void)
{
	CHECK_EQ(write(fds[1], "pipe", 4), 4);
}

static long pipe_read(void)
{
	return read(fds[0], buf, sizeof(buf));
}

static void pipe_finish(long result)
{
	CHECK_EQ(result, 4);
	CHECK_SAME(buf, "pipe", 4);
	close_all();
}

WAITS(pipe_read, pipe_prepare, pipe_read, pipe_event, pipe_finish)

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

WAITS(pipe_write, full_prepare, full_write, full_event, full_finish)

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

WAITS(poll, pipe_prepare, poll_wait, pipe_event, readable_finish)

static long ppoll_wait(void)
{
	struct pollfd pfd = { .fd = fds[0], .events = POLLIN };
	struct timespec ts = { .tv_sec = 30 };
	sigset_t set;

	sigemptyset(&set);
	return ppoll(&pfd, 1, &ts, &set);
}

WAITS(ppoll, pipe_prepare, ppoll_wait, pipe_event, readable_finish)

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

WAITS(select, pipe_prepare, select_wait, pipe_event, readable_finish)

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

WAITS(epoll_wait, epoll_prepare, epoll_waits, pipe_event, readable_finish)

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

WAITS(splice, splice_prepare, splice_wait, pipe_event, splice_finish)

/* Sockets. */

static void socketpair_prepare(void)
{
	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static long recv_wait(void)
{
	return recv(fds[0], buf, 4, MSG_WAITALL);
}

static void recv_event(void)
{
	CHECK_EQ(send(fds[1], "pi", 2, 0), 2);
	sleep_ms(30);
	CHECK_EQ(send(fds[1], "pe", 2, 0), 2);
}

/* MSG_WAITALL may be cut short by a signal after the first part. */
WAITS(recv, socketpair_prepare, recv_wait, recv_event, pipe_finish)

static long recvmsg_wait(void)
{
	struct iovec iov[2] = {
		{ .iov_base = buf, .iov_len = 2 },
		{ .iov_base = buf + 2, .iov_len = 20 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	return recvmsg(fds[0], &msg, 0);
}

WAITS(recvmsg, socketpair_prepare, recvmsg_wait, pipe_event, pipe_finish)

static struct sockaddr_in listen_addr;

static void accept_prepare(void)
{
	socklen_t len = sizeof(listen_addr);

	listen_addr.sin_family = AF_INET;
	listen_addr.sin_port = 0;
	listen_addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = CHECK_OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_OK(bind(fds[0], (struct sockaddr *)&listen_addr,
		      sizeof(listen_addr)));
	CHECK_OK(listen(fds[0], 5));
	CHECK_OK(getsockname(fds[0], (struct sockaddr *)&listen_addr, &len));
}

static long accept_wait(void)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	return accept(fds[0], (struct sockaddr *)&from, &len);
}

static void accept_event(void)
{
	int fd = CHECK_OK(socket(AF_INET, SOCK_STREAM, 0));

	CHECK_OK(connect(fd, (struct sockaddr *)&listen_addr,
			 sizeof(listen_addr)));
	CHECK_EQ(write(fd, "pipe", 4), 4);
}

static void accept_finish(long result)
{
	fds[1] = result;
	pipe_finish(read(fds[1], buf, sizeof(buf)));
}

WAITS(accept, accept_prepare, accept_wait, accept_event, accept_finish)

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

WAITS(eventfd, eventfd_prepare, pipe_read, eventfd_event, eventfd_finish)

static void timerfd_prepare(void)
{
	struct itimerspec its = { .it_value.tv_nsec = 300000000 };

	fds[0] = CHECK_OK(timerfd_create(CLOCK_MONOTONIC, 0));
	CHECK_OK(timerfd_settime(fds[0], 0, &its, NULL));
}

static void no_event(void)
{
}

static void timerfd_finish(long result)
{
	uint64_t value;

	CHECK_EQ(result, 8);
	memcpy(&value, buf, 8);
	CHECK_EQ(value, 1);
	close_all();
}

WAITS(timerfd, timerfd_prepare, pipe_read, no_event, timerfd_finish)

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

WAITS(signalfd, signalfd_prepare, signalfd_wait, signalfd_event, signalfd_finish)

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

WAITS(inotify, inotify_prepare, pipe_read, pipe_event, inotify_finish)

/* Locks. */

static void lock_prepare(void)
{
	char path[40];

	fds[0] = temp_file();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	fds[1] = CHECK_OK(open(path, O_RDWR));
	CHECK_OK(flock(fds[1], LOCK_EX));
}

static long flock_wait(void)
{
	return flock(fds[0], LOCK_EX);
}

/* The lock belongs to the open file, not to the process that took it. */
static void flock_event(void)
{
	CHECK_OK(flock(fds[1], LOCK_UN));
}

static void lock_finish(long result)
{
	CHECK_EQ(result, 0);
	CHECK_ERR(flock(fds[1], LOCK_EX | LOCK_NB), EWOULDBLOCK);
	close_all();
}

WAITS(flock, lock_prepare, flock_wait, flock_event, lock_finish)

static long fcntl_lock(int fd, int cmd, short type)
{
	struct flock lock = { .l_type = type, .l_len = 1 };

	return fcntl(fd, cmd, &lock);
}

static void ofd_prepare(void)
{
	lock_prepare();
	CHECK_OK(fcntl_lock(fds[1], F_OFD_SETLK, F_WRLCK));
}

static long ofd_wait(void)
{
	return fcntl_lock(fds[0], F_OFD_SETLKW, F_WRLCK);
}

static void ofd_event(void)
{
	CHECK_OK(fcntl_lock(fds[1], F_OFD_SETLK, F_UNLCK));
}

static void ofd_finish(long result)
{
	CHECK_EQ(result, 0);
	CHECK_ERR(fcntl_lock(fds[1], F_OFD_SETLK, F_WRLCK), EAGAIN);
	close_all();
}

WAITS(record_lock, ofd_prepare, ofd_wait, ofd_event, ofd_finish)

/* System V and POSIX messages and semaphores. */

static void need_ipc(int id)
{
	if (id < 0 && errno == ENOSYS)
		skip("not in this kernel");
	CHECK_OK(id);
}

static void sem_prepare(void)
{
	fds[3] = -(semget(IPC_PRIVATE, 1, 0600) + 1);
	need_ipc(-fds[3] - 1);
}

static long sem_change(int by)
{
	struct sembuf op = { .sem_op = by };

	return semop(-fds[3] - 1, &op, 1);
}

static long sem_wait_call(void)
{
	return sem_change(-2);
}

static void sem_event(void)
{
	CHECK_OK(sem_change(1));
	CHECK_OK(sem_change(1));
}

static void sem_finish(long result)
{
	CHECK_EQ(result, 0);
	CHECK_EQ(semctl(-fds[3] - 1, 0, GETVAL), 0);
	CHECK_OK(semctl(-fds[3] - 1, 0, IPC_RMID));
	close_all();
}

WAITS(semop, sem_prepare, sem_wait_call, sem_event, sem_finish)

static struct {
	long type;
	char text[16];
} message;

static void msg_prepare(void)
{
	fds[3] = -(msgget(IPC_PRIVATE, 0600) + 1);
	need_ipc(-fds[3] - 1);
}

static long msg_wait(void)
{
	return msgrcv(-fds[3] - 1, &message, sizeof(message.text), 5, 0);
}

static void msg_event(void)
{
	message.type = 4;
	CHECK_OK(msgsnd(-fds[3] - 1, &message, 4, 0));
	message.type = 5;
	strcpy(message.text, "five");
	CHECK_OK(msgsnd(-fds[3] - 1, &message, 4, 0));
}

static void msg_finish(long result)
{
	CHECK_EQ(result, 4);
	CHECK_EQ(message.type, 5);
	CHECK_SAME(message.text, "five", 4);
	CHECK_OK(msgctl(-fds[3] - 1, IPC_RMID, NULL));
	close_all();
}

WAITS(msgrcv, msg_prepare, msg_wait, msg_event, msg_finish)

static void mq_prepare(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 };
	char name[40];

	snprintf(name, sizeof(name), "/ssi-torture-%d", getpid());
	fds[0] = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
	need_ipc(fds[0]);
	CHECK_OK(mq_unlink(name));
}

static long mq_wait(void)
{
	return mq_receive(fds[0], buf, 16, NULL);
}

static void mq_event(void)
{
	CHECK_OK(mq_send(fds[0], "pipe", 4, 0));
}

WAITS(mq_receive, mq_prepare, mq_wait, mq_event, pipe_finish)

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

WAITS(fifo_open, fifo_prepare, fifo_open, fifo_event, fifo_finish)

/* Time. */

static double started;

static void time_prepare(void)
{
	started = now();
}

static long clock_nanosleep_wait(void)
{
	struct timespec ts;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec = (time_t)(started + 0.3);
	ts.tv_nsec = (started + 0.3 - ts.tv_sec) * 1e9;
	err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	errno = err;
	return err ? -1 : 0;
}

static void time_finish(long result)
{
	CHECK_EQ(result, 0);
	CHECK(now() - started > 0.29);
}

WAITS(clock_nanosleep, time_prepare, clock_nanosleep_wait, no_event, time_finish)

static long nanosleep_wait(void)
{
	static struct timespec left;

	if (!left.tv_sec && !left.tv_nsec)
		left.tv_nsec = 300000000;
	if (nanosleep(&left, &left))
		return -1;
	left.tv_nsec = 0;
	left.tv_sec = 0;
	return 0;
}

WAITS(nanosleep, time_prepare, nanosleep_wait, no_event, time_finish)

static long futex_timeout(void)
{
	static uint32_t word;
	struct timespec ts;
	long ret;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec = (time_t)(started + 0.3);
	ts.tv_nsec = (started + 0.3 - ts.tv_sec) * 1e9;
	ret = syscall(SYS_futex, &word,
		      FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, &ts, NULL,
		      FUTEX_BITSET_MATCH_ANY);
	if (ret == -1 && errno == ETIMEDOUT)
		return 0;
	return ret;
}

WAITS(futex_timeout, time_prepare, futex_timeout, no_event, time_finish)

/* Children. */

static pid_t waited_for;

static void wait_prepare(void)
{
	waited_for = CHECK_OK(fork());
	if (!waited_for) {
		sleep_ms(300);
		_exit(7);
	}
}

static long wait_wait(void)
{
	int status;
	pid_t pid = wait4(waited_for, &status, 0, NULL);

	return pid < 0 ? -1 : WEXITSTATUS(status);
}

static void wait_finish(long result)
{
	CHECK_EQ(result, 7);
}

WAITS(wait4, wait_prepare, wait_wait, no_event, wait_finish)

static long pidfd_poll(void)
{
	struct pollfd pfd = { .events = POLLIN };
	long n;

	pfd.fd = CHECK_OK(syscall(SYS_pidfd_open, waited_for, 0));
	n = poll(&pfd, 1, 30000);
	close(pfd.fd);
	return n;
}

static void pidfd_finish(long result)
{
	CHECK_EQ(result, 1);
	CHECK_EXITS(waited_for, 7);
}

WAITS(pidfd_poll, wait_prepare, pidfd_poll, no_event, pidfd_finish)

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
