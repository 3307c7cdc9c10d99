#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 800
#
# One process space: numbers say on which node a process is, and system calls that name
# one of another node act on it there.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
remote=/usr/lib/ssi/tests/remote
state() { on 2 "sed -n 's/^State:.\(.\).*/\1/p' /proc/$1/status"; }
# until COMMAND... succeeds, for half a minute
until_so() { i=0; until "$@" || [ $((i += 1)) = 300 ]; do usleep 100000; done; }
gone() { ! on 2 "[ -d /proc/$1 ]"; }
in_state() { [ "$(state "$1")" = "$2" ]; }

say here "$(sh -c 'echo $$')"
say there "$(on 2 'sh -c "echo \$\$"')"
say third "$(on 3 'sh -c "echo \$\$"')"
say kthreads "$(on 2 'for p in /proc/[0-9]*; do
	[ -n "$(cat $p/cmdline)" ] || [ ${p#/proc/} -lt 1000000 ] || echo $p; done')"
say init "$(on 2 'cat /proc/1/comm')"
say status "$(on 2 'ssi status' | sed -n 's/^pids *//p')"
say pid_max "$(cat /proc/sys/kernel/pid_max)"
say last_pid "$(on 3 'cat /proc/loadavg' | sed 's/.* //; s/......$//')"

on 2 "$remote serve > /tmp/root &
	$remote serve 1000 > /tmp/user &"
until_so on 2 '[ -s /tmp/root ] && [ -s /tmp/user ]'
set -- $(on 2 cat /tmp/root) $(on 2 cat /tmp/user)
say servers "$*"
$remote check $1 $2 $3 2999999 > /tmp/checked
say checked $?
cat /tmp/checked
say nice "$(on 2 "cut -d ' ' -f 19 /proc/$1/stat")"

# the tool, for a process of another node
busy=$(on 2 'sh -c "while :; do :; done" > /dev/null 2>&1 & echo $!')
until_so on 2 "tr '\\0' ' ' < /proc/$busy/cmdline | grep -q '^sh -c'"
ssi migrate $busy 3 > /dev/null; say tool.migrate "$? $(on 3 ssi why $busy | head -n 1)"
say tool.json "$(ssi --json why $busy | grep -o '"node":[0-9]*')"
ssi home $busy > /dev/null; say tool.home "$? $(ssi why $busy | grep -c 'is at home, node 2')"
ssi migrate $busy $$ 1 2> /dev/null; say tool.mixed $?
ssi why 2999999 2> /dev/null; say tool.none $?
ssi why 7000000 2> /dev/null; say tool.nonode $?
setpriv --reuid 1000 --regid 1000 --clear-groups ssi migrate $busy 3 2> /dev/null; say tool.user $?
on 2 kill -9 $busy

# what a shell's kill does, to servers that have written their numbers and a line for each signal
lines() { on 2 "[ \$(wc -l < /tmp/$1) -ge $2 ]"; }
until_so lines root 4
until_so lines user 3
kill -STOP $3
until_so in_state $3 T
say stopped "$(state $3)"
kill -CONT $3
until_so in_state $3 S
say continued "$(state $3)"
until_so lines user 4
kill $1
until_so gone $1
kill -9 $3
until_so gone $3
say killed "$(gone $1 && echo yes) $(gone $3 && echo yes)"
say again "$(kill -0 $1 2>&1 | sed 's/.*: //')"
on 2 cat /tmp/root | sed 's/^/root: /; s/pid 1[0-9]* /pid here /'
on 2 cat /tmp/user | sed 's/^/user: /; s/pid 1[0-9]* /pid here /'

# groups, and all processes
on 2 "$remote group > /tmp/group &
	$remote group 1000 > /tmp/usergroup &"
until_so on 2 '[ -s /tmp/group ] && [ -s /tmp/usergroup ]'
set -- $(on 2 cat /tmp/group) $(on 2 cat /tmp/usergroup)
$remote groups $1 $2 2999999
say groups $?
on 3 "$remote group 1000 > /tmp/usergroup &"
until_so on 3 '[ -s /tmp/usergroup ]'
kill -STOP -$1
stopped() { grep -l '^State:.T' /proc/2*/status 2> /dev/null | wc -l; }
until_so eval '[ "$(stopped)" = 3 ]'
say "group stopped" "$(stopped)"
kill -CONT -1
kill -0 $1
say "still stopped" "$(state $1)"
say "user's kill" "$($remote all 15)"
until_so gone $2
until_so eval '! grep -q "^Uid:.1000" /proc/[1-3]??????/status 2> /dev/null'
say "user's gone" "$(cat /proc/[1-3]??????/status 2> /dev/null | grep -c '^Uid:.1000')"
say "user's kill again" "$($remote all 15)"
until_so eval '[ "$(stopped)" = 3 ]'
say "root's live" "$(stopped)"
kill -KILL -$1
until_so gone $1
until_so eval '[ "$(stopped)" = 0 ]'
say "group killed" "$(stopped)"

# memory, at home and away
on 2 "$remote memory > /tmp/memory &"
until_so on 2 '[ -s /tmp/memory ]'
set -- $(on 2 cat /tmp/memory)
$remote vm $1 $2 2999999
say vm $?
on 2 "ssi migrate $1 3 > /dev/null"
$remote vm $1 $2 2999999
say "vm away" $?
kill -9 $1

# its home gets the signal wherever it is
sleep 1000 &
away=$!
# until it is executed it is a copy of this shell
until_so grep -q '^sleep' /proc/$away/cmdline
ssi migrate $away 2 > /dev/null
say away "$(ssi --json ps | tr -d ' \n' | grep -o "\"pid\":$away,[^}]*\"node\":2" | grep -c node)"
say report "$(on 3 "sed -n 's/^\(home\|node\|moves\):.\(.*\)/\2/p' /proc/$away/ssi" | xargs)"
on 3 "kill -TERM $away"
wait $away
say terminated $?

# a node that was lost has no processes, and nobody waits for ever
on 3 "sleep 1000 > /dev/null 2>&1 & echo \$!" > /tmp/lost
lost=$(cat /tmp/lost)
say lives "$(kill -0 $lost && echo yes)"
net cut 3
start=$(date +%s)
kill -0 $lost 2> /tmp/error
say lost "$? $([ $(($(date +%s) - start)) -le 60 ] && echo soon)"
net heal
until_so kill -0 $lost 2> /dev/null
say back "$(kill -0 $lost && echo yes)"

# another node's number, and no longer a member
ssi leave > /dev/null
say join "$(sh -c 'echo $$')"
say left "$(kill -0 $lost 2>&1 | sed 's/.*: //')"
say moved "$(ssi join lab 7 10.77.0.1 2>&1 | grep -c "another node's number")"
say local "$(ssi join --local-pids lab 7 10.77.0.1 > /dev/null && ssi status | sed -n 's/^pids *//p')"
SCRIPT
cluster -n 3 --rootfs util-linux --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
million() { echo $(($(get "$1") / 1000000)); }
same "numbers of node 1" 1 "$(million here)"
same "numbers of node 2" 2 "$(million there)"
same "numbers of node 3" 3 "$(million third)"
same "kernel threads have local numbers" "" "$(get kthreads)"
ok "init is process 1" test -n "$(get init)"
same "ssi status" "2000000 to 2999999" "$(get status)"
same "pid_max" 4194304 "$(get pid_max)"
same "the last number" 3 "$(get last_pid)"
same "servers" 4 "$(get servers | tr ' ' '\n' | grep -c '^2......$')"
grep -E '^((not )?ok|#) ' "$scratch/out"
same "system calls that failed" "0 0" "$(get checked) $(grep -c '^not ok' "$scratch/out")"
ok "system calls ran" grep -q '^1\.\.[4-9]' "$scratch/out"
same "nice value" -5 "$(get nice)"
same "groups: calls that failed" 0 "$(get groups)"
same "a group is stopped" 3 "$(get "group stopped")"
same "root's kill -CONT -1 stays here" T "$(get "still stopped")"
same "a user's kill -1 reaches all nodes" "0 0" "$(get "user's kill") $(get "user's gone")"
same "a user's kill -1 without any more" 0 "$(get "user's kill again")"
same "and nobody else's" 3 "$(get "root's live")"
same "a group is killed" 0 "$(get "group killed")"
same "memory: calls that failed" 0 "$(get vm)"
same "memory of one that is away: calls that failed" 0 "$(get "vm away")"
same "ssi migrate, of a process of another node" 1 \
	"$(get tool.migrate | grep -c '^0 .* is on node 3; its home is node 2')"
same "ssi why" '"node":3' "$(get tool.json)"
same "ssi home" "0 1" "$(get tool.home)"
same "processes of two nodes at a time: refused" 1 "$(get tool.mixed)"
same "no such process there" 3 "$(get tool.none)"
same "no such node" 3 "$(get tool.nonode)"
same "somebody else's process" 4 "$(get tool.user)"
same "stopped" T "$(get stopped)"
same "continued" S "$(get continued)"
same "killed" "yes yes" "$(get killed)"
same "no such process any more" "No such process" "$(get again)"
same "what the first server got" \
	"first USR1 code 0 pid here uid 0 value 0
first RT1 code -1 pid here uid 0 value 4711
first TERM code 0 pid here uid 0 value 0" "$(get root | grep -v -e '^[0-9]' -e '^second')"
same "what its second thread got" "second USR2 code -6 pid here uid 0 value 0" "$(get root | grep '^second')"
same "what the user's server got" \
	"first USR1 code 0 pid here uid 1000 value 0
first RT1 code 0 pid here uid 1000 value 0
first other code 0 pid here uid 0 value 0" "$(get user | grep -v '^[0-9]')"
same "a process is away" 1 "$(get away)"
same "/proc/PID/ssi, from another node" "1 2 1" "$(get report)"
same "its home gets the signal" 143 "$(get terminated)"
same "a process of a node that lives" yes "$(get lives)"
same "a process of a node that is lost" "1 soon" "$(get lost)"
same "and when it is back" yes "$(get back)"
ok "left: local numbers again" test "$(get join)" -lt 1000000
same "left: no others" "No such process" "$(get left)"
same "join as another node: refused" 1 "$(get moved)"
same "join with local numbers" "not the cluster's" "$(get local)"

# the largest numbers, and a node that comes back
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
say before "$(sh -c 'echo $$')"
say large "$(ssi join lab 999 10.77.0.1 2>&1 | grep -c '1 to 267')"
ssi join --pid-stride 250000 lab 999 10.77.0.1 > /dev/null
say status "$(ssi status | sed -n 's/^pids *//p')"
say after "$(sh -c 'echo $$')"
i=0
while [ $((i += 1)) -le 30 ]; do
	sleep 1000 &
done
say listed "$(/usr/lib/ssi/tests/remote list | grep -c '^2505')"
[ -e /proc/sys/kernel/ns_last_pid ] || say error "no ns_last_pid"
say clock "$(/usr/lib/ssi/tests/remote clock)"
echo 250749998 > /proc/sys/kernel/ns_last_pid
say last "$(sh -c 'echo $$')"
say wrapped "$(sh -c 'echo $$' | cut -c 1-5)"
say foreign "$(echo 250750000 2> /dev/null > /proc/sys/kernel/ns_last_pid || echo refused)"
ssi leave > /dev/null
say left "$(sh -c 'echo $$') $(cat /proc/sys/kernel/pid_max)"
ssi join --pid-stride 250000 lab 999 10.77.0.1 > /dev/null
say back "$(sh -c 'echo $$')"
SCRIPT
cluster -n 1 --no-join --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "alone: exit status" 0 $?
ok "before the join: a local number" test "$(get before)" -lt 32768
same "node 999 has no million" 1 "$(get large)"
same "node 999 has a quarter" "250500000 to 250749999" "$(get status)"
same "a number of node 999" 2505 "$(get after | cut -c 1-4)"
same "CPU clocks of large numbers" run "$(get clock)"
ok "all are in /proc" test "$(get listed)" -ge 30
same "the last number" 250749999 "$(get last)"
same "numbers begin anew" 25050 "$(get wrapped)"
same "one of another node" refused "$(get foreign)"
ok "left: local numbers, the old limit" test "$(get left | cut -d ' ' -f 1)" -lt 32768
same "left: pid_max" 32768 "$(get left | cut -d ' ' -f 2)"
same "back: a number of node 999" 2505 "$(get back | cut -c 1-4)"
finish
