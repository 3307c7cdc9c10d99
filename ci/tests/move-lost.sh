#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# A node dies, hangs or is cut off while processes are away on it, or are its
# guests: those die within the deadline, all else lives, nothing is left over.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
# /proc/uptime is that of the node that is up longest, which may be lost
uptime() { date +%s; }
# what is left on node $1 of what a move makes, "none" if nothing
left()
{
	end=$(($(uptime) + 20))
	while :; do
		l=$(on -n $1 cat /sys/kernel/debug/ssi/objects |
			sed -n 's/^\(mirrors\|deputies\|hosted\|guests\|device-pages-used\) \([1-9].*\)/\1=\2/p' | tr '\n' ' ')
		[ -n "$l" ] && [ $(uptime) -lt $end ] || break
		sleep 0.5
	done
	echo ${l:-none}
}
# until process $1 is gone: prints its status, or "alive" after 30 s
fate()
{
	end=$(($(uptime) + 30))
	while kill -0 $1 2>/dev/null && [ $(uptime) -lt $end ]; do
		sleep 0.5
	done
	kill -0 $1 2>/dev/null && { echo alive; return; }
	wait $1 2>/dev/null
	echo $?
}
member()
{
	end=$(($(uptime) + 60))
	until ssi --json nodes | tr -d ' \n' | sed 's/},*/}\n/g' | grep "\"id\":$1," | grep -q '"state":"member"'; do
		[ $(uptime) -lt $end ] || { echo no; return; }
		sleep 0.5
	done
	echo yes
}
busy()
{
	sh -c 'i=0; while :; do i=$((i + 1)); done' &
	# until it is executed it is a copy of this shell
	n=0
	until tr '\0' ' ' < /proc/$!/cmdline | grep -q '^sh -c' || [ $((n += 1)) = 300 ]; do
		sleep 0.1
	done
}

for how in kill cut stop; do
	busy; away=$!
	busy; other=$!
	busy; local=$!
	sleep 0.5
	ssi migrate $away 2 > /dev/null && ssi migrate $other 3 > /dev/null; say $how.moved $?
	# a guest of node 2 here: it dies with its home
	on -n 2 sh -c 'i=0; (while :; do i=$((i + 1)); done) > /dev/null 2>&1 & sleep 0.5; ssi migrate $! 1' > /dev/null
	say $how.guest $?
	sleep 1
	case $how in
	cut) net cut 1 2; net cut 2 3 ;;
	*) node $how 2 ;;
	esac
	fate $away > /tmp/fate
	say $how.away $(cat /tmp/fate)
	kill -0 $other 2>/dev/null && kill -0 $local 2>/dev/null; say $how.others $?
	ssi home $other > /dev/null; say $how.home $?
	kill $other $local; wait $other $local 2>/dev/null
	say $how.left "$(left 1), $(left 3)"
	case $how in
	kill) node boot 2 ;;
	stop) node cont 2 ;;
	cut) net heal ;;
	esac
	say $how.back $(member 2)
	# killall would end this shell as well
	[ $how = kill ] || on 2 'for p in $(pidof sh); do
		case $p in $$) ;; 2??????) kill -9 $p ;; esac
	done'
	say $how.left2 "$(left 2)"
done
dmesg | grep -q 'killed: node 2 was lost'; say logged $?
SCRIPT
cluster -a "${ARCH:-x86_64}" -n 3 --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
for how in kill cut stop; do
	same "$how: processes move" 0 "$(get $how.moved)"
	same "$how: and one comes as a guest" 0 "$(get $how.guest)"
	same "$how: what was away is killed" 137 "$(get $how.away)"
	same "$how: other processes live" 0 "$(get $how.others)"
	same "$how: and come home from other nodes" 0 "$(get $how.home)"
	same "$how: nothing is left on the others" "none, none" "$(get $how.left)"
	same "$how: the node is a member again" yes "$(get $how.back)"
	same "$how: nothing is left on it" none "$(get $how.left2)"
done
same "the reason is logged" 0 "$(get logged)"
[ "$failures" = 0 ] || cat "$scratch/out"
finish
