#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 1200
#
# Programs that are started on another node: they find there what a program finds, are
# given the files that are open, and their parents see them end.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
words_inside > "$scratch/overlay/inside"
cat >> "$scratch/overlay/inside" <<'SCRIPT'
t=/usr/lib/ssi/tests/placed
state() { sed -n 's/^State:.\(.\).*/\1/p' /proc/$1/status 2> /dev/null; }
in_state() { [ "$(state $1)" = $2 ]; }
gone() { [ ! -d /proc/$1 ]; }
has() { grep -qs "$1" "$2"; }
# the program of a stub, by what it was told
program()
{
	for p in /proc/2??????; do
		cat $p/cmdline 2> /dev/null | tr '\0' ' ' | grep -q "^$1 \$" && echo ${p#/proc/} && return
	done
}
runs() { [ "$(program "$1")" ]; }
# a program that waits, number N, and its stub
start() { ssi run -n 2 sleep 100$1 & stub=$!; until_so runs "sleep 100$1"; there=$(program "sleep 100$1"); }
why() { "$@" 2>&1 > /dev/null | sed 's/^ssi: //'; }

# what a program is given
for n in 1 2 3; do on $n mkdir -p /tmp/there; done
cd /tmp/there
umask 027; ulimit -n 199; export STRANGE='a "quoted" $value'
for u in 0 1000; do
	$t with $t as $u $t show 'an argument' '' "it's" > /tmp/local
	$t with $t as $u ssi run -n 2 $t show 'an argument' '' "it's" > /tmp/away
	say given "$u $(($(wc -l < /tmp/local) > 60)) $(diff /tmp/local /tmp/away | wc -l)"
	diff /tmp/local /tmp/away | head -n 9
done
cd /; umask 022
# files: of the next node, of the one before, of oneself
for way in 2 '2 3' '2 1'; do
	set --
	for n in $way; do set -- "$@" ssi run -n $n; done
	$t with "$@" $t files > /tmp/files
	say "files by $way" "$? $(grep -c '^ok' /tmp/files) $(cat /tmp/placed.log)"
	grep -v '^ok' /tmp/files
done
say by_name "$(echo in | ssi run -n 2 sh -c 'cat /proc/self/fd/0; echo err > /proc/self/fd/2' 2>&1 | xargs)"
echo secret > /tmp/secret; chmod 600 /tmp/secret
echo public > /tmp/public
say by_name_denied "$($t as 1000 ssi run -n 2 sh -c 'cat /proc/self/fd/4; cat <&3; cat /proc/self/fd/3' \
	3< /tmp/secret 4< /tmp/public 2>&1 | xargs)"
ssi run -n 2 sh -c 'echo emptied > /proc/self/fd/3' 3>> /tmp/public
say by_name_emptied "$(cat /tmp/public)"
# one that waits for a lease is killed: nothing is left of it
waits_for_lease() { [ "$(sed -n 's/^fileops //p' /sys/kernel/debug/ssi/objects)" != 0 ]; }
$t lease /tmp/public > /tmp/leased & lease=$!
until_so test -s /tmp/leased
ssi run -n 2 sh -c 'echo late > /proc/self/fd/3' 3< /tmp/public & stub=$!
until_so waits_for_lease; kill -9 $stub; wait $stub; s=$?
until_so clean; say lease "$s $(clean && echo clean) $(cat /tmp/public)"
kill $lease

# ends
ssi run -n 2 true; say true $?
ssi run -n 2 sh -c 'exit 3'; say exit $?
ssi run -n 2 sh -c 'kill -SEGV $$' 2> /dev/null; say signal $?
ssi run -n 2 sh -c 'echo $$' > /tmp/number; say number "$(cut -c 1 /tmp/number)"
say any "$(ssi run -n any sh -c 'echo $(($$ / 1000000))' | grep -c '^[123]$')"
say own "$(ssi run -n 1 sh -c 'echo $(($$ / 1000000))')"
say pipe "$(seq 100000 | ssi run -n 2 sh -c 'cat | grep -v 0' | ssi run -n 3 wc -l)"
say broken "$(ssi run -n 2 seq 1000000 | head -n 1)"
say time "$(sh -c 'ssi run -n 2 sh -c "i=0; while [ \$i -lt 30000 ]; do i=\$((i + 1)); done"; times' | tail -n 1 | awk '{ print ($1 != "0m0.000s") }')"

# signals: what it catches, stops and continues, and its end
$t with ssi run -n 2 $t signals > /tmp/got & stub=$!
until_so has '^2' /tmp/got
for s in 10 1 14; do
	kill -$s $stub
	until_so has "got $s\$" /tmp/got
done
there=$(head -n 1 /tmp/got)
kill -STOP $stub; until_so in_state $there T; until_so in_state $stub T
say stopped "$(state $stub)$(state $there)"
kill -CONT $stub; until_so has "got 18" /tmp/got; until_so in_state $there S
say continued "$(state $stub)$(state $there)"
# at its own node
kill -STOP $there; until_so in_state $stub T
say stopped_there "$(state $stub)$(state $there)"
kill -CONT $there; until_so in_state $stub S; until_so in_state $there S
say continued_there "$(state $stub)$(state $there)"
kill -TERM $there
wait $stub; say ended $?
say got "$(grep -v '^2' /tmp/got | head -n 4 | xargs)"
start 1; kill $stub; wait $stub; say killed $?; until_so gone $there; say killed_there "$(gone $there && echo yes)"
start 2; kill -9 $stub; wait $stub; until_so gone $there; say kill9 "$(gone $there && echo yes)"
start 3; kill -STOP $stub; until_so in_state $stub T; kill -9 $there; wait $stub; say stopped_and_killed $?

# it is a process like others of its node: it moves, its children are that node's
start 4
say program "$(ssi why $stub | grep -c "stands for process $there, which it has started on node 2") $(
	sed -n 's/^program:.//p' /proc/$stub/ssi | grep -cx $there)"
