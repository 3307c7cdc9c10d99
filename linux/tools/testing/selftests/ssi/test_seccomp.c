// SPDX-License-Identifier: GPL-2.0
/* Filters see, change and forbid the system calls of a process that is away. */
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "arch.h"
#include "torture.h"

#ifdef __x86_64__
#define AUDIT_ARCH_NOW	AUDIT_ARCH_X86_64
#else
#define AUDIT_ARCH_NOW	AUDIT_ARCH_AARCH64
#endif

static long filter(long nr, unsigned int action, unsigned int flags)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.len = ARRAY_SIZE(insns),
		.filter = insns,
	};

	CHECK_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static void need_filters(void)
{
	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0,
		    &(uint32_t){ SECCOMP_RET_ERRNO }))
		skip("no seccomp filters in this kernel");
}

TEST(seccomp, error)
{
	int i;

	need_filters();
	CHECK_OK(filter(SYS_getppid, SECCOMP_RET_ERRNO | 77, 0));
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		CHECK_ERR(syscall(SYS_getppid), 77);
		CHECK_EQ(syscall(SYS_getpid), getpid());
	}
	/* One more, set while away. */
	away();
	CHECK_OK(filter(SYS_getsid, SECCOMP_RET_ERRNO | 78, 0));
	CHECK_ERR(syscall(SYS_getsid, 0), 78);
	CHECK_ERR(syscall(SYS_getppid), 77);
	home();
	CHECK_ERR(syscall(SYS_getsid, 0), 78);
}

static siginfo_t trapped;
static unsigned long trapped_pc;

static void on_sys(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	(void)sig;
	trapped = *si;
	trapped_pc = UC_PC(uc);
	/* What the call shall appear to have returned. */
#ifdef __x86_64__
	uc->uc_mcontext.gregs[REG_RAX] = 4711;
#else
	uc->uc_mcontext.regs[0] = 4711;
#endif
}

TEST(seccomp, trap)
{
	struct sigaction sa = {
		.sa_sigaction = on_sys,
		.sa_flags = SA_SIGINFO,
	};
	int i;

	need_filters();
	CHECK_OK(sigaction(SIGSYS, &sa, NULL));
	CHECK_OK(filter(SYS_getppid, SECCOMP_RET_TRAP | 5, 0));
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		memset(&trapped, 0, sizeof(trapped));
		CHECK_EQ(syscall(SYS_getppid), 4711);
		CHECK_EQ(trapped.si_signo, SIGSYS);
		CHECK_EQ(trapped.si_code, 1 /* SYS_SECCOMP */);
		CHECK_EQ(trapped.si_syscall, SYS_getppid);
		CHECK_EQ(trapped.si_arch, AUDIT_ARCH_NOW);
		CHECK_EQ(trapped.si_errno, 5);
		CHECK_EQ((unsigned long)trapped.si_call_addr, trapped_pc);
	}
	home();
}

static void forbidden(void *arg)
{
	CHECK_OK(filter(SYS_getppid, (intptr_t)arg, 0));
	away();
	syscall(SYS_getppid);
	FAIL("the call was allowed");
}

TEST(seccomp, kill)
{
	need_filters();
	CHECK_KILLED(child(forbidden, (void *)(intptr_t)
			   SECCOMP_RET_KILL_PROCESS), SIGSYS);
	CHECK_KILLED(child(forbidden, (void *)(intptr_t)
			   SECCOMP_RET_KILL_THREAD), SIGSYS);
}

static void strict(void *arg)
{
	int *fds = arg;
	char c;

	away();
	CHECK_OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
	if (read(fds[0], &c, 1) != 1 || write(fds[3], &c, 1) != 1)
		syscall(SYS_exit, 3);
	if (fds[4])
		syscall(SYS_getpid);
	syscall(SYS_exit, 8);
}

TEST(seccomp, strict)
{
	int fds[5], i;
	pid_t pid;
	char c;

	CHECK_OK(pipe(fds));
	CHECK_OK(pipe(fds + 2));
	for (i = 0; i < 2; i++) {
		fds[4] = i;
		pid = child(strict, fds);
		CHECK_EQ(write(fds[1], "s", 1), 1);
		CHECK_EQ(read(fds[2], &c, 1), 1);
		CHECK_EQ(c, 's');
		if (i)
			CHECK_KILLED(pid, SIGKILL);
		else
			CHECK_EXITS(pid, 8);
	}
}

static void notifying(void *arg)
{
	int listener, *pair = arg;
	char room[CMSG_SPACE(sizeof(int))] = { };
	struct iovec iov = { .iov_base = "f", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	listener = CHECK_OK(filter(SYS_getppid, SECCOMP_RET_USER_NOTIF,
				   SECCOMP_FILTER_FLAG_NEW_LISTENER));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &listener, sizeof(int));
	CHECK_EQ(sendmsg(pair[1], &msg, 0), 1);
	close(listener);
	away();
	CHECK_EQ(syscall(SYS_getppid), 12345);
	CHECK_ERR(syscall(SYS_getppid), EXDEV);
	home();
}

/* Another process answers the calls. */
TEST(seccomp, notify)
{
	char room[CMSG_SPACE(sizeof(int))] = { }, c;
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct seccomp_notif_resp resp;
	struct seccomp_notif req;
	int pair[2], listener, i;
	pid_t pid;

	need_filters();
	CHECK_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	pid = child(notifying, pair);
	CHECK_EQ(recvmsg(pair[0], &msg, 0), 1);
	memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	for (i = 0; i < 2; i++) {
		memset(&req, 0, sizeof(req));
		memset(&resp, 0, sizeof(resp));
		CHECK_OK(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req));
		CHECK_EQ(req.data.nr, SYS_getppid);
		CHECK_EQ(req.pid, pid);
		resp.id = req.id;
		if (i)
			resp.error = -EXDEV;
		else
			resp.val = 12345;
		CHECK_OK(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp));
	}
	CHECK_EXITS(pid, 0);
}

/* System calls from outside a range go to a handler, as Wine does it. */
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH	59
#endif

static char selector;
static int dispatched;

static void on_dispatch(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)ctx;
	WRITE(selector, 0);
	CHECK_EQ(si->si_code, 2 /* SYS_USER_DISPATCH */);
	CHECK_EQ(si->si_syscall, SYS_getppid);
	ADD(dispatched, 1);
}

TEST(seccomp, user_dispatch)
{
	struct sigaction sa = {
		.sa_sigaction = on_dispatch,
		.sa_flags = SA_SIGINFO,
	};
	int i;

	CHECK_OK(sigaction(SIGSYS, &sa, NULL));
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector))
		skip("no system call user dispatch here");
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		WRITE(selector, 1);
		syscall(SYS_getppid);
		CHECK_EQ(selector, 0);
		CHECK_EQ(dispatched, i + 1);
	}
	CHECK_OK(prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
	home();
}
