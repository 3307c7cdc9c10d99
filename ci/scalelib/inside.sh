#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2086,SC2046 # lists of words
#
# What ci/scale does inside of its virtual machine: inside.sh VERB [ARGUMENT...]
#
# Instance I lives in a network namespace that a sleeping process keeps; its PID is in
# $run/I. A cable (veth) leads to the initial namespace, which routes between them: that
# takes N cables, where a mesh takes N * (N - 1) / 2, and no bridge.

run=/run/scale
hub=10.76.0.1
outside=10.75.0.1

address() { echo 10.77.$(($1 / 200)).$(($1 % 200 + 1)); }
pid() { cat $run/$1; }
# at INSTANCE COMMAND...
at() { ns=$(pid $1); shift; nsenter -t $ns -n "$@"; }
# who calls it is a subshell
all() { cd $run && printf '%s\n' [0-9]* | sort -n; }
# members: how many the JSON of ssi nodes, all in a line, has
members() { grep -o '"state":"member"' | wc -l; }
uptime() { read -r up _ < /proc/uptime; echo $up; }
fail() { echo "scale: $*" >&2; exit 1; }

# network N: namespaces and their cables
network()
{
	mkdir -p $run
	# thousands of threads, which a kernel of this memory would not have otherwise
	echo 4194304 > /proc/sys/kernel/pid_max
	echo 1000000 > /proc/sys/kernel/threads-max
	echo 1 > /proc/sys/net/ipv4/ip_forward
	# free pages that a CPU keeps for itself are counted as used: few are to be
	echo 1000 > /proc/sys/vm/percpu_pagelist_high_fraction
	for i in $(seq $1); do
		# written when the namespace is there
		unshare -n sh -c 'echo $$ > '$run/$i.part'; exec sleep 1000000' < /dev/null > /dev/null 2>&1 &
	done
	for i in $(seq $1); do
		tries=0
		until [ -s $run/$i.part ]; do
			tries=$((tries + 1))
			[ $tries -lt 300 ] || fail "namespace $i was not made"
			sleep 0.1
		done
		mv $run/$i.part $run/$i
		cat >> /tmp/hub <<-END
			link add v$i type veth peer name eth0 netns $(pid $i)
			addr add $hub peer $(address $i) dev v$i
			link set v$i up
		END
	done
	ip -batch /tmp/hub || fail "the cables were not made"
	rm /tmp/hub
	for i in $(all); do
		cat > /tmp/inner <<-END
			link set lo up
			addr add $(address $i) peer $hub dev eth0
			link set eth0 up
			route add default via $hub
		END
		at $i ip -batch /tmp/inner || fail "the cable of instance $i was not configured"
	done
}

# join DEADLINE OPTION...: prints when the first began and when the last one was done
join()
{
	deadline=$1
	shift
	peers=$(for i in $(all); do echo $i@$(address $i); done)
	uptime
	for i in $(all); do
		at $i ssi join "$@" --deadline $deadline scale $i $(address $i) $peers > /dev/null ||
			fail "instance $i did not join"
	done
	uptime
}

# together SECONDS: waits until each is a member for every other one
together()
{
	size=$(all | wc -l)
	want=$((size - 1))
	end=$(($(date +%s) + $1))
	for i in $(all); do
		until [ $(at $i ssi --json nodes | members) = $want ]; do
			[ $(date +%s) -lt $end ] || return 1
			sleep 1
		done
	done
}

# sample: what each instance says of the others, and when
sample()
{
	for i in $(all); do
		echo "# $i $(uptime)"
		at $i ssi --json nodes || return 1
	done
}

# threads: how many of each name, without the node's id
threads()
{
	printf '%s\n' /proc/[0-9]*/comm | xargs cat 2> /dev/null |
		sed -n 's:^\(ssi_[a-z]*\)/.*:\1:p' | sort | uniq -c
}

# connections: ends of established ones
connections()
{
	awk '$4 == "01" { n++ } END { print n + 0 }' \
		$(for i in $(all); do echo /proc/$(pid $i)/net/tcp; done)
}

# traffic: bytes and packets that the cables of all instances have sent
traffic()
{
	awk '$1 == "eth0:" { bytes += $10; packets += $11 } END { printf "%.0f %.0f\n", bytes, packets }' \
		$(for i in $(all); do echo /proc/$(pid $i)/net/dev; done)
}

memory()
{
	# what ended a moment ago is freed after a grace period or two
	sleep 3
	sync
	echo 3 > /proc/sys/vm/drop_caches
	# slabs in which nothing is
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 > $cache
	done
	sleep 2
	cat /proc/meminfo
}

# idle SECONDS: how busy the machine is
idle() { head -n 1 /proc/stat; uptime; sleep $1; head -n 1 /proc/stat; uptime; }

# mute INSTANCE: from now on all that it sends is lost, and nobody is told. Prints when.
mute() { echo 0 > /proc/sys/net/ipv4/conf/v$1/forwarding; uptime; }
heal() { echo 1 > /proc/sys/net/ipv4/conf/v$1/forwarding; uptime; }

# took COMMAND...: nanoseconds, in the first instance; five times
took()
{
	for _ in 1 2 3 4 5; do
		at 1 /usr/lib/ssi/tests/bench stopwatch "$@" 2>&1 | sed -n 's/^took //p'
	done
}

# outsider ID DEADLINE OPTION...: the initial namespace joins as one more, whose processes are
# the cluster's; prints when it began and when it and all others were members
outsider()
{
	id=$1 deadline=$2
	shift 2
	peers=$(for i in $(all); do echo $i@$(address $i); done)
	ip addr replace $outside/32 dev lo
	for i in $(all); do
		at $i ssi nodes add $id@$outside > /dev/null || fail "instance $i did not take one more"
	done
	uptime
	ssi join "$@" --deadline $deadline scale $id $outside $peers > /dev/null ||
		fail "one more did not join"
	size=$(all | wc -l)
	for _ in $(seq 300); do
		[ $(ssi --json nodes | members) != $size ] || { uptime; return; }
		sleep 0.2
	done
	return 1
}

# listing: nanoseconds that ls /proc takes here, and messages meanwhile; five times
listing()
{
	# the first one in a while asks for more
	ls /proc > /dev/null
	for _ in 1 2 3 4 5; do
		before=$(messages)
		/usr/lib/ssi/tests/bench stopwatch ls /proc | sed -n 's/^took //p'
		echo $(($(messages) - before))
	done
}
messages()
{
	ssi --json nodes 2> /dev/null | grep -o '"tx_messages":[0-9]*' |
		awk -F: '{ n += $2 } END { print n + 0 }'
}

outsider_leaves()
{
	ssi leave > /dev/null || fail "one more did not leave"
	for i in $(all); do
		at $i ssi nodes del $1 > /dev/null || fail "instance $i did not forget one more"
	done
}

leave()
{
	uptime
	for i in $(all); do
		at $i ssi leave > /dev/null || fail "instance $i did not leave"
	done
	uptime
}

# end: the namespaces end, and their lists of nodes with them
end()
{
	kill $(for i in $(all); do pid $i; done)
	rm $run/*
	# a work item takes them apart
	sleep 5
}

"$@"