on 2 ssi migrate $there 3 > /dev/null; say moved "$? $(on 2 ssi --json ps | tr -d ' \n' | grep -o "\"pid\":$there,[^}]*\"node\":3" | grep -c node)"
kill $stub; wait $stub; say moved_end $?
ssi run -n 2 sh -c 'sleep 1005 & echo $! $(sed -n "s/^PPid:.//p" /proc/$!/status)'  > /tmp/child
say child "$(cut -c 1 /tmp/child)"
on 2 "kill $(cut -d ' ' -f 1 /tmp/child)"

# many at a time
i=0
while [ $((i += 1)) -le 40 ]; do
	ssi run -n $((i % 2 + 2)) sh -c "echo $i; exit $i" > /tmp/many.$i &
	eval "many_$i=$!"
done
i=0; right=0
while [ $((i += 1)) -le 40 ]; do
	eval "wait \$many_$i"
	[ "$? $(cat /tmp/many.$i)" = "$i $i" ] && right=$((right + 1))
done
say many $right
# the programs of children, on all nodes in turn; and those of theirs
cat > /tmp/there/one <<'END'
echo ${1:-1} $(($$ / 1000000))
END
cat > /tmp/there/six <<'END'
for i in 1 2 3 4 5 6; do sh /tmp/there/one; done
END
cat > /tmp/there/deep <<'END'
sh /tmp/there/six
END
for n in 2 3; do
	for f in one six deep; do on $n "cat > /tmp/there/$f" < /tmp/there/$f; done
done
turn='--policy turn'
say spread "$(ssi run --spread $turn sh /tmp/there/six | sort | cut -d ' ' -f 2 | xargs)"
say spread_below "$(for k in 1 2 3; do
	ssi run --spread $turn sh /tmp/there/deep | cut -d ' ' -f 2 | sort -u | wc -l
done | xargs)"
say spread_all "$(ssi run --spread-all $turn sh /tmp/there/deep | cut -d ' ' -f 2 | sort -u | wc -l)"
say spread_parallel "$(seq 60 | ssi run --spread $turn xargs -n 1 -P 8 sh /tmp/there/one | sort -n |
	awk '$1 == NR { n++; on[$2]++ } END { print n, (on[1] > 9), (on[2] > 9), (on[3] > 9) }')"
