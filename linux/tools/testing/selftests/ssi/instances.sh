#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2046,SC2086 # lists of words
#
# Three members of a cluster in one kernel, each in a network namespace of its
# own: they meet, a process moves between them and home, one is lost and comes
# back, and one goes with its namespace. Needs root, ip(8) of iproute2 and ssi(8).

DIR=$(dirname "$0")
if [ -e "$DIR/../kselftest/ktap_helpers.sh" ]; then
	. "$DIR/../kselftest/ktap_helpers.sh"
else
	. "$DIR/ktap_helpers.sh"
fi

ktap_print_header
[ "$(id -u)" = 0 ] || { ktap_skip_all "needs root"; exit "$KSFT_SKIP"; }
for tool in ip ssi; do
	command -v $tool > /dev/null || { ktap_skip_all "needs $tool"; exit "$KSFT_SKIP"; }
done
! ssi status 2>&1 | grep -q CONFIG_SSI || {
	ktap_skip_all "this kernel has no CONFIG_SSI"
	exit "$KSFT_SKIP"
}

pids=
cleanup()
{
	[ -z "$pids" ] || kill -KILL $pids 2> /dev/null
	for n in 1 2 3; do
		ip netns del ssi$n 2> /dev/null
	done
}
trap cleanup EXIT
cleanup

at() { n=$1; shift; ip netns exec ssi$n "$@"; }
# retry COMMAND...: until it succeeds, 20 s at most
retry()
{
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return 1
		sleep 0.2
	done
}
# the objects of a JSON array, a line each
lines() { tr -d ' \n' | sed 's/},*/}\n/g'; }
node_is() { at $1 ssi --json nodes | lines | grep "\"id\":$2," | grep -q "\"state\":\"$3\""; }
process_is() { at $1 ssi --json ps | lines | grep "\"pid\":$2," | grep -q "\"node\":$3,"; }
# a zombie is not
alive() { kill -0 $1 2> /dev/null && ! grep -qs '^State:.Z' /proc/$1/status; }
gone() { ! alive $1; }
# a process of namespace $1 that counts in a file of its own
counter()
{
	# or what the one before counted is taken for what this one does
	rm -f $2
	# not by at(), or it would be a shell that waits for it
	ip netns exec ssi$1 sh -c 'i=0
		while :; do i=$((i + 1)); [ $((i % 1000)) != 0 ] || echo $i > '"$2"'; done' &
	pids="$pids $!"
	pid=$!
}
# empty between the shell's opening it and its writing
count() { old=$(cat $1) && [ -n "$old" ]; }
counts() { retry count $1 && retry sh -c "[ \"\$(cat $1)\" -gt $old ]"; }
link()
{
	ip link add ssi$1$2 type veth peer name ssi$2$1 || return 1
	ip link set ssi$1$2 netns ssi$1 && ip link set ssi$2$1 netns ssi$2 || return 1
	at $1 ip addr add 10.77.$1$2.$1/24 dev ssi$1$2 && at $1 ip link set ssi$1$2 up || return 1
	at $2 ip addr add 10.77.$1$2.$2/24 dev ssi$2$1 && at $2 ip link set ssi$2$1 up
}
network()
{
	for n in 1 2 3; do
		ip netns add ssi$n && at $n ip link set lo up || return 1
	done
	link 1 2 && link 1 3 && link 2 3
}
# address of node $2 as node $1 sees it
peer() { [ $1 -lt $2 ] && echo $2@10.77.$1$2.$2 || echo $2@10.77.$2$1.$2; }
join()
{
	rm -f /tmp/ssi-key && ssi keygen /tmp/ssi-key > /dev/null &&
	at 1 ssi join --key /tmp/ssi-key --deadline 5 mesh 1 0.0.0.0 $(peer 1 2) $(peer 1 3) &&
	at 2 ssi join --key /tmp/ssi-key --deadline 5 mesh 2 0.0.0.0 $(peer 2 1) $(peer 2 3) &&
	at 3 ssi join --key /tmp/ssi-key --deadline 5 mesh 3 0.0.0.0 $(peer 3 1) $(peer 3 2)
}
all_members()
{
	for pair in "1 2" "1 3" "2 1" "2 3" "3 1" "3 2"; do
		node_is $pair member || return 1
	done
}
# NAME COMMAND...
check()
{
	name=$1
	shift
	if "$@" > /dev/null; then ktap_test_pass "$name"; else ktap_test_fail "$name"; fi
}

ktap_set_plan 15
check "three namespaces and their links" network
check "they join" join
check "each is a member for the others" retry all_members
counter 1 /tmp/ssi-count
retry test -s /tmp/ssi-count
check "a process moves to the second" at 1 ssi migrate $pid 2
check "it works there" counts /tmp/ssi-count
check "the first says where it is" process_is 1 $pid 2
check "it moves on to the third" at 1 ssi migrate $pid 3
check "it works there too" counts /tmp/ssi-count
check "it moves home" at 1 ssi home $pid
check "it works at home" counts /tmp/ssi-count
at 1 ssi migrate $pid 3 > /dev/null
at 3 ip link set ssi31 down
check "its node is lost: it dies" retry gone $pid
check "the lost node says so" retry node_is 1 3 lost
at 3 ip link set ssi31 up
check "it comes back" retry all_members
counter 1 /tmp/ssi-count
retry test -s /tmp/ssi-count
at 1 ssi migrate $pid 2 > /dev/null
ip netns del ssi2
check "a namespace ends: what was there dies" retry gone $pid
counter 1 /tmp/ssi-count
retry test -s /tmp/ssi-count
check "the others go on" at 1 ssi migrate $pid 3
ktap_finished
