#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# output.sh SSI: what does the tool print and exit with? SSI is linked against
# fake_kernel.c, which says what the processes in here are. Prints TAP.

ssi=${1:?which program?}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
nr=0
failed=0

# expect STATUS PATTERN ARGUMENT...: the status, and one line of what is printed
# (standard output if the status is 0, else standard error) that matches
expect()
{
	want=$1
	pattern=$2
	shift 2
	nr=$((nr + 1))
	status=0
	"$ssi" "$@" > "$dir/0" 2> "$dir/1" || status=$?
	file=$dir/1
	[ "$want" = 0 ] && file=$dir/0
	if [ $status = "$want" ] && grep -qE -- "$pattern" "$file"; then
		echo "ok $nr - ssi $*: $want, $pattern"
	else
		failed=$((failed + 1))
		echo "not ok $nr - ssi $*: $status instead of $want, or no line $pattern"
		sed 's/^/# stdout: /' "$dir/0"
		sed 's/^/# stderr: /' "$dir/1"
	fi
}

# json CONDITION ARGUMENT...: CONDITION in Python about the document d
json()
{
	condition=$1
	shift
	nr=$((nr + 1))
	"$ssi" --json "$@" > "$dir/0" 2> "$dir/1"
	if python3 -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($condition))" \
		< "$dir/0" 2> "$dir/2"; then
		echo "ok $nr - ssi --json $*: $condition"
	else
		failed=$((failed + 1))
		echo "not ok $nr - ssi --json $*: $condition"
		sed 's/^/# /' "$dir/0" "$dir/1" "$dir/2"
	fi
}

export FAKE_ALONE=1
expect 5 "^ssi: This node has not joined a cluster: use 'ssi join'\.$" status
json 'd["joined"] is False' status
expect 0 "109 .worker. is at home: this node has not joined" why 109
expect 4 "^ssi: This node did not join: .*run it as root\.$" join
unset FAKE_ALONE

expect 0 "^node       1 of cluster lab$" status
expect 0 "^listening  10\.0\.0\.1:7475$" status
expect 0 "^deadline   5\.0 s$" status
json 'd["incarnation"] == "fedcba9876543210" and d["members"] == 1' status
expect 0 "node 1 of cluster lab already" join

expect 0 "^ *2  -  *member .* 250\.0 us  *4 " nodes
expect 0 "^ *3 .* lost .* no answer within the deadline$" nodes
json '[n["id"] for n in d if n["state"] == "member"] == [2]' nodes

expect 0 "^101  *1  *2  *2/2 .* 412  -  *x\?\[31mz$" ps
expect 0 "^102  *2  *1 " ps
expect 0 "shared-mapping  worker$" ps
json 'len(d) == 3 and 0 < d[0]["traps_per_second"] < 420' ps
json 'd[0]["traps_per_second"] == 0' ps --interval 0
json 'd[0]["command"] == "x\033[31mz" and d[1]["role"] == "guest"' ps
FAKE_IDLE=1 json 'd == []' ps
FAKE_IDLE=1 expect 0 "^PID  HOME  NODE" ps

expect 0 "^101 \(x\?\[31mz\) is on node 2; its home is node 1\.$" why 101
expect 0 "the last move stopped it for 3\.1 ms\.$" why 101
expect 0 "^102 \(worker\) executes here, on node 1, for its home, node 2\.$" why 102
expect 0 "is at home, node 1: It uses writable memory" why 103
expect 0 "^Start it without shared memory" why 103
expect 0 "nobody asked for it to be moved" why 109
expect 3 "^ssi: Process 110: No such process on this node\.$" why 110
json 'd["reason"] == "shared-mapping" and "advice" in d' why 103
expect 0 "^109 \(worker\) is at home, node 1: nobody asked" why 109
json 'd["reason"] == "none" and d["node"] == 1' why 109

expect 0 "^101 moved to node 2: freeze 3\.120 ms, 412 pages$" migrate 101 2
expect 0 "^105 moved to node 2: freeze 2\.500 ms, 7 pages$" migrate 105 2
expect 0 "^106 moves to node 2 as soon as a system call of it returns$" migrate 106 2
expect 6 "did not move to node 2 within 0\.1 s" migrate --timeout 0.1 106 2
expect 6 "did not move to node 2 within 0\.1 s" migrate --timeout 0.1 108 2
expect 0 "^108 was asked to move to node 2$" migrate --no-wait 108 2
expect 2 "Process 104 was not moved to node 2: It uses writable.*\. Start it" migrate 104 2
expect 2 "Process 103 was not moved to node 2: It uses writable.*\. Start it" migrate 103 2
expect 2 "is not a member" migrate 101 3
expect 3 "There is no such node" migrate 101 4
expect 3 "There is no such process" migrate 110 2
expect 4 "takes the right to trace it\.$" migrate 107 2
expect 2 "Process 103 was not moved" migrate -a 2
expect 0 "^101 is home, 412 of its pages" home 101
expect 0 "^101 is home, 412 of its pages" home -a
expect 0 "^101 is home, 412 of its pages" migrate 101 home
expect 3 "Process 110 " migrate 110 101 104 2
json 'd[0]["moved"] and d[0]["freeze_ns"] == 3120000' migrate 101 2
json '[p["moved"] for p in d] == [False, True]' migrate 104 101 2
json 'd[0]["exit"] == 2 and d[0]["reason"] == "shared-mapping"' migrate 104 2
json 'd[0]["pending"] and not d[0]["moved"]' migrate 106 2

echo "1..$nr"
[ $failed = 0 ] || echo "# $failed of $nr failed"
[ $failed = 0 ]
