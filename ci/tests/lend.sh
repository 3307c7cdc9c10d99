#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# What a node lends: memory for pages of others, the users that it lets in, and tasks and
# processor time by a control group of the thread that makes all that runs for others.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/spin" <<'SCRIPT'
i=0; while :; do i=$((i + 1)); done
SCRIPT
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
P=/sys/module/ssi/parameters
set_there() { on 2 sh -c "echo '$2' > $P/$1" 2> /dev/null; echo $?; }
there() { on 2 cat $P/$1; }
user() { u=$1; shift; setpriv --reuid $u --regid 1000 --clear-groups "$@"; }
told() { "$@" 2>&1 | tr '\n' ' '; }
# a process is a copy of this shell until it is executed
ready() { n=0; until tr '\0' ' ' < /proc/$1/cmdline | grep -q '^sh /spin' || [ $((n += 1)) = 300 ]; do sleep 0.1; done; }
begin() { setpriv --reuid $1 --regid 1000 --clear-groups sh /spin & ready $!; }
wait_for() { i=0; until "$@"; do i=$((i + 1)); [ $i -lt 1200 ] || return 1; sleep 0.1; done; }

# users
say uids.all "$(there uids)"
say uids.set "$(set_there uids 0,500-600) $(there uids)"
say uids.bad "$(set_there uids 5-) $(set_there uids root) $(set_there uids 9-1) $(there uids)"
begin 1000; in=$!
begin 555; other=$!
say uids.move "$(told ssi migrate $in 2)"
ssi migrate $other 2 > /dev/null; say uids.other $?
say uids.run "$(told user 1000 ssi run -n 2 id -u)"
say uids.ran "$(told user 555 ssi run -n 2 id -u)"
b=$(on 2 'setpriv --reuid 1000 --regid 1000 --clear-groups sleep 1000 > /dev/null 2>&1 & echo $!')
user 1000 kill -0 $b 2> /dev/null; say uids.kill $?
say uids.none "$(set_there uids '') $(there uids)"
user 1000 kill -0 $b; say uids.kill.all $?
ssi migrate $in 2 > /dev/null; say uids.move.all $?
on 2 kill $b
kill -KILL $in $other

# tasks and processor time
G=/sys/fs/cgroup/lent
on 2 mount -t cgroup2 none /sys/fs/cgroup 2> /dev/null
on 2 sh -c "echo +pids +cpu > /sys/fs/cgroup/cgroup.subtree_control; mkdir $G; pgrep -x ssi-guests > $G/cgroup.procs"; say group.made $?
begin 0; a=$!
ssi migrate $a 2 > /dev/null; say group.move $?
say group.guest "$(on 2 "wc -l < $G/cgroup.procs")"
say group.program "$(ssi run -n 2 cat /proc/self/cgroup)"
on 2 sh -c "cat $G/pids.current > $G/pids.max"
begin 0; b=$!
say group.full "$(told ssi migrate $b 2 | grep -c 'not enough memory')"
ssi run -n 2 true 2> /dev/null; say group.run $?
kill -0 $a; say group.lives $?
on 2 sh -c "echo max > $G/pids.max; echo 5000 100000 > $G/cpu.max"
ssi migrate $b 2 > /dev/null; say group.again $?
throttled() { [ "$(on 2 "sed -n 's/^nr_throttled //p' $G/cpu.stat")" -gt 3 ]; }
wait_for throttled; say group.cpu $?
ssi home $a $b > /dev/null; say group.home $?
on 2 sh -c "echo max > $G/cpu.max"
kill -KILL $a $b

# memory
held() { sed -n 's/^device-pages-used //p' /sys/kernel/debug/ssi/objects; }
at_most() { [ "$(held)" -le $1 ]; }
check() { rm -f /tmp/done; kill -USR1 $1 && wait_for test -e /tmp/done; }
pid=$(/usr/lib/ssi/tests/bench hold 48 /tmp/done)
ssi migrate $pid 2 > /dev/null; check $pid; say memory.there "$? $([ $(held) -gt 12000 ] && echo many)"
say memory.set "$(set_there lend 16) $(there lend)"
# what it sent ahead may come after that
wait_for at_most 4300; say memory.limit "$?"
ssi --json ps | tr -d ' \n' | sed 's/},*/}\n/g' | grep "\"pid\":$pid," | grep -q '"node":2,'; say memory.away $?
begin 0; a=$!
say memory.full "$(told ssi migrate $a 2 | grep -c 'not enough memory')"
set_there lend 0 > /dev/null
check $pid; say memory.right "$? $([ $(held) -gt 12000 ] && echo many)"
ssi migrate $a 2 > /dev/null; say memory.more $?
kill -KILL $pid $a
SCRIPT
cluster -n 2 "${patient[@]}" --rootfs util-linux procps --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "all users at first" "" "$(get uids.all)"
same "some users" "0 0,500-600" "$(get uids.set)"
same "what cannot be read changes nothing" "1 1 1 0,500-600" "$(get uids.bad)"
same "another one is not let in as a guest" 1 "$(get uids.move | grep -c 'does not let its user in\. Choose another node, or add the user to ssi.uids there\.')"
same "one of them is" 0 "$(get uids.other)"
same "nor with a program" 1 "$(get uids.run | grep -c 'does not let this user in')"
same "one of them is" "555 " "$(get uids.ran)"
same "nor to signal" 1 "$(get uids.kill)"
same "all again" "0 " "$(get uids.none)"
same "may signal" 0 "$(get uids.kill.all)"
same "may move" 0 "$(get uids.move.all)"
same "ssi-guests goes into a control group" 0 "$(get group.made)"
same "guests come" 0 "$(get group.move)"
ok "and are in it" test "$(get group.guest)" -ge 2
same "programs are" "0::/lent" "$(get group.program)"
same "no more tasks than it may have" 1 "$(get group.full)"
same "nor programs" 126 "$(get group.run)"
same "which does no harm to those there" 0 "$(get group.lives)"
same "then again" 0 "$(get group.again)"
same "no more processor time than it may have" 0 "$(get group.cpu)"
same "they come home all the same" 0 "$(get group.home)"
same "memory without a limit" "0 many" "$(get memory.there)"
same "a limit" "0 16" "$(get memory.set)"
same "what is too much goes home" 0 "$(get memory.limit)"
same "the process stays" 0 "$(get memory.away)"
same "nobody comes any more" 1 "$(get memory.full)"
same "nothing is lost" "0 many" "$(get memory.right)"
same "they come again" 0 "$(get memory.more)"
finish
