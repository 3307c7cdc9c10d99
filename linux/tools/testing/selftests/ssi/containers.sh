#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2046,SC2086 # lists of words
# shellcheck disable=SC2016 # what is expanded inside a container
#
# Two containers in one kernel are members of a cluster: each with a pid, a network, a mount and
# a uts namespace of its own. A process of one has a number of the cluster, which the other may
# signal, look at in /proc, and start programs beside; what is outside they do not see. Needs
# root, ip(8) of iproute2, unshare(1), nsenter(1), setpriv(1) and ssi(8).

DIR=$(dirname "$0")
if [ -e "$DIR/../kselftest/ktap_helpers.sh" ]; then
	. "$DIR/../kselftest/ktap_helpers.sh"
else
	. "$DIR/ktap_helpers.sh"
fi

ktap_print_header
[ "$(id -u)" = 0 ] || { ktap_skip_all "needs root"; exit "$KSFT_SKIP"; }
for tool in ip unshare nsenter setpriv ssi; do
	command -v $tool > /dev/null || { ktap_skip_all "needs $tool"; exit "$KSFT_SKIP"; }
done
! ssi status 2>&1 | grep -q CONFIG_SSI || {
	ktap_skip_all "this kernel has no CONFIG_SSI"
	exit "$KSFT_SKIP"
}

