// SPDX-License-Identifier: GPL-2.0
/* Locks on files, System V and POSIX messages and semaphores. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>

#include "torture.h"
#include "waits.h"

#define WAITING(name, nr1, nr2, rule, prep, wt, ev, fin)			\
	CALL(ipc, name, nr1, nr2, rule, prep, wt, ev, fin)

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

WAITING(flock, SYS_flock, -1, RESTARTS, lock_prepare, flock_wait, flock_event,
	lock_finish)

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

WAITING(record_lock, SYS_fcntl, -1, RESTARTS, ofd_prepare, ofd_wait, ofd_event,
	ofd_finish)

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

WAITING(semop, SYS_semop, SYS_semtimedop, EINTR_AFTER_STOP, sem_prepare,
	sem_wait_call, sem_event, sem_finish)

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

WAITING(msgrcv, SYS_msgrcv, -1, NEVER_RESTARTS, msg_prepare, msg_wait,
	msg_event, msg_finish)

/* A queue that holds no more than one message. */
static void msgsnd_prepare(void)
{
	struct msqid_ds ds;

	msg_prepare();
	CHECK_OK(msgctl(-fds[3] - 1, IPC_STAT, &ds));
	ds.msg_qbytes = 6;
	CHECK_OK(msgctl(-fds[3] - 1, IPC_SET, &ds));
	message.type = 4;
	CHECK_OK(msgsnd(-fds[3] - 1, &message, 4, 0));
	message.type = 5;
	strcpy(message.text, "five");
}

static long msgsnd_wait(void)
{
	return msgsnd(-fds[3] - 1, &message, 4, 0);
}

static void msgsnd_event(void)
{
	CHECK_EQ(msgrcv(-fds[3] - 1, &message, sizeof(message.text), 4, 0), 4);
}

static void msgsnd_finish(long result)
{
	CHECK_EQ(result, 0);
	memset(&message, 0, sizeof(message));
	msg_finish(msg_wait());
}

WAITING(msgsnd, SYS_msgsnd, -1, NEVER_RESTARTS, msgsnd_prepare, msgsnd_wait,
	msgsnd_event, msgsnd_finish)

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

WAITING(mq_receive, SYS_mq_timedreceive, -1, RESTARTS, mq_prepare, mq_wait,
	mq_event, pipe_finish)

static void mq_full_prepare(void)
{
	mq_prepare();
	CHECK_OK(mq_send(fds[0], "one", 3, 1));
	CHECK_OK(mq_send(fds[0], "two", 3, 2));
}

static long mq_send_wait(void)
{
	return mq_send(fds[0], "pipe", 4, 3);
}

static void mq_take_event(void)
{
	CHECK_EQ(mq_receive(fds[0], buf, 16, NULL), 3);
}

/* The one of the highest priority comes first. */
static void mq_send_finish(long result)
{
	CHECK_EQ(result, 0);
	pipe_finish(mq_wait());
}

WAITING(mq_send, SYS_mq_timedsend, -1, RESTARTS, mq_full_prepare, mq_send_wait,
	mq_take_event, mq_send_finish)
