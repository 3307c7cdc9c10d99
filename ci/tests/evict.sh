#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 600
#
# Pages go home though nobody touches them there: when a process went home
# before, when the memory of the node that holds them is short, and when that node
# leaves. Nothing of them is lost.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
held() { sed -n 's/^device-pages-used //p' /sys/kernel/debug/ssi/objects; }
# wait COMMAND...: until it succeeds, 60 s at most
wait_for() { i=0; until "$@"; do i=$((i + 1)); [ $i -lt 600 ] || return 1; sleep 0.1; done; }
none_held() { [ "$(held)" = 0 ]; }
few_held() { [ "$(held)" -lt $1 ]; }
# all memory of the process is touched where it is, and is what it was
check() { rm -f /tmp/done; kill -USR1 $pid && wait_for test -e /tmp/done; }
at() { ssi --json ps | tr -d ' \n' | sed 's/},*/}\n/g' | grep "\"pid\":$pid,"; }

pid=$(/usr/lib/ssi/tests/bench hold 200 /tmp/done)
ssi migrate $pid 2 > /dev/null; say migrate $?
check; say away.memory $?
before=$(held)
[ $before -gt 40000 ]; say away.pages $?

# as much as there is, while the guest holds 200 MiB; as the manual says, the
# network needs some memory for the pages to go home
on 2 sh -c 'echo 32768 > /proc/sys/vm/min_free_kbytes'
on 2 mount -t tmpfs -o size=1g none /mnt
free=$(on -n 2 sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo)
on -n 2 dd if=/dev/zero of=/mnt/hog bs=1M count=$((free / 1024 + 60)) 2> /dev/null; say pressure.hog $?
few_held $((before - 5000)); say pressure.pages $?
echo "# $before pages there, $(held) under pressure, $free KiB were available"
on 2 rm /mnt/hog
check; say pressure.memory $?
at | grep -q '"node":2,'; say pressure.away $?

# a second after it went home the other node holds nothing any more
ssi home $pid > /dev/null; say home $?
wait_for none_held; say home.pages $?
check; say home.memory $?

# a node that leaves does not wait for that
ssi migrate $pid 2 > /dev/null; check; say leave.away $?
on -n 2 ssi leave 2> /dev/null; [ $? != 0 ]; say leave.refused $?
ssi home $pid > /dev/null
on -n 2 ssi leave > /dev/null; say leave.left $?
none_held; say leave.pages $?
check; say leave.memory $?
kill -KILL $pid
SCRIPT

cluster -n 2 --overlay "$scratch/overlay" -- 'sh /inside' > "$scratch/out"
same "exit status" 0 $?
cat "$scratch/out"
for what in migrate away.memory away.pages pressure.hog pressure.pages pressure.memory pressure.away \
	home home.pages home.memory leave.away leave.refused leave.left leave.pages leave.memory; do
	same "$what" "$what: 0" "$(grep "^$what: " "$scratch/out")"
done
finish