TESTS=$DIR
[ -x "$TESTS/remote" ] || TESTS=/usr/lib/ssi/tests
REMOTE=$TESTS/remote
inits=
cleanup()
{
	[ -z "$inits" ] || kill -KILL $inits 2> /dev/null
	for n in 1 2; do
		ip netns del ssi$n 2> /dev/null
	done
}
trap cleanup EXIT
cleanup

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
# the number of the init process of container $1, as it is outside
init_of() { cat /tmp/ssi-init.$1; }
# in N COMMAND...: as a child of the container's
in_() { n=$1; shift; nsenter -t $(init_of $n) -m -u -n -p -- "$@"; }
# container N [CONFINE...]: start one, whose init process reaps what is left to it
container()
{
	number=$1
	shift
	rm -f /tmp/ssi-init.$number
	# its own number outside is what a /proc from there shows
	ip netns exec ssi$number setpriv --bounding-set -sys_time "$@" unshare -m -u -p -f sh -c '
		read -r nr rest < /proc/self/stat
		mount -t proc none /proc && hostname container'$number'
		echo $nr > /tmp/ssi-init.'$number'
		while :; do sleep 1000 & wait; done' &
	retry test -s /tmp/ssi-init.$number || { ktap_print_msg "no container"; exit "$KSFT_FAIL"; }
	inits="$inits $(init_of $number)"
}
network()
{
	for n in 1 2; do
		ip netns add ssi$n && ip netns exec ssi$n ip link set lo up || return 1
	done
	ip link add ssi12 type veth peer name ssi21 || return 1
	ip link set ssi12 netns ssi1 && ip link set ssi21 netns ssi2 || return 1
	ip netns exec ssi1 ip addr add 10.77.0.1/24 dev ssi12 || return 1
	ip netns exec ssi2 ip addr add 10.77.0.2/24 dev ssi21 || return 1
	ip netns exec ssi1 ip link set ssi12 up && ip netns exec ssi2 ip link set ssi21 up
}
join() { in_ $1 ssi join --key /tmp/ssi-key --deadline 5 inside $1 10.77.0.$1 $((3 - $1))@10.77.0.$((3 - $1)); }
lines() { tr -d ' \n' | sed 's/},*/}\n/g'; }
is_member() { in_ $1 ssi --json nodes | lines | grep "\"id\":$2," | grep -q '"state":"member"'; }
members() { is_member 1 2 && is_member 2 1; }
# the number that a new process of container $1 has
number() { in_ $1 sh -c 'echo $$'; }
of_node() { [ $2 -ge ${1}000000 ] && [ $2 -lt $(($1 + 1))000000 ]; }
numbers() { of_node $1 $(number $1); }
# background N NAME COMMAND...: leaves the number in the container in /tmp/ssi-NAME
background()
{
	where=$1 file=/tmp/ssi-$2
	shift 2
	rm -f $file
	in_ $where sh -c 'echo $$ > '$file'; exec "$@"' sh "$@" &
	retry test -s $file
	nr=$(cat $file)
}
ended() { ! in_ $1 kill -0 $2 2> /dev/null; }
# its guests are outside
is_guest() { ip netns exec ssi$2 ssi --json ps | lines | grep "\"home\":$1," | grep -q "\"node\":$2,"; }
count() { old=$(cat $1) && [ -n "$old" ]; }
counts() { retry count $1 && retry sh -c "[ \"\$(cat $1)\" -gt $old ]"; }
killed_by_other() { in_ 1 kill -TERM $nr && retry ended 1 $nr; }
shown() { in_ 1 ps | grep -q "^ *$nr .*sleep 777"; }
cmdline() { [ "$(in_ 1 sh -c 'tr "\0" " " < /proc/'$nr'/cmdline')" = "sleep 777 " ]; }
no_outsider()
{
	sleep 778 &
	outsider=$!
	! in_ 1 ps | grep -q 'sleep 778'
	found=$?
	kill $outsider
	return $found
}
hostname_there() { [ "$(in_ 1 ssi run -n 2 hostname)" = container2 ]; }
number_there() { of_node 2 $(in_ 1 ssi run -n 2 sh -c 'echo $$'); }
same_there()
{
	[ "$(in_ 1 ssi run -n 2 readlink /proc/self/ns/$1)" = "$(in_ 2 readlink /proc/self/ns/$1)" ]
}
namespaces_there() { for ns in pid net mnt uts; do same_there $ns || return 1; done; }
caps_there()
{
	outside=$(grep CapBnd /proc/self/status)
	inside=$(in_ 2 grep CapBnd /proc/1/status)
	[ "$inside" != "$outside" ] &&
		[ "$(in_ 1 ssi run -n 2 grep CapBnd /proc/self/status)" = "$inside" ]
}
# parent and session are outside
parent_there() { [ "$(in_ 1 ssi run -n 2 awk '{ print $4, $6 }' /proc/self/stat)" = '0 0' ]; }
status_there() { in_ 1 ssi run -n 2 sh -c 'exit 7'; [ $? = 7 ]; }
# in a uts namespace of its own: it is not what the other container has
unshared()
{
	! in_ 1 unshare -u ssi run -n 2 true 2> /tmp/ssi-err &&
		grep -q 'not in the root directory' /tmp/ssi-err
}
# all system calls that take a number, on a process of the second that says what it is sent
serve()
{
	in_ 2 setsid "$REMOTE" serve > /tmp/ssi-served &
	in_ 2 setsid "$REMOTE" serve 1000 > /tmp/ssi-user &
	retry test -s /tmp/ssi-served && retry test -s /tmp/ssi-user
}
calls()
{
	read -r nr tid < /tmp/ssi-served
	read -r user rest < /tmp/ssi-user
	in_ 1 sh -c 'echo $$ > /tmp/ssi-sender; exec "$@"' sh "$REMOTE" check $nr $tid $user 2999999 \
		> /tmp/ssi-checked || { grep -v '^ok' /tmp/ssi-checked >&2; return 1; }
}
# who sent a signal is told by his number, which is of node 1
senders()
{
	retry grep -q "USR1 code 0 pid $(cat /tmp/ssi-sender) uid 0" /tmp/ssi-served &&
	of_node 1 $(cat /tmp/ssi-sender) && in_ 1 kill -TERM $nr && in_ 1 kill -TERM $user
}
# outside of a namespace that is nested: its init process may be killed, as on one machine
nested_init() { nr=$(in_ 2 ps | awk '$3 == "sleep" && $4 == 770 { print $1 }') && [ -n "$nr" ]; }
nested()
{
	background 2 nested unshare -p -f sleep 770
	retry nested_init && in_ 1 kill -KILL $nr && retry ended 1 $nr
}
cpus() { [ $(in_ 1 grep -c ^processor /proc/cpuinfo) = $((2 * $(grep -c ^processor /proc/cpuinfo))) ]; }
# the outside has no part in it
outside_alone() { ! ssi status | grep -q inside && [ $(sh -c 'echo $$') -lt 1000000 ]; }
refused() { ! in_ 1 ssi run -n 2 true 2> /tmp/ssi-err && grep -q 'cannot be run on node 2' /tmp/ssi-err; }
left() { ip netns exec ssi2 ssi leave; }
objects() { grep -E '^(stubs|placed|exports|proxies) ' /sys/kernel/debug/ssi/objects | grep -qv ' 0$'; }
no_objects() { ! objects; }
# NAME COMMAND...
check()
{
	name=$1
	shift
	if "$@" > /dev/null; then ktap_test_pass "$name"; else ktap_test_fail "$name"; fi
}

