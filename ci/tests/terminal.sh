#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# Programs on another node have the terminal that they were started at: the keyboard, jobs
# in the foreground and in the background, and shells with jobs of their own.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
words_inside > "$scratch/overlay/inside"
cat >> "$scratch/overlay/inside" <<'SCRIPT'
t=/usr/lib/ssi/tests/terminal
# try NAME TEST COMMAND...: how it ended, and how many checks passed
try()
{
	name=$1; test=$2
	shift 2
	$t $test "$@" > /tmp/out
	say "$name" "$? $(grep -c '^ok' /tmp/out)"
	grep -v '^ok\|^1\.\.' /tmp/out
}

try of_here of $t inside
try of_2 of ssi run -n 2 $t inside
try of_2_3 of ssi run -n 2 ssi run -n 3 $t inside
try of_2_1 of ssi run -n 2 ssi run -n 1 $t inside
try job job ssi run -n 2 cat
# the keyboard means the whole process group
try group job ssi run -n 2 sh -c 'cat; :'
try background background ssi run -n 2 cat
try background_2_3 background ssi run -n 2 ssi run -n 3 cat
try background_group background ssi run -n 2 sh -c 'cat; :'
try shell_here shell sh -i
try shell shell ssi run -n 2 sh -i
try shell_2_3 shell ssi run -n 2 ssi run -n 3 sh -i
try hangup hangup ssi run -n 2 sh -i
until_so on -n 2 '! ps | grep -q "[s]leep 1009"'
say hung_up "$(on 2 'ps | grep -c "[s]leep 1009"')"

# what the program has left behind is not to take the shell's input
cat > /tmp/leaves <<'END'
exec 3<&0
(while [ -d /proc/$1 ]; do usleep 100000; done; sleep 1; read line <&3; echo "$? $line" > /tmp/left) &
END
on 2 'cat > /tmp/leaves' < /tmp/leaves
try left job sh -c 'ssi run -n 2 sh -c "sh /tmp/leaves \$\$" 2> /dev/null; exec cat'
until_so on -n 2 'test -s /tmp/left'
say left_behind "$(on 2 cat /tmp/left)"
# the node of a shell is lost, while that waits for its job
export LOSE='net cut 1 2'
try lost lost ssi run -n 2 sh -i
net heal
until_so sh -c 'ssi run -n 2 true 2> /dev/null'
until_so on -n 2 '! ps | grep -q "[s]leep 1009"'
say lost_there "$(on 2 'ps | grep -c "[s]leep 1009\|[s]h -i"')"
until_so clean; say clean "$(clean && echo yes)"; clean || for n in 1 2 3; do objects $n; done
SCRIPT
cluster -n 3 --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
grep -v '^[a-z0-9_]*: ' "$scratch/out" | sed 's/^/# /'

same "job control of one machine" "0 44" "$(get of_here)"
same "... of a program on another node" "0 44" "$(get of_2)"
same "... on the node after that" "0 44" "$(get of_2_3)"
same "... and back" "0 44" "$(get of_2_1)"
same "^Z, ^C and ^D" "0 10" "$(get job)"
same "... for a process group" "0 10" "$(get group)"
same "a job in the background" "0 6" "$(get background)"
same "... on the node after that" "0 6" "$(get background_2_3)"
same "... that is a process group" "0 6" "$(get background_group)"
same "a shell of one machine" "0 13" "$(get shell_here)"
same "... on another node" "0 13" "$(get shell)"
same "... on the node after that" "0 13" "$(get shell_2_3)"
same "the terminal goes away" "0 3" "$(get hangup)"
same "... for the shell's job, too" 0 "$(get hung_up)"
same "a program leaves somebody behind" "0 10" "$(get left)"
same "... who gets nothing" "1 " "$(get left_behind)"
same "the node of a shell is lost" "0 5" "$(get lost)"
same "... which ends, and its job" 0 "$(get lost_there)"
same "nothing is left" yes "$(get clean)"
finish
