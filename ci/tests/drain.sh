#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# A node is emptied: guests go home, nothing new comes, programs end, and it leaves.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cp "$(dirname "$0")/states.bash" "$scratch/overlay"
cat > "$scratch/overlay/spin" <<'SCRIPT'
i=0; while :; do i=$((i + 1)); done
SCRIPT
cat > "$scratch/overlay/inside" <<'SCRIPT'
. /states.bash
# wait for what COMMAND prints to be EXPECTED
until_is() {
	start=$(date +%s) expected=$1; shift
	while [ "$("$@")" != "$expected" ]; do
		[ $(($(date +%s) - start)) -lt 60 ] || break
		sleep 0.3
	done
	"$@"
}
told() { "$@" 2>&1 | tr '\n' ' '; }
# where node $1 has process $2, and why
where() { on -n $1 ssi --json why $2 | tr -d ' \n' | sed 's/.*"node":\([0-9]*\),.*"reason":"\([a-z-]*\)".*/\1 \2/'; }
status() { on -n $1 ssi --json status | tr -d ' \n' | sed "s/.*\"$2\":\([a-z0-9]*\).*/\1/"; }
running() { kill -0 $1 2> /dev/null && echo yes || echo no; }

# of node 1 and 3 on node 2, and of node 2 on node 3
sh /spin & one=$!
three=$(on 3 'sh /spin > /dev/null 2>&1 & echo $!')
two=$(on 2 'sh /spin > /dev/null 2>&1 & echo $!')
ssi migrate $one 2 > /dev/null
on 3 ssi migrate $three 2 > /dev/null
on 2 ssi migrate $two 3 > /dev/null
# a program of node 1 on node 2, which ends when it is told to
mkfifo /tmp/end
ssi run -n 2 sh -c 'read word; exit 7' < /tmp/end & program=$!
exec 9> /tmp/end
say begin "$(until_is 2 status 2 guests) $(until_is 1 status 2 placed) $(status 2 away) $(status 1 stubs)"
say ps "$(on -n 2 ssi ps | grep -c 'of node 1')"
say psstub "$(ssi ps | grep -c "^ *$program .*placed")"

on 2 ssi drain --timeout 3 > /tmp/out 2>&1; say held "$? $(grep -c '(sh) was started here by a process of node 1' /tmp/out) $(grep -c guest /tmp/out)"
say draining "$(await 1 2 draining) $(await 3 2 draining) $(status 2 draining)"
say home "$(where 1 $one) $(where 3 $three) $(on -n 2 ssi --json why $two | tr -d ' \n' | sed 's/.*"node":\([0-9]*\),.*/\1/')"
say alive "$(running $one)"
say migrate "$(told ssi migrate $one 2)"
say run "$(told ssi run -n 2 true)"
say any "$(for i in 1 2 3 4 5 6; do ssi run -n any hostname; done | grep -c node2)"
say turn "$(for i in 1 2 3 4 5 6; do ssi run -n any --policy turn hostname; done | sort -u | tr '\n' ' ')"
say none "$(told ssi drain 9)"
say user "$(told setpriv --reuid 1000 --regid 1000 --clear-groups ssi drain 2)"

# taken back, from another node
ssi drain --undo 2 > /dev/null; say undo "$? $(await 1 2 member) $(status 2 draining)"
ssi migrate $one 2 > /dev/null; say again "$(where 1 $one)"
# and asked for by another node
ssi drain 2 > /dev/null; say remote "$? $(await 3 2 draining) $(until_is '1 draining' where 1 $one)"

# somebody moves a process there all the time
( while :; do ssi migrate $one 2; done > /dev/null 2>&1 ) & mover=$!
echo word >&9; exec 9>&-
wait $program; say program $?
on 2 ssi drain > /tmp/out 2>&1; say left "$? $(grep -c 'has left its cluster' /tmp/out)"
kill $mover; wait $mover
say gone "$(await 1 2 gone) $(await 3 2 gone)"
say survivors "$(running $one) $(on 3 "kill -0 $three && echo yes") $(on 2 "kill -0 $two && echo yes")"
say losses "$(ssi --json nodes | tr -d ' \n' | grep -o '"losses":[0-9]*' | tr '\n' ' ')"
on 2 ssi join > /dev/null; say joined "$? $(await 1 2 member) $(status 2 draining)"

# many of them, with memory
for i in $(seq 20); do
	sh -c 'x=0123456789abcdef; for j in 1 2 3 4 5 6 7 8 9 10 11 12 13; do x=$x$x; done; . /spin' &
	many="$many $!"
done
sleep 2
ssi migrate $many 2 > /dev/null
say away "$(status 1 away)"
on 2 ssi drain > /dev/null; say drained "$? $(status 1 away) $(await 1 2 gone)"
kill -9 $many $one; wait; on 2 kill -9 $two; on 3 kill -9 $three
left() { for n in 1 2 3; do on $n 'cat /sys/kernel/debug/ssi/objects'; done |
	grep -E 'stubs|placed|guests|hosted|mirrors' | grep -v ' 0$'; }
say counters "$(until_is "" left | tr '\n' ' ')"
SCRIPT
cluster -n 3 "${patient[@]}" --rootfs util-linux --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "guests, a program, a process away, a stub" "2 1 1 1" "$(get begin)"
same "ssi ps shows whose program it is" 1 "$(get ps)"
same "and the stub" 1 "$(get psstub)"
same "drain: held by name" "6 1 0" "$(get held)"
same "the others see it" "draining draining true" "$(get draining)"
same "guests went home, and the one away came" "1 draining 3 draining 2" "$(get home)"
same "and live" yes "$(get alive)"
same "no move there" 1 "$(get migrate | grep -c 'is being emptied')"
same "no program there" 1 "$(get run | grep -c 'is being emptied')"
same "nor by load" 0 "$(get any)"
same "nor by turn" "node1 node3 " "$(get turn)"
same "no such node" 1 "$(get none | grep -c 'There is no node 9')"
same "no right" 1 "$(get user | grep -c 'run it as root')"
same "taken back from another node" "0 member false" "$(get undo)"
same "it takes processes again" "2 requested" "$(get again | sed 's/none/requested/')"
same "drained from another node" "0 draining 1 draining" "$(get remote)"
same "the program ends as it likes" 7 "$(get program)"
same "then the node leaves" "0 1" "$(get left)"
same "the others know" "gone gone" "$(get gone)"
same "all processes live" "yes yes yes" "$(get survivors)"
same "no membership was lost" '"losses":0 "losses":0 ' "$(get losses)"
same "it joins again, and takes processes" "0 member false" "$(get joined)"
same "20 processes with memory there" 20 "$(get away)"
same "come home" "0 0 gone" "$(get drained)"
same "nothing is left over" "" "$(get counters)"
finish