ktap_set_plan 37
rm -f /tmp/ssi-key
ssi keygen /tmp/ssi-key > /dev/null
check "two network namespaces and their link" network
container 1
container 2
check "the first container joins" join 1
check "the second joins" join 2
check "each is a member for the other" retry members
check "a process of the first has a number of node 1" numbers 1
check "one of the second has a number of node 2" numbers 2
check "the outside has numbers as before" outside_alone
background 2 nap sleep 777
check "the first finds a process of the second by ps" shown
check "and reads its command line" cmdline
check "it shows no process of outside" no_outsider
check "it signals the process, which ends" killed_by_other
check "two more wait for signals" serve
check "system calls that take numbers do so" calls
check "a signal tells who sent it" senders
check "it kills the init process of a nested namespace" nested
check "its /proc counts the processors of both" cpus
check "a program starts in the second: its host name" hostname_there
check "its number" number_there
check "its namespaces" namespaces_there
check "its capabilities are bounded as those of the second" caps_there
check "its parent and its session are outside" parent_there
check "its exit status comes back" status_there
check "who has a namespace of his own starts none there" unshared
background 1 count sh -c 'i=0; while :; do i=$((i + 1)); [ $((i % 1000)) != 0 ] || echo $i > /tmp/ssi-counted; done'
check "a process counts" counts /tmp/ssi-counted
check "it moves to the second" in_ 1 ssi migrate $nr 2
check "it works there" counts /tmp/ssi-counted
check "the second knows it" is_guest 1 2
check "it moves home" in_ 1 ssi home $nr
in_ 1 kill -KILL $nr
background 2 nap sleep 779
kill -KILL $(init_of 2)
check "the second's init process is killed: all of it ends" retry ended 1 $nr
check "no program starts there any more" refused
check "it leaves from outside" left
check "nothing is left of programs" retry no_objects
container 2
join2() { join 2 > /dev/null && retry members; }
check "another one takes its place" join2
# what would confine all that its init process makes would not confine what another node starts
confined()
{
	kill -KILL $(init_of 2) && left && container 2 "$TESTS/placed" unless seccomp && join2 || return 1
	! in_ 1 ssi run -n 2 true 2> /tmp/ssi-err && grep -q 'confined' /tmp/ssi-err
}
check "one that seccomp confines takes no program" confined
# the root of a user namespace, with a network of his own and with that of the system
no_member()
{
	! unshare -U -r "$@" ssi join --key /tmp/ssi-key inside 3 127.0.0.1 2> /tmp/ssi-err &&
		grep -q 'You may not do this' /tmp/ssi-err && ! ssi status | grep -q inside
}
check "one with a user namespace of its own cannot join" no_member -n -p -f
check "nor have the system join" no_member -p -f
check "nothing of that is left" retry no_objects
ktap_finished
