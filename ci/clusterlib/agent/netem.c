// SPDX-License-Identifier: GPL-2.0
/*
 * "agent netem DEVICE DELAY JITTER LOSS DOUBLE RATE": what leaves through a device
 * is delayed (microseconds), lost or sent twice (millionths) and slowed (bytes per second).
 * All zero takes it off. By rtnetlink, so that no node needs iproute2.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agent.h"

struct request {
	struct nlmsghdr nh;
	struct tcmsg tc;
	char attrs[512];
};

static void *attr_add(struct request *r, int type, const void *p, size_t n)
{
	struct rtattr *a = (void *)((char *)r + NLMSG_ALIGN(r->nh.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(n);
	if (n)
		memcpy(RTA_DATA(a), p, n);
	r->nh.nlmsg_len = NLMSG_ALIGN(r->nh.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static int talk(struct request *r)
{
	struct {
		struct nlmsghdr nh;
		struct nlmsgerr err;
		char rest[1024];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || send(fd, r, r->nh.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		die("rtnetlink: %s", strerror(errno));
	close(fd);
	return answer.nh.nlmsg_type == NLMSG_ERROR ? -answer.err.error : EPROTO;
}

static uint32_t millionths(double n)
{
	return n >= 1e6 ? UINT32_MAX : n / 1e6 * UINT32_MAX;
}

int netem_main(int argc, char **argv)
{
	struct request r = {
		.nh.nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)),
		.nh.nlmsg_type = RTM_NEWQDISC,
		.nh.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE |
				  NLM_F_REPLACE,
		.tc.tcm_family = AF_UNSPEC,
		.tc.tcm_parent = TC_H_ROOT,
	};
	struct tc_netem_qopt opt = { .limit = 100000 };
	struct rtattr *options;
	int64_t delay, jitter;
	double loss, twice, rate;
	int err;

	if (argc != 6)
		die("usage: agent netem DEVICE DELAY JITTER LOSS DOUBLE RATE");
	r.tc.tcm_ifindex = if_nametoindex(argv[0]);
	if (!r.tc.tcm_ifindex)
		die("no device %s", argv[0]);
	delay = atoll(argv[1]) * 1000;
	jitter = atoll(argv[2]) * 1000;
	loss = atof(argv[3]);
	twice = atof(argv[4]);
	rate = atof(argv[5]);
	opt.loss = millionths(loss);
	opt.duplicate = millionths(twice);

	if (!delay && !jitter && !opt.loss && !opt.duplicate && !rate) {
		r.nh.nlmsg_type = RTM_DELQDISC;
		r.nh.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
		err = talk(&r);
		if (err == ENOENT || err == EINVAL)
			err = 0;	/* there was none */
	} else {
		attr_add(&r, TCA_KIND, "netem", sizeof("netem"));
		options = attr_add(&r, TCA_OPTIONS, &opt, sizeof(opt));
		attr_add(&r, TCA_NETEM_LATENCY64, &delay, sizeof(delay));
		attr_add(&r, TCA_NETEM_JITTER64, &jitter, sizeof(jitter));
		if (rate) {
			uint64_t rate64 = rate;
			struct tc_netem_rate tr = {
				.rate = rate64 > UINT32_MAX ? UINT32_MAX : rate64,
			};

			attr_add(&r, TCA_NETEM_RATE, &tr, sizeof(tr));
			if (rate64 > UINT32_MAX)
				attr_add(&r, TCA_NETEM_RATE64, &rate64, sizeof(rate64));
		}
		options->rta_len = (char *)&r + r.nh.nlmsg_len - (char *)options;
		err = talk(&r);
	}
	if (err) {
		fprintf(stderr, "netem on %s: %s\n", argv[0], strerror(err));
		return 1;
	}
	return 0;
}
