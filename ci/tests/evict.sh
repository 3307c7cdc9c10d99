#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 1200
#
# Pages go home though nobody touches them there: when a process went home
# before, when the memory of the node that holds them is short, and when that node
# leaves. Nothing of them is lost. Copies of file pages are just dropped. All of it without a
# key and with one: to encrypt takes memory, of which there is little here.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
held() { sed -n 's/^device-pages-used //p' /sys/kernel/debug/ssi/objects; }
# wait COMMAND...: until it succeeds, 120 s at most
wait_for() { i=0; until "$@"; do i=$((i + 1)); [ $i -lt 1200 ] || return 1; sleep 0.1; done; }
# a page that was locked when its bytes came may stay a device page until it is touched, with
# its bytes here: so what counts is whether any are there
none_away() { [ "$(cat $(printf '/proc/%s/ssi ' "$@") | awk '/^pages-away:/ { n += $2 } END { print n }')" = 0 ]; }
few_held() { [ "$(held)" -lt $1 ]; }
# hold MIB [FILE]: a process with so much memory; prints its pid
hold() { /usr/lib/ssi/tests/bench hold $1 /tmp/done.$1 $2; }
# check PID MIB: all memory of the process is touched where it is, and is what it was
check() { rm -f /tmp/done.$2; kill -USR1 $1 && wait_for test -e /tmp/done.$2; }
at() { ssi --json ps | tr -d ' \n' | sed 's/},*/}\n/g' | grep "\"pid\":$1,"; }
member() { ssi --json nodes | tr -d ' \n' | sed 's/},*/}\n/g' | grep "\"id\":$1," | grep -q '"state":"member"'; }
free_on() { on -n $1 ssi run --local-view sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo; }
# hog MIB: leave so much memory of node 2 available
hog() { on -n 2 dd if=/dev/zero of=/mnt/hog bs=1M count=$(($(free_on 2) / 1024 - $1)) 2> /dev/null; }
# node 2 leaves. If no page gets home for two seconds, as on a busy machine, it is refused:
# then once more
leave()
{
	began=$(date +%s)
	on -n 2 ssi leave > /dev/null && return
	[ $(($(date +%s) - began)) -ge 2 ] && on -n 2 ssi leave > /dev/null
}

pid=$(hold 200)
ssi migrate $pid 2 > /dev/null; say migrate $?
check $pid 200; say away.memory $?
before=$(held)
[ $before -gt 40000 ]; say away.pages $?

# as much as there is and more, while the guest holds 200 MiB; as the manual says,
# the network needs some memory for the pages to go home
on 2 sh -c 'echo 32768 > /proc/sys/vm/min_free_kbytes'
on 2 mount -t tmpfs -o size=1g none /mnt
free=$(free_on 2)
hog -60; say pressure.hog $?
wait_for few_held $((before - 5000)); say pressure.pages $?
echo "# $before pages there, $(held) under pressure, $free KiB were available"
on 2 rm /mnt/hog
check $pid 200; say pressure.memory $?
at $pid | grep -q '"node":2,'; say pressure.away $?

# a second after it went home the other node holds nothing any more
ssi home $pid > /dev/null; say home $?
wait_for none_away $pid; say home.pages $?
check $pid 200; say home.memory $?

# a node that leaves does not wait for that
ssi migrate $pid 2 > /dev/null; check $pid 200; say leave.away $?
on -n 2 ssi leave 2> /dev/null; [ $? != 0 ]; say leave.refused $?
ssi home $pid > /dev/null
leave; say leave.left $?
# a work item counts them as free; what did not come home before cannot any more
wait_for none_away $pid; say leave.pages $?
check $pid 200; say leave.memory $?
kill -KILL $pid

# nor does one that leaves with pages of two processes, which they left there by turns
on 2 ssi join > /dev/null; wait_for member 2; say both.joined $?
a=$(hold 50) b=$(hold 51)
ssi migrate $a 2 > /dev/null && ssi migrate $b 2 > /dev/null; say both.migrate $?
check $b 51 & check $a 50 && wait $!; say both.away $?
[ $(held) -gt 20000 ]; say both.pages $?
echo "# $(held) pages there"
ssi home $a > /dev/null; ssi home $b > /dev/null
start=$(date +%s)
leave; say both.left $?
took=$(($(date +%s) - start))
wait_for none_away $a $b; say both.none $?
[ $took -le $1 ]; say both.soon $?
echo "# it left within $took s"
check $a 50 && check $b 51; say both.memory $?
kill -KILL $a $b

# a private mapping of a file that is larger than what is available there, and than the
# 32 MiB and some more that the kernel keeps: copies of its pages are dropped to make
# room for others, and can be had again
on 2 ssi join > /dev/null; wait_for member 2; say file.joined $?
mount -t tmpfs -o size=200m none /mnt
pid=$(hold 140 /mnt/file)
hog 20; say file.hog $?
free=$(free_on 2)
[ $free -lt 80000 ]; say file.larger $?
ssi migrate $pid 2 > /dev/null; say file.migrate $?
check $pid 140; say file.walk $?
echo "# $free KiB were available, $(free_on 2) are"
check $pid 140; say file.again $?
at $pid | grep -q '"node":2,'; say file.away $?
ssi home $pid > /dev/null; check $pid 140; say file.home $?
kill -KILL $pid
SCRIPT

# how many seconds a node may take to leave: emulation and lockdep are slow together
case ${VARIANT:-} in
'') soon=30 ;;
*) soon=180 ;;
esac
for mode in --insecure ''; do
	if [ -z "$mode${LONG:-}" ]; then
		echo "# SKIP with a key: it takes minutes under emulation; LONG=1 runs it"
		continue
	fi
	with=${mode:+without a key}
	with=${with:-with a key}
	cluster -n 2 $mode "${patient[@]}" --overlay "$scratch/overlay" -- "sh /inside $soon" > "$scratch/out"
	same "exit status, $with" 0 $?
	cat "$scratch/out"
	for what in migrate away.memory away.pages pressure.hog pressure.pages pressure.memory \
		pressure.away home home.pages home.memory leave.away leave.refused leave.left \
		leave.pages leave.memory both.joined both.migrate both.away both.pages both.left \
		both.none both.soon both.memory file.joined file.hog file.larger file.migrate \
		file.walk file.again file.away file.home; do
		same "$what, $with" "$what: 0" "$(grep "^$what: " "$scratch/out")"
	done
done
finish