say spread_here "$($t unless epoll ssi run --spread $turn sh /tmp/there/six | sort -u | xargs)"

# the busy node gets none of those that may run anywhere, whatever runs for a moment elsewhere
busy=
for k in 1 2 3 4 5 6; do
	ssi run -n 2 sh -c 'while :; do :; done' & busy="$busy $!"
done
six_there() { objects 1 | grep -q 'stubs 6 '; }
until_so six_there
rm -f /tmp/load.?
for k in 1 2 3 4; do
	ssi run -n any sh -c 'echo $(($$ / 1000000)); while :; do :; done' > /tmp/load.$k & busy="$busy $!"
	until_so test -s /tmp/load.$k
done
kill $busy
wait $busy
say by_load "$(cat /tmp/load.? | wc -l) $(cat /tmp/load.? | grep -c 2) $(cat /tmp/load.? | xargs)"
say spread_by_load "$(seq 60 | ssi run --spread xargs -n 1 -P 8 sh /tmp/there/one | sort -n |
	awk '$1 == NR { n++; on[$2 > 1]++ } END { print n, (on[1] > 9) }')"
say any_here "$(for k in 1 2 3; do
	$t unless epoll ssi run -n any $turn sh /tmp/there/one
done | xargs)"
until_so clean; say clean "$(clean && echo yes)"

# what cannot be
say epoll "$(why $t unless epoll ssi run -n 2 true)"
say netlink "$(why $t unless netlink ssi run -n 2 true)"
say seccomp "$(why $t unless seccomp ssi run -n 2 true)"
say landlock "$($t unless landlock ssi run -n 2 true 2>&1)"
say container "$(why unshare -u ssi run -n 2 true)"
say user_ns "$(why unshare -U -r ssi run -n 2 true)"
say parent "$(sh -c 'sleep 1 & exec ssi run -n 2 true' 2>&1)"
echo 'echo here' > /tmp/here; chmod +x /tmp/here
say not_there "$(why ssi run -n 2 /tmp/here)"
mkdir -p /tmp/only; say cwd "$(cd /tmp/only && why ssi run -n 2 true)"
say no_node "$(why ssi run -n 9 true)"
say long "$(why ssi run -n 2 true $(seq 30000))"
say no_program "$(why ssi run -n 2 /nowhere)"
ssi run -n 2 /tmp/here 2> /dev/null; say not_there_status $?

# a node is not left while programs depend on it
start 6
say leave "$(why on -n 2 ssi leave | cut -d : -f 1) $(on 2 ssi --json nodes | grep -c member)"
kill $stub; wait $stub

# nodes are lost: its own, and that of its stub
start 7
ssi run -n 2 sh -c 'trap "" HUP; echo $$ > /tmp/pid; sleep 1; while echo still; do sleep 1; done; echo lost > /tmp/lost; exec sleep 1008' > /tmp/still & deaf=$!
until_so has still /tmp/still
net cut 1 2
begun=$(date +%s)
wait $stub; say lost "$? $([ $(($(date +%s) - begun)) -le 60 ] && echo soon)"
wait $deaf; say lost_deaf $?
i=0; until on 2 '[ -s /tmp/lost ]' || [ $((i += 1)) = 300 ]; do usleep 100000; done
say hup "$(on 2 'pidof sleep > /dev/null; ps | grep -c "[s]leep 1007"') $(on 2 cat /tmp/lost)"
net heal
until_so sh -c 'ssi run -n 2 true 2> /dev/null'
say back "$(ssi run -n 2 echo yes)"
on 2 'kill $(cat /tmp/pid)'
# and in the middle of it, again and again
for k in 1 2 3 4 5; do
	(usleep $((k * 30000)); net cut 1 2) &
	while ssi run -n 2 true 2> /dev/null; do :; done
	wait $!
	net heal
	until_so sh -c 'ssi run -n 2 true 2> /dev/null'
done
say again "$(ssi run -n 2 echo yes)"
until_so clean; say clean_again "$(clean && echo yes)"; clean || for n in 1 2 3; do objects $n; done
SCRIPT
cluster -n 3 --rootfs util-linux --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
grep -v '^[a-z_]*: ' "$scratch/out" | sed 's/^/# /'

