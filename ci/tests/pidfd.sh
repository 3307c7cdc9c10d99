#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 800
#
# File descriptors that refer to processes of another node: their end is seen, also that
# by the loss of the node, and they never mean the next process with the number.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
tests=/usr/lib/ssi/tests
# until_so COMMAND... succeeds, for half a minute
until_so() { i=0; until "$@" || [ $((i += 1)) = 300 ]; do usleep 100000; done; }
has() { grep -qs "$1" "$2"; }

on 2 "$tests/remote serve > /tmp/root &
	$tests/remote serve 1000 > /tmp/user &
	$tests/pidfd zombie > /tmp/zombie &"
until_so on 2 '[ -s /tmp/root ] && [ -s /tmp/user ] && [ -s /tmp/zombie ]'
set -- $(on 2 cat /tmp/root) $(on 2 cat /tmp/user)
$tests/pidfd check $1 $2 $3 2999999 $(on 2 cat /tmp/zombie)
say checked $?
# its numbers, and a line for each signal
until_so on 2 '[ "$(wc -l < /tmp/root)" -ge 4 ]'
on 2 tail -n +2 /tmp/root | sort | sed 's/^/root: /; s/pid 1[0-9]* /pid here /'

# a program of the distribution's: procps's pidwait waits by pidfds
on 2 "sleep 1234 > /dev/null 2>&1 & echo \$!" > /tmp/pid
on 3 "sleep 1234 > /dev/null 2>&1 & echo \$!" >> /tmp/pid
until_so eval '[ "$(pgrep -x -f "sleep 1234" | wc -l)" = 2 ]'
{ pidwait -e -x -f 'sleep 1234' > /tmp/pidwait; say pidwait "$? $(wc -l < /tmp/pidwait)" >> /tmp/pidwait; } &
waiter=$!
until_so eval '[ "$(ls -l /proc/$(pgrep -x pidwait)/fd 2> /dev/null | grep -c pidfd)" = 2 ]'
say waits "$(kill -0 $waiter && echo yes)"
kill $(cat /tmp/pid)
wait $waiter
cat /tmp/pidwait

# the next process with the number is another one
on 2 "sleep 1000 > /dev/null 2>&1 & echo \$!" > /tmp/pid
old=$(cat /tmp/pid)
mkfifo /tmp/go
$tests/pidfd hold $old < /tmp/go > /tmp/held &
exec 3> /tmp/go
until_so has open /tmp/held
on 2 "kill $old; while [ -d /proc/$old ]; do usleep 10000; done
	i=0
	while [ \$((i += 1)) -le 100 ]; do
		echo $((old - 1)) > /proc/sys/kernel/ns_last_pid
		sleep 1000 > /dev/null 2>&1 &
		[ \$! = $old ] && break
		kill \$!
	done
	echo \$!" > /tmp/pid
say again "$([ $(cat /tmp/pid) = $old ] && echo yes)"
echo > /tmp/go
wait $!
sed 's/^/held: /' /tmp/held
say lives "$(kill -0 $old && echo yes)"
kill $old

# it is polled here, and again where it has moved: its home says when it ends
on 2 "sleep 1000 > /dev/null 2>&1 & echo \$!" > /tmp/pid
on 2 "ssi migrate $(cat /tmp/pid) 3 > /dev/null"
$tests/pidfd wait $(cat /tmp/pid) > /tmp/waited &
until_so has open /tmp/waited
kill $(cat /tmp/pid)
wait $!
sed 's/^/moved: /' /tmp/waited

# many of one process, polled and closed
on 3 "sleep 1000 > /dev/null 2>&1 & echo \$!" > /tmp/pid
say many "$($tests/pidfd many $(cat /tmp/pid) 2000)"
watches() { on 3 "sed -n 's/^watches //p' /sys/kernel/debug/ssi/objects"; }
until_so eval '[ "$(watches)" = 0 ]'
say closed "$(watches)"
# and many who watch it when it ends
i=0
while [ $((i += 1)) -le 20 ]; do
	$tests/pidfd wait $(cat /tmp/pid) > /tmp/waits.$i &
done
until_so eval '[ $(grep -l open /tmp/waits.* | wc -l) = 20 ]'
until_so eval '[ "$(watches)" = 20 ]'
say watching "$(watches)"
kill $(cat /tmp/pid)
wait
until_so eval '[ "$(watches)" = 0 ]'
say ended "$(watches)"
say woken "$(grep -l 'poll [0-9]' /tmp/waits.* | wc -l)"

# a node that is lost has no processes, and nobody waits for ever
on 3 "sleep 1000 > /dev/null 2>&1 & echo \$!" > /tmp/pid
# what the last one wrote must not be taken for what this one writes
rm -f /tmp/waited
$tests/pidfd wait $(cat /tmp/pid) > /tmp/waited &
until_so has open /tmp/waited
usleep 300000
net cut 3
start=$(date +%s)
wait $!
say lost "$(grep poll /tmp/waited) $([ $(($(date +%s) - start)) -le 60 ] && echo soon)"
until_so eval '[ "$(watches)" = 0 ]'
say cut "$(watches)"
net heal
until_so kill -0 $(cat /tmp/pid) 2> /dev/null
say back "$($tests/pidfd hold $(cat /tmp/pid) < /dev/null | tr '\n' ' ')"
# one of this node's that waits when the node leaves
rm -f /tmp/waited
$tests/pidfd wait $(cat /tmp/pid) > /tmp/waited &
until_so has open /tmp/waited
usleep 300000
ssi leave > /dev/null
wait $!
say left "$(grep poll /tmp/waited)"
SCRIPT
cluster -n 3 --rootfs procps --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
grep -E '^((not )?ok|#) ' "$scratch/out"
same "checks that failed" "0 0" "$(get checked) $(grep -c '^not ok' "$scratch/out")"
ok "checks ran" grep -q '^1\.\.[4-9]' "$scratch/out"
same "what the server got" \
	"first RT1 code 0 pid here uid 0 value 0
first USR1 code 0 pid here uid 0 value 0
second USR2 code -6 pid here uid 0 value 0" "$(get root)"
same "pidwait waits" yes "$(get waits)"
same "pidwait: they have ended" "0 2" "$(get pidwait)"
same "a process gets the number again" yes "$(get again)"
same "a pidfd of the old one" "open
signal -3
poll 17" "$(get held | sed 's/ *$//')"
same "the new one lives" yes "$(get lives)"
ok "one that has moved ends" grep -q '^moved: poll 1' "$scratch/out"
same "many are polled" "poll 0" "$(get many)"
same "many are closed: nobody watches" 0 "$(get closed)"
same "many watch" 20 "$(get watching)"
same "it has ended: nobody watches" 0 "$(get ended)"
same "the watcher is lost: nobody watches" 0 "$(get cut)"
same "many are woken" 20 "$(get woken)"
same "a node that is lost" "poll 17 soon" "$(get lost)"
same "and when it is back" "open signal 0 poll -1" "$(get back | sed 's/ *$//; s/  */ /g')"
same "the node leaves" "poll 17" "$(get left)"
finish
