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

# run ARGUMENT...: for printed and unprinted
run()
{
	"$ssi" "$@" > "$dir/0" 2> "$dir/1"
}

# result STATUS TEXT: what was checked in another way
result()
{
	nr=$((nr + 1))
	if [ "$1" = 0 ]; then
		echo "ok $nr - $2"
	else
		failed=$((failed + 1))
		echo "not ok $nr - $2"
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

# lines STATUS CONDITION ARGUMENT...: CONDITION about the list d of a document each
# line of standard output
lines()
{
	want=$1
	condition=$2
	shift 2
	nr=$((nr + 1))
	status=0
	"$ssi" --json "$@" > "$dir/0" 2> "$dir/1" || status=$?
	if [ $status = "$want" ] && python3 -c "import json, sys
d = [json.loads(line) for line in sys.stdin]
sys.exit(not ($condition))" < "$dir/0" 2> "$dir/2"; then
		echo "ok $nr - ssi --json $*: $condition"
	else
		failed=$((failed + 1))
		echo "not ok $nr - ssi --json $*: $status instead of $want, or not $condition"
		sed 's/^/# /' "$dir/0" "$dir/1" "$dir/2"
	fi
}

# printed PATTERN: also in what the last one printed
printed()
{
	nr=$((nr + 1))
	if cat "$dir/0" "$dir/1" | grep -qE -- "$1"; then
		echo "ok $nr - and $1"
	else
		failed=$((failed + 1))
		echo "not ok $nr - and $1"
		sed 's/^/# /' "$dir/0" "$dir/1"
	fi
}

# unprinted PATTERN: not in what the last one printed
unprinted()
{
	nr=$((nr + 1))
	if cat "$dir/0" "$dir/1" | grep -E -- "$1" > "$dir/2"; then
		failed=$((failed + 1))
		echo "not ok $nr - but not $1"
		sed 's/^/# /' "$dir/2"
	else
		echo "ok $nr - but not $1"
	fi
}

# Keys of all sorts: from 00 to 1f, one whose id the node has, and one that it refuses.
umask 022
rest=08090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F
echo 0001020304050607$rest > "$dir/key"
echo "00c0ffee00c0ffee$rest  " > "$dir/used"
printf '0000000000000000%s' $rest > "$dir/bad"
chmod 600 "$dir/key" "$dir/used" "$dir/bad"

# keygen asks no kernel
expect 0 "^$dir/new holds a new key\. Copy it to all nodes" keygen "$dir/new"
[ "$(stat -c %a "$dir/new")" = 600 ] && [ "$(wc -l < "$dir/new")" = 1 ] &&
	grep -qx '[0-9a-f]\{64\}' "$dir/new"
result $? "a file of mode 600 with 64 digits"
cp "$dir/new" "$dir/copy"
expect 2 "^ssi: $dir/new is there already: give another file" keygen "$dir/new"
cmp -s "$dir/new" "$dir/copy"
result $? "which is left alone"
json "d == {\"file\": \"$dir/other\"}" keygen "$dir/other"
! cmp -s "$dir/new" "$dir/other"
result $? "two keys differ"
expect 7 "$dir/none/key cannot be made: No such file" keygen "$dir/none/key"
expect 0 "^It is used from now on" key-add "$dir/new"

export FAKE_ALONE=1
expect 5 "^ssi: This node has not joined a cluster: use 'ssi join'\.$" status
json 'd["joined"] is False' status
expect 0 "109 .worker. is at home: this node has not joined" why 109
FAKE_BOOT=lab expect 4 "^ssi: This node did not join: .*run it as root\.$" join --insecure
expect 2 "on this address and port\. Choose another port: ADDRESS:PORT\.$" \
	join --insecure lab 1 10.0.0.1 1@10.0.0.1 2@10.0.0.1 7@10.0.0.7
printed "^fake: removed 7$"
unprinted "removed [12]$"
expect 2 "Node 3 was not added: there is one .*'ssi nodes del 3'" \
	join --insecure lab 1 10.0.0.1 7@10.0.0.7 3@10.0.0.3
printed "^fake: removed 7$"
expect 0 "^This node has left its cluster\.$" leave
json 'd["joined"] is False' leave

export FAKE_BOOT=lab
expect 4 "did not join" join --key "$dir/key"
printed "^fake: key 00 to 1f$"
unprinted "insecure"
expect 4 "did not join" join --insecure
printed "^fake: insecure$"
unprinted "fake: key"
expect 0 "^This would be node 7 of cluster lab by the boot parameters; /etc/ssi/cluster.conf is not read" join --check
json 'd == {"cluster": "lab", "node": 7}' join --check
expect 1 "The boot parameters say which node this is: give --config FILE" join --node 2
unset FAKE_BOOT

# a file that describes the cluster; one that is there by default is not ours
[ -e /etc/ssi/cluster.conf ] ||
	expect 3 "^ssi: Which cluster\? There is no /etc/ssi/cluster\.conf" join
[ -e /etc/ssi/cluster.conf ] ||
	expect 3 "^ssi: Which cluster\? There is no /etc/ssi/cluster\.conf" join --check
expect 3 "^ssi: $dir/conf cannot be read: No such file" join --config "$dir/conf"
cat > "$dir/conf" << EOF
# ours
cluster	lab

node 1 10.0.0.1	# the first
node 4 [fd00::4]:7000
deadline	7.5
pid-stride 250000
local-pids
node 6 10.0.0.1:7476
key $dir/key
EOF
printf 'node 5 10.0.0.5\r\n\t\n  # end' >> "$dir/conf"
cp "$dir/conf" "$dir/good"
expect 2 "^ssi: None of the nodes in $dir/conf has an address of this machine: " \
	join --config "$dir/conf"
export FAKE_ADDRESSES="none fd00::1 10.0.0.9 10.0.0.10"
expect 2 "None of the nodes" join --config "$dir/conf"
FAKE_ADDRESSES="10.0.0.9 10.0.0.1" expect 2 \
	"has two nodes with an address of this machine, 1 in line 4 and 6 in line 9: .* --node\.$" \
	join --config "$dir/conf"
expect 3 "There is no node 7 in $dir/conf\.$" join --config "$dir/conf" --node 7
grep -v '^node 1 ' "$dir/good" > "$dir/conf"
FAKE_ADDRESSES="10.0.0.9 none fd00::4" expect 4 "did not join" join --config "$dir/conf"
printed "^fake: lab 4, port 7000, deadline 7500, stride 250000, local$"
printed "^fake: key 00 to 1f$"
printed "^fake: added 6$"
printed "^fake: removed 5$"
unprinted "(added|removed) 4$"
export FAKE_ADDRESSES="10.0.0.5 192.0.2.1"
expect 4 "did not join" join --config "$dir/conf" --deadline 1 --pid-stride 1000000 --insecure
printed "^fake: lab 5, port 7475, deadline 1000, stride 1000000, local$"
printed "^fake: insecure$"
unprinted "fake: key"
# what --config names counts where there are boot parameters as well
FAKE_BOOT=other expect 4 "did not join" join --config "$dir/conf" --key "$dir/key"
printed "^fake: lab 5, "
expect 0 "^This would be node 5 of cluster lab on 10\.0\.0\.5:7475, with 2 other nodes, with a key\.$" \
	join --check --config "$dir/conf"
unprinted "fake"
json 'd["node"] == 4 and d["listen"] == "[fd00::4]:7000" and [p["id"] for p in d["peers"]] == [6, 5]' \
	join --check --config "$dir/conf" --node 4
json 'd["cluster"] == "lab" and d["encrypted"] and d["peers"][1]["address"] == "10.0.0.1:7476"' \
	join --check --config "$dir/conf"
sed "s|^key.*|key $dir/none|" "$dir/good" > "$dir/conf"
expect 3 "$dir/none cannot be read" join --check --config "$dir/conf"
grep -v ^key "$dir/good" > "$dir/conf"
[ -e /etc/ssi/key ] ||
	expect 2 "There is no key in /etc/ssi/key: copy that of" join --check --config "$dir/conf"
# what this node lends is set before it joins
{ grep -v '^node 1 ' "$dir/good"; printf '\nlend 02048\nuids 0,1000-59999\n'; } > "$dir/conf"
expect 4 "did not join" join --config "$dir/conf"
tr '\n' ' ' < "$dir/1" | grep -q "^fake: ssi.uids=0,1000-59999 fake: ssi.lend=2048 fake: added 4 .*fake: lab 5,"
result $? "the parameters are set first, and as they are meant"
FAKE_PARAMETER=13 expect 4 "^ssi: You may not set ssi\.uids: run it as root\.$" join --config "$dir/conf"
unprinted "fake: (ssi.lend|added|lab|key)"
FAKE_PARAMETER=2 expect 5 "$dir/conf says \"uids\", and this kernel has no .*/uids: mount /sys, or" \
	join --config "$dir/conf"
FAKE_PARAMETER=22 expect 2 "$dir/conf says \"uids 0,1000-59999\", and the kernel did not take it: Invalid" \
	join --config "$dir/conf"
expect 0 "^This would be node 5" join --check --config "$dir/conf"
unprinted "fake"
grep -vE '^(lend|uids|node 1) ' "$dir/good" > "$dir/conf"
expect 4 "did not join" join --config "$dir/conf"
unprinted "fake: ssi"
cp "$dir/good" "$dir/conf"
for mode in 664 646; do
	chmod $mode "$dir/conf"
	expect 2 "$dir/conf may be written by others: chmod go-w it" join --check --config "$dir/conf"
done
run --json join --check --config "$dir/conf"
printed '"error":".*may be written by others.*"exit":2'
# ... and what is there by default is not ours
[ -e /etc/ssi/key ] ||
	FAKE_BOOT=lab expect 2 "did not join: A cluster key is needed: make one with 'ssi keygen'\.$" join
expect 5 "The key was not added: This node has not joined" key-add "$dir/key"
expect 5 "The key was not deleted: This node has not joined" key-del 00c0ffee00c0ffee
expect 5 "This node has not joined a cluster, so it can tell nobody" node add 4@10.0.0.4
expect 5 "This node has not joined" status --watch
lines 5 'len(d) == 1 and d[0]["status"]["joined"] is False' status --watch
unset FAKE_ALONE

expect 0 "^node       1 of cluster lab$" status
expect 0 "^listening  10\.0\.0\.1:7475$" status
expect 0 "^deadline   5\.0 s$" status
expect 0 "^pids       1000000 to 1999999$" status
json 'd["incarnation"] == "fedcba9876543210" and d["members"] == 1' status

expect 0 "^encrypted  yes, key 00c0ffee00c0ffee$" status
json 'd["encrypted"] is True and d["keys"] == ["00c0ffee00c0ffee"]' status
FAKE_TWO_KEYS=1 expect 0 "^encrypted  yes, keys fedcba9876543210, 00c0ffee00c0ffee$" status
FAKE_TWO_KEYS=1 json 'd["keys"] == ["fedcba9876543210", "00c0ffee00c0ffee"]' status
FAKE_INSECURE=1 expect 0 "^encrypted  no: peers are trusted for their addresses$" status
FAKE_INSECURE=1 json 'd["encrypted"] is False and d["keys"] == []' status

expect 0 "^It is used from now on; .* the older one when all have both\.$" \
	key-add "$dir/key"
printed "^encrypted  yes, keys 0001020304050607, 00c0ffee00c0ffee$"
json 'd["keys"] == ["0001020304050607", "00c0ffee00c0ffee"]' key-add "$dir/key"
expect 2 "The key was not added: This key is used already\.$" key-add "$dir/used"
expect 2 "The key was not added: This key cannot be used: make another" key-add "$dir/bad"
FAKE_TWO_KEYS=1 expect 2 "not added: There are two keys: delete the older one" key-add "$dir/key"
FAKE_INSECURE=1 expect 5 "not added: This node has joined without a key: leave" key-add "$dir/key"
FAKE_USER=1 expect 4 "The key was not added: You may not do this: run it as root" key-add "$dir/key"
expect 3 "$dir/none cannot be read: No such file" key-add "$dir/none"
chmod 640 "$dir/key"
expect 2 "Others may read or write $dir/key: chmod 600 it, and " key-add "$dir/key"
FAKE_BOOT=lab expect 2 "Others may read or write $dir/key: chmod 600 it, and " join --key "$dir/key"
chmod 602 "$dir/key"
expect 2 "Others may read or write $dir/key: " key-add "$dir/key"
run --json key-add "$dir/key"
printed '"error":"Others may read.*"exit":2'
chmod 400 "$dir/key"
expect 0 "^It is used from now on" key-add "$dir/key"

expect 2 "The key was not deleted: It is the only key: add its successor" key-del 00c0ffee00c0ffee
expect 3 "^ssi: There is no key 0123456789abcdef: 'ssi status' shows the ids\.$" \
	key-del 0123456789abcdef
FAKE_TWO_KEYS=1 expect 0 "^It is not used any more\. Connections .* stay\.$" \
	key-del 00c0ffee00c0ffee
printed "^encrypted  yes, key fedcba9876543210$"
FAKE_TWO_KEYS=1 json 'd["keys"] == ["00c0ffee00c0ffee"]' key-del FEDCBA9876543210
FAKE_INSECURE=1 expect 5 "not deleted: This node has joined without a key" key-del 00c0ffee00c0ffee
FAKE_USER=1 expect 4 "The key was not deleted: You may not do this" key-del 00c0ffee00c0ffee

FAKE_DEAF=1 expect 7 "The kernel gave no answer: " status
[ -e /etc/ssi/cluster.conf ] || expect 0 "node 1 of cluster lab already" join --insecure
FAKE_BOOT=lab expect 0 "node 1 of cluster lab already" join --insecure
FAKE_BOOT=lab json 'd["joined"] and d["node"] == 1' join --insecure
expect 2 "node 1 of cluster lab already: 'ssi leave' first" \
	join --insecure lab 1 10.0.0.1 7@10.0.0.7
unprinted removed
# as the file says, which has grown since
printf 'cluster lab\nnode 1 10.0.0.1\nnode 2 10.0.0.2\ninsecure\n' > "$dir/conf"
chmod 644 "$dir/conf"
export FAKE_ADDRESSES=10.0.0.1
expect 2 "Node 2 was not added: there is one with this id and another address" \
	join --config "$dir/conf"
printf 'cluster lab\nnode 1 10.0.0.1\nnode 4 10.0.0.4\ndeadline 5\ninsecure\n' > "$dir/conf"
expect 0 "^This node is node 1 of cluster lab already\.$" join --config "$dir/conf"
printed "^Node 4 was not known and is now\.$"
printed "^Node 2 is known, but not in $dir/conf: 'ssi nodes del 2' forgets it\.$"
printed "^It is with a key until it leaves and joins again\.$"
unprinted "deadline|process ids"
unprinted "fake: ssi"
{ cat "$dir/conf"; echo lend 0; } > "$dir/lend.conf"
expect 0 "^This node is node 1 of cluster lab already\.$" join --config "$dir/lend.conf"
printed "^fake: ssi\.lend=0$"
unprinted "fake: ssi.uids"
FAKE_PARAMETER=13 expect 4 "^ssi: You may not set ssi\.lend" join --config "$dir/lend.conf"
unprinted "added"
FAKE_INSECURE=1 expect 0 "^Its deadline stays 5 s until it leaves" \
	join --config "$dir/conf" --deadline 6 --pid-stride 250000
printed "^It has 1000000 process ids until it leaves"
unprinted "a key until"
json 'd["joined"] and d["node"] == 1' join --config "$dir/conf"
expect 2 "node 1 of cluster lab already: 'ssi leave' first" join --config "$dir/conf" --node 4
sed s/lab/other/ "$dir/conf" > "$dir/other.conf"
expect 2 "node 1 of cluster lab already: 'ssi leave' first" join --config "$dir/other.conf"
sed 's/^node 1.*/node 1 10.0.0.8/' "$dir/conf" > "$dir/other.conf"
expect 2 "listens on 10\.0\.0\.1:7475, not on 10\.0\.0\.8:7475 as in $dir/other.conf: 'ssi leave'" \
	join --config "$dir/other.conf" --node 1
FAKE_BUSY=1 expect 2 "did not leave: Processes are away.*'ssi home -a' brings" leave

expect 0 "^ *2  -  *member  *1 h 2 min  *250\.0 us  *-2\.5 s  *4 " nodes
printed "^NODE .*  RTT  *CLOCK  *CPUS  *RUN  *LOST  *REASON$"
expect 0 "^ *3 .* lost  *5\.2 s  *-  *-  *-  *-  *0  no heartbeat$" nodes
json '[n["state_ms"] for n in d] == [3723000, 5200]' nodes
json '[n.get("clock_ns") for n in d] == [-2500000000, None]' nodes
FAKE_CLOCK=99999999 expect 0 " 250\.0 us  *-  *4 " nodes
FAKE_CLOCK=-99999999 expect 0 " 250\.0 us  *-  *4 " nodes
FAKE_CLOCK=99999999 json 'd[0]["clock_ns"] == 99999999' nodes
FAKE_CLOCK=100000000 expect 0 " 250\.0 us  *\+100\.0 ms  *4 " nodes
FAKE_CLOCK=-3780000000000 expect 0 " 250\.0 us  *-1 h 3 min  *4 " nodes
FAKE_CLOCK=-9223372036854775808 expect 0 " 250\.0 us  *-106751 d 23 h  *4 " nodes
FAKE_CLOCK=-9223372036854775808 json 'd[0]["clock_ns"] == -2 ** 63' nodes
expect 2 "Node 1 was not added: This is the id of this node itself" \
	nodes add 7@10.0.0.7 1@10.0.0.1
printed "^fake: removed 7$"
expect 3 "Node 9 was not removed: There is no node with this id\. 'ssi nodes' lists them\.$" \
	nodes del 7 9
printed "^fake: removed 7$"
FAKE_BUSY=1 expect 2 "Node 7 was not removed: Processes are away" nodes del 7
# whatever it costs, which is told if it cost anything
export FAKE_BUSY=1
expect 0 "^Node 2 was removed with all that the two had with each other \(guests of it here: 1, processes of this node there: 1\)\.$" \
	nodes del --force --config "$dir/none" 2
printed "^fake: removed 2 by force$"
run nodes del --force --config "$dir/none" 7
result $? "what nothing ties is removed by force"
printed "^fake: removed 7 by force$"
unprinted "with each other|ssi:"
FAKE_DYING=3 expect 0 "^Node 2 was removed with all" nodes del --force --config "$dir/none" 2
printed "^fake: removed 2 by force$"
FAKE_DYING=1000000 expect 6 "^ssi: Node 2 is lost, but still in the list after 10 s \(What the node left here is not gone yet: try again\): see which" \
	nodes del --force --config "$dir/none" 2
unprinted "removed"
expect 3 "Node 9 was not removed: There is no node with this id" nodes del --force --config "$dir/none" 9
json '[n["id"] for n in d] == [2, 3]' nodes del --force --config "$dir/none" 2
unset FAKE_BUSY
json '[n["id"] for n in d if n["state"] == "member"] == [2]' nodes

# somebody else owns the list
printf 'cluster lab\nmembership corosync\nnode 1 10.0.0.1\n' > "$dir/corosync.conf"
chmod 644 "$dir/corosync.conf"
expect 2 "^ssi: $dir/corosync.conf says \"membership corosync\": ssi-corosync owns the list" \
	join --config "$dir/corosync.conf"

# a change of the list, and of the file
expect 0 "^$dir/conf lacks node 7, 5: give --save, or edit it$" \
	nodes add --config "$dir/conf" 7@10.0.0.7 4@10.0.0.4 5@10.0.0.5
expect 0 "^$dir/conf still has node 4: give --save, or edit it$" nodes del --config "$dir/conf" 4 7
printed "^fake: removed 7$"
run nodes add --config "$dir/none" 7@10.0.0.7
unprinted "none"
echo frob >> "$dir/other.conf"
expect 0 "^$dir/other.conf has mistakes: 'ssi join --check' tells them$" \
	nodes add --config "$dir/other.conf" 7@10.0.0.7
expect 1 "^ssi: $dir/other.conf:6: There is no word \"frob\"" \
	nodes add --save --config "$dir/other.conf" 7@10.0.0.7
unprinted "added"
expect 3 "$dir/none cannot be changed: No such file" nodes add --save --config "$dir/none" 7@10.0.0.7
unprinted "added"
expect 2 "$dir/conf:3: Node 4 has another address there: edit that line" \
	nodes add --save --config "$dir/conf" 4@10.0.0.5
unprinted "added"
expect 2 "$dir/conf:3: Node 4 has the address of node 5 there: edit that line" \
	nodes add --save --config "$dir/conf" 5@10.0.0.4
unprinted "added"
cp "$dir/good" "$dir/conf"
chmod 640 "$dir/conf"
ln -s conf "$dir/link"
run nodes add --save --config "$dir/link" 7@10.0.0.7 8@[fd00::8]:7001 4@[fd00::4]:7000
printf 'node 7 10.0.0.7\nnode 8 [fd00::8]:7001\n' > "$dir/lines"
{ head -n 11 "$dir/good"; cat "$dir/lines"; tail -n +12 "$dir/good"; } | cmp -s - "$dir/conf" &&
	[ "$(stat -c %a "$dir/conf")" = 640 ] && [ -L "$dir/link" ]
result $? "nodes are added to the file, after the others and with its mode"
expect 3 "Node 9 was not removed" nodes del --save --config "$dir/conf" 7 9 8
printed "^fake: removed 7$"
run nodes del --save --config "$dir/link" 8
cmp -s "$dir/conf" "$dir/good"
result $? "and taken out of it"
printf 'cluster lab\ninsecure\nnode 9 10.0.0.9' > "$dir/conf"
run nodes add --save --config "$dir/conf" 7@10.0.0.7
[ "$(tail -n 1 "$dir/conf")" = "node 7 10.0.0.7" ] && [ "$(wc -l < "$dir/conf")" = 4 ]
result $? "also after a line without an end"
run nodes del --save --config "$dir/conf" 9
grep -q "node 9" "$dir/conf"
result $((! $?)) "one that only the file has is taken out"
set -- "$dir"/conf.*
[ ! -e "$1" ]
result $? "no file is left over"

# the same on all members
chmod 644 "$dir/conf"
export FAKE_STATE=5
expect 0 "^node 1: done; fake: added 4; $dir/conf lacks node 4, 3: give --save, or edit it$" \
	node add --config "$dir/conf" 4@10.0.0.4 3@10.0.0.1
printed "^node 2: done; fake: added 4; $dir/conf lacks node 4, 3: "
unprinted "^node 3|^ssi"
expect 0 "^There is no $dir/none here: change what tells this node of the others" \
	node add --config "$dir/none" 4@10.0.0.4
printed "^node 3: has left; it joins with what its own file says then$"
unset FAKE_STATE
expect 2 "^ssi: 1 node was not changed: .* repeat 'ssi node add 4@10\.0\.0\.4 3@10\.0\.0\.1 1@10\.0\.0\.9', or say 'ssi nodes add 4@" \
	node add --config "$dir/conf" 4@10.0.0.4 3@10.0.0.1 1@10.0.0.9
printed "^node 1: done; fake: added 4; "
# node 2 is told of node 1 as well, which its fake kernel takes for itself
printed "^node 2: fake: added 4; Node 1 was not added: This is the id of this node itself; fake: removed 4$"
FAKE_THREE=1 expect 2 "^ssi: 1 node was not changed" node add --config "$dir/conf" 4@10.0.0.4
printed "^node 3: Nothing can be started there: Node 3 is no member now\. 'ssi nodes' tells why$"
expect 2 "^ssi: 1 node was not changed" node add --config "$dir/conf" 4@10.0.0.4
printed "^node 3: not told: it is lost, and no member now$"
expect 2 "^ssi: No other node was told\.$" node add --config "$dir/conf" 4@10.0.0.4 2@10.0.0.9
printed "^node 1: .*Node 2 was not added: there is one with this id and another address"
unprinted "^node 2"
json '[(n["node"], n["exit"]) for n in d] == [(1, 0), (2, 0), (3, 2)] and "lost" in d[2]["error"]' \
	node add --config "$dir/conf" 4@10.0.0.4
json '[(n["node"], n["exit"]) for n in d] == [(1, 2)]' node add --config "$dir/conf" 2@10.0.0.9
run node add --save --config "$dir/conf" 4@10.0.0.4
grep -qx "node 4 10.0.0.4" "$dir/conf"
result $? "node add --save changes the file"

export FAKE_IDLE=1
expect 0 "^node 2: done; fake: removed 3; fake: removed 4; $dir/conf still has node 4: " \
	node remove --config "$dir/conf" 3 4
printed "^node 1: done; fake: removed 3; fake: removed 4; "
unprinted "say 'ssi leave' there"
expect 2 "^ssi: 1 node was not changed: .* repeat 'ssi node remove --save 2'" \
	node remove --save --config "$dir/conf" 2
printed "^Node 2 itself cannot be told from here: say 'ssi leave' there\.$"
unprinted "^node 2"
FAKE_STATE=5 expect 3 "^ssi: No node knew of any of them: 'ssi nodes' lists them" \
	node remove --config "$dir/conf" 9
printed "^node 2: done; it did not know node 9$"
expect 2 "Node 1 is this node itself: empty it with 'ssi drain'" node remove --config "$dir/conf" 2 1
FAKE_BUSY_ON=2 expect 2 "^ssi: 2 nodes were not changed" node remove --config "$dir/conf" 7
printed "^node 2: Node 7 was not removed: Processes are away"
printed "^node 1: done; fake: removed 7"
unset FAKE_IDLE
expect 2 "On node 1: Node 2 cannot be removed \(guests of it here: 1, processes of this node there: 1\): 'ssi drain'" \
	node remove --config "$dir/conf" 2
printed "^ssi: Nothing was removed anywhere\.$"
unprinted "removed 2$"
# by force nobody is asked
FAKE_STATE=5 expect 0 "^node 1: done; fake: removed 2 by force; Node 2 was removed with all .*there: 1\)$" \
	node remove --force --config "$dir/conf" 2
printed "^Node 2 itself cannot be told from here: say 'ssi leave' there\.$"
unprinted "On node|Nothing was removed"
FAKE_BUSY_ON=2 FAKE_STATE=5 expect 0 "^node 2: done; fake: removed 7 by force" \
	node remove --force --config "$dir/conf" 7
FAKE_THREE=1 expect 2 "repeat 'ssi node remove --force 7', or say 'ssi nodes del --force 7' there\.$" \
	node remove --force --config "$dir/conf" 7
printed "^node 1: done; fake: removed 7 by force"
printf 'node 8 10.0.0.8\n' >> "$dir/conf"
FAKE_STATE=5 run node remove --force --save --config "$dir/conf" 8
grep -q "^node 8" "$dir/conf"
result $((! $?)) "also out of the file"
run nodes del --check --config "$dir/conf" 9
result $? "what nothing ties can be removed"

expect 0 "^101  *1  *2  *2/2 .* 412  -  *x\?\[31mz$" ps
expect 0 "^102  *2  *1 .*t\?\?\?$" ps
expect 0 "^101  *1  *2  *2/2  *-  " ps --interval 0
expect 0 "shared-mapping  worker$" ps
json 'len(d) == 4 and 0 < d[0]["traps_per_second"] < 420' ps
json 'd[0]["traps_per_second"] is None' ps --interval 0
json 'd[0]["command"] == "x\033[31mz" and d[1]["role"] == "guest"' ps
json 'd[1]["command"] == "\u00e9t\x9b\ufffd"' ps
FAKE_IDLE=1 json 'd == []' ps
FAKE_IDLE=1 expect 0 "^PID  HOME  NODE" ps

expect 0 "^101 \(x\?\[31mz\) is on node 2; its home is node 1\.$" why 101
expect 0 "the last move stopped it for 3\.1 ms\.$" why 101
expect 0 "^102 \(..?t\?\?\?\) executes here, on node 1, for its home, node 2\.$" why 102
printed "'ssi ps' on node 2 shows it"
expect 0 "belongs on node 2, but is at home, node 1" why 106
printed "^0 of 2 threads are away"
printed "in system calls"
expect 0 "belongs on node 2, but is at home, node 1" why 111
printed "It uses AMX tile registers\.$"
printed "^Start it without AMX"
unprinted "stopped it for"
expect 0 "is at home, node 1: It uses writable memory" why 103
expect 0 "^Start it without shared memory" why 103
expect 0 "at home, node 1: It is a thread of the kernel\.$" why 104
expect 0 "nobody asked for it to be moved" why 109
expect 3 "^ssi: Process 110: No such process on this node; give the PID " why 110
json 'd["reason"] == "shared-mapping" and "advice" in d' why 103
expect 0 "^109 \(worker\) is at home, node 1: nobody asked" why 109
json 'd["reason"] == "none" and d["node"] == 1' why 109

expect 0 "^101 moved to node 2: freeze 3\.120 ms, 412 pages$" migrate 101 2
expect 0 "^105 moved to node 2: freeze 2\.500 ms, 7 pages$" migrate 105 2
expect 0 "^106 moves to node 2 as soon as a system call of it returns$" migrate 106 2
expect 6 "did not move to node 2 within 0\.1 s" migrate --timeout 0.1 106 2
expect 6 "did not move to node 2 within 0\.1 s" migrate --timeout 0.1 108 2
expect 0 "^108 was asked to move to node 2$" migrate --no-wait 108 2
expect 2 "Process 104 was not moved to node 2: It is a thread of the kernel\.$" migrate 104 2
expect 2 "Process 103 was not moved to node 2: It uses writable.*\. Start it" migrate 103 2
expect 2 "Process 111 was not moved to node 2: It uses AMX.*\. Start it without" migrate 111 2
expect 2 "is not a member of the cluster now\. 'ssi nodes' tells why\.$" migrate 101 3
expect 2 "vfork child that has not started its program yet\. Move it again when" migrate 112 2
expect 3 "There is no such node\. 'ssi nodes' lists them\.$" migrate 101 4
expect 3 "There is no such node" migrate -a 4
expect 3 "There is no such process" migrate 110 2
expect 3 "There is no such process" migrate 113 2
expect 4 "takes the right to trace it\. Do it as root" migrate 107 2
expect 2 "does not let its user in\. Choose another node, or add the user to ssi\.uids there\.$" migrate 114 2
expect 2 "could not start it or go on with it\. Move it to another node, or see the kernel log" migrate 115 2
expect 2 "Process 103 was not moved" migrate -a 2
unprinted "113"
expect 0 "^101 is home, 412 of its pages follow$" home 101
expect 0 "^101 is home, 412 of its pages follow$" home -a
expect 0 "^101 is home, 412 of its pages follow$" migrate 101 home
expect 0 "^103 is home$" home 103
FAKE_IDLE=1 expect 0 "^there is nothing to move home$" home -a
FAKE_IDLE=1 json 'd == []' home -a
expect 3 "Process 110 " migrate 110 101 104 2
json 'd[0]["moved"] and d[0]["freeze_ns"] == 3120000' migrate 101 2
json '[p["moved"] for p in d] == [False, True]' migrate 104 101 2
json 'd[0]["exit"] == 2 and "thread of the kernel" in d[0]["error"]' migrate 104 2
json 'd[0]["exit"] == 2 and d[0]["reason"] == "amx" and "AMX" in d[0]["error"]' migrate 111 2
json 'd[0]["exit"] == 3 and "no such node" in d[0]["error"]' migrate 101 4
json 'd[0]["exit"] == 6 and d[0]["pending"]' migrate --timeout 0.1 108 2
json 'd[0]["pending"] and not d[0]["moved"] and d[0]["exit"] == 0' migrate 106 2

expect 7 "^ssi: Events cannot be followed: " events
printed "^[0-9:.]{12}  node 3 is lost: no heart\?beat$"
printed "process 101 .worker. moved to node 2: freeze 3\.120 ms, 412 pages$"
printed "process 101 .worker. was killed: node-lost$"
printed "some events were missed"
printed "this tool does not know"
lines 7 '[e["event"] for e in d] == ["node", "moved", "killed", "missed", "unknown"]' events
lines 7 'd[0]["state"] == "lost" and d[1]["freeze_ns"] == 3120000 and d[0]["time"] > 1e9' events

export FAKE_CALM=1
expect 7 "^ssi: Events cannot be followed: " status --watch
printed "^[0-9:.]{12}  node 3 is lost: no heart\?beat$"
printed "process 101 .worker. was killed: node-lost$"
[ "$(grep -c '^node       1 of cluster lab$' "$dir/0")" = 4 ] &&
	[ "$(grep -c '^ *3 .* lost .* no heartbeat$' "$dir/0")" = 4 ]
result $? "the status at first, and after what has happened"
unprinted "$(printf '\033')"
lines 7 '[e["event"] for e in d] == ["status", "node", "moved", "killed", "status", "missed", "status", "unknown", "status"]' \
	status --watch
lines 7 'd[0]["status"]["members"] == 1 and [n["state"] for n in d[4]["nodes"]] == ["member", "lost"]' \
	status --watch
unset FAKE_CALM

echo "1..$nr"
[ $failed = 0 ] || echo "# $failed of $nr failed"
[ $failed = 0 ]