same "what a program is given, as root and as a user" "0 1 0
1000 1 0" "$(get given)"
for way in 2 '2 3' '2 1'; do
	same "files by $way" "0 114 one line" "$(get "files by $way")"
done
same "true" 0 "$(get true)"
same "exit status of a program" 3 "$(get exit)"
same "killed by a signal" 139 "$(get signal)"
same "files opened by their name in /proc" "in err" "$(get by_name)"
ok "... under the program's rights" grep -q '^by_name_denied: public secret cat: .*ermission denied' "$scratch/out"
same "... to be emptied" emptied "$(get by_name_emptied)"
same "... or not, for a lease" "137 clean emptied" "$(get lease)"
same "number of the node's" 2 "$(get number)"
same "any node" 1 "$(get any)"
same "the own node" 1 "$(get own)"
same "a pipeline of nodes" "$(seq 100000 | grep -vc 0)" "$(get pipe)"
same "a pipe that is not read to the end" 1 "$(get broken)"
same "CPU time counts" 1 "$(get time)"
same "stopped by the stub" TT "$(get stopped)"
same "continued by the stub" SS "$(get continued)"
same "stopped at its node" TT "$(get stopped_there)"
same "continued at its node" SS "$(get continued_there)"
same "ends, the stub with it" 143 "$(get ended)"
same "signals that it got" "got 10 got 1 got 14 got 18" "$(get got)"
same "the stub is killed" "143 yes" "$(get killed) $(get killed_there)"
same "... for sure" yes "$(get kill9)"
same "killed while it is stopped" 137 "$(get stopped_and_killed)"
same "which program a stub stands for" "1 1" "$(get program)"
same "it moves on" "0 1" "$(get moved)"
same "... and ends" 143 "$(get moved_end)"
same "its children are its node's" 2 "$(get child)"
same "many at a time" 40 "$(get many)"
same "programs of children" "1 1 2 2 3 3" "$(get spread)"
same "what these start is not spread" "1 1 1" "$(get spread_below)"
same "... or it is" 3 "$(get spread_all)"
same "many at a time on all nodes" "60 1 1 1" "$(get spread_parallel)"
same "what cannot be spread runs here" "1 1" "$(get spread_here)"
same "not where it is busy" "4 0" "$(get by_load | cut -d ' ' -f 1-2)"
same "many by load" "60 1" "$(get spread_by_load)"
same "what cannot run anywhere runs here" "1 1 1 1 1 1" "$(get any_here)"
same "nothing is left" yes "$(get clean)"
ok "epoll stays" grep -q '^epoll: .*no regular file, pipe, common socket' "$scratch/out"
ok "netlink stays" grep -q '^netlink: .*no regular file, pipe, common socket' "$scratch/out"
ok "seccomp stays" grep -q '^seccomp: .*is confined' "$scratch/out"
ok "Landlock stays, or is not there" grep -Eq '^landlock: (.*is confined|no landlock)' "$scratch/out"
for what in container user_ns; do
	ok "one in a namespace of its own stays: $what" \
		grep -q "^$what: .*not in the root directory and the namespaces that a node has" "$scratch/out"
done
ok "a parent stays" grep -q '^parent: .*children' "$scratch/out"
ok "no such program there" grep -q '^not_there: /tmp/here cannot be run on node 2: .*is not there' "$scratch/out"
ok "no such directory there" grep -q '^cwd: .*working directory, is not there' "$scratch/out"
ok "no such node" grep -q '^no_node: .*no node 9' "$scratch/out"
ok "too many arguments" grep -q '^long: .*do not fit' "$scratch/out"
ok "no such program" grep -q '^no_program: .*is not there' "$scratch/out"
same "status of what is not there" 127 "$(get not_there_status)"
same "a node in use is not left" "This node did not leave 1" "$(get leave)"
same "its node is lost" "137 soon" "$(get lost)"
same "... for one that ignores SIGHUP" 137 "$(get lost_deaf)"
same "SIGHUP there, or no files" "0 lost" "$(get hup)"
same "the node is back" yes "$(get back)"
same "lost at any moment" yes "$(get again)"
same "nothing is left then" yes "$(get clean_again)"
finish
