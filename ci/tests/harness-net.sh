#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 400
#
# ci/cluster: link faults, and nodes that go and come back.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
reach() { ping -q -c 3 -i 0.2 -W 3 10.77.0.$1 > /dev/null 2>&1 && echo yes || echo no; }
far() { on $1 "ping -q -c 3 -i 0.2 -W 3 10.77.0.$2 > /dev/null 2>&1 && echo yes || echo no"; }
# soon COMMAND...: what it says, which is yes within half a minute
soon()
{
	end=$(($(date +%s) + 30))
	while r=$("$@"); [ "$r" != yes ] && [ $(date +%s) -lt $end ]; do
		sleep 1
	done
	echo $r
}
# the shortest of some round trips, in whole milliseconds
rtt() { ping -q -c 4 -i 0.2 10.77.0.$1 | sed -n 's/.*= \([0-9]*\)[.].*/\1/p'; }

say begin "$(cat /sys/class/net/to2/carrier) $(soon reach 2) $(soon reach 3) $(soon far 2 3)"
net cut 1 2; say cut $?
say cut12 "$(reach 2) $(soon reach 3) $(far 2 1) $(soon far 2 3) $(cat /sys/class/net/to2/carrier)"
say over "$(on 2 hostname)"
say show "$(net show)"
net heal 1 2
say heal12 "$(soon reach 2)"
net cut 2
say cut2 "$(reach 2) $(soon reach 3) $(far 2 3)"
net heal
say heal "$(soon reach 2) $(soon reach 3) $(soon far 2 3)"

net mute 1 2
say mute "$(reach 2) $(cat /sys/class/net/to2/carrier)"
on 2 'cat /sys/class/net/to1/statistics/rx_packets' > /tmp/a
on 2 'ping -c 3 -i 0.2 -W 1 10.77.0.1 > /dev/null'
on 2 'cat /sys/class/net/to1/statistics/rx_packets' > /tmp/b
say oneway "$(cmp -s /tmp/a /tmp/b && echo yes)"
net heal 1
net delay 1 2 300ms
say delay "$([ $(rtt 2) -ge 600 ] && [ $(rtt 3) -lt 300 ] && echo yes)"
net heal
say nodelay "$([ $(rtt 2) -lt 300 ] && echo yes)"
net loss 1 2 100
say loss "$(reach 2)"
net heal 1 2
net duplicate 1 2 100
ping -c 2 -W 1 10.77.0.2 > /tmp/ping; say duplicate "$(grep -c 'DUP!' /tmp/ping | sed 's/^[1-9].*/yes/')"
net heal 1 2
net rate 1 2 8mbit
on 2 'dd if=/dev/zero bs=64k count=32 2> /dev/null > /tmp/m; httpd -p 80 -h /tmp'
start=$(date +%s)
wget -q -O - http://10.77.0.2/m | wc -c
say rate "$([ $(($(date +%s) - start)) -ge 2 ] && echo yes)"
net heal
say healed "$(net show)"
net what 2> /dev/null; say usage $?
net cut 1 7 2> /dev/null; say nonode $?

on 2 'touch /tmp/mark'
node kill 2; say kill $?
on 2 true 2> /dev/null; say down $?
say killed "$(reach 2) $(soon reach 3)"
ping -q -c 300 -i 0.002 -s 1400 10.77.0.2 > /dev/null 2>&1
node boot 2; say boot $?
say booted "$(soon reach 2) $(soon far 2 3) $(on 2 'ls /tmp/mark 2> /dev/null || echo fresh')"
node stop 3
ping -q -c 300 -i 0.002 -s 1400 10.77.0.3 > /dev/null 2>&1
say stopped "$(reach 3)"
node cont 3
say continued "$(soon reach 3)"
node kill 1 2> /dev/null; say self $?
SCRIPT
cluster -n 3 --no-join --net 'delay 2 3 1ms' --overlay "$scratch/overlay" -- sh /inside \
	> "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "all reach all" "1 yes yes yes" "$(get begin)"
same "net cut: status" 0 "$(get cut)"
same "net cut 1 2: only that link, no carrier" "no yes no yes 0" "$(get cut12)"
same "net cut: on still works" node2 "$(get over)"
same "net show" "1 - 2: cut" "$(get show | head -n 1)"
same "net heal 1 2" yes "$(get heal12)"
same "net cut 2: all its links" "no yes no" "$(get cut2)"
same "net heal" "yes yes yes" "$(get heal)"
same "net mute: silence, carrier stays" "no 1" "$(get mute)"
same "net mute: one way" yes "$(get oneway)"
same "net delay" yes "$(get delay)"
same "net heal: no delay" yes "$(get nodelay)"
same "net loss" no "$(get loss)"
same "net duplicate" yes "$(get duplicate)"
same "net rate" yes "$(get rate)"
same "net heal: nothing left" "" "$(get healed)"
same "net: usage" 2 "$(get usage)"
same "net: no such node" 2 "$(get nonode)"
same "node kill" 0 "$(get kill)"
same "on: a node that is down" 255 "$(get down)"
same "node kill: only that one" "no yes" "$(get killed)"
same "node boot" 0 "$(get boot)"
same "node boot: back, and fresh" "yes yes fresh" "$(get booted)"
same "node stop" no "$(get stopped)"
same "node cont" yes "$(get continued)"
same "node kill 1: refused" 1 "$(get self)"
finish
