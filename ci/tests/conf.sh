#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 300
#
# One file describes the cluster to all nodes: they join by it, nodes are added and removed
# while it runs, on all members and in the file, and who watches sees why one is lost.

. "$(dirname "$0")/lib.bash"

mkdir -p "$scratch/overlay/etc/ssi"
cp "$(dirname "$0")/states.bash" "$scratch/overlay"
cat > "$scratch/overlay/etc/ssi/cluster.conf" <<'CONF'
# the same on all nodes
cluster	lab
deadline 8
lend 512
uids 0,500-600

node 1	10.77.0.1
node 2	10.77.0.2	# in the middle
node 3	10.77.0.3:7475
CONF
# with mistakes, and with what is not so: 3 has another address, and 2 two lines
sed 's/^cluster.*/clutser lab/; s/^node 2.*/node 3 10.77.0.2/' "$scratch/overlay/etc/ssi/cluster.conf" \
	> "$scratch/overlay/etc/ssi/mistaken.conf"
sed 's/^node 3.*/node 3 10.77.0.9/' "$scratch/overlay/etc/ssi/cluster.conf" > "$scratch/overlay/etc/ssi/wrong.conf"
chmod 644 "$scratch/overlay/etc/ssi/"*.conf
(umask 077; head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$scratch/overlay/etc/ssi/key")
cat > "$scratch/overlay/inside" <<'SCRIPT'
. /states.bash
told() { "$@" 2>&1 | sed 's/^ssi: //' | tr '\n' ' '; }
conf=/etc/ssi/cluster.conf
# the nodes in the file of node $1, and that nothing else is another
file() { on -n $1 "sed -n 's/^node \([0-9]*\).*/\1/p' $conf" | tr '\n' ' '; on -n $1 "grep -vc '^node' $conf; stat -c %a $conf" | tr '\n' ' '; }
known() { ssi --json nodes | tr -d ' \n' | grep -o '"id":[0-9]*' | tr -dc '0-9\n' | tr '\n' ' '; }

say parameters "$(cat /sys/module/ssi/parameters/cluster)"
say check "$(on -n 2 ssi join --check)"
say untouched "$(on -n 2 ssi status 2>&1)"
say mistaken "$(on -n 3 ssi join --config /etc/ssi/mistaken.conf 2>&1 | tr '\n' ' ')"
say nobody "$(on -n 3 ssi join --config /etc/ssi/wrong.conf 2>&1)"
say wrong "$(on -n 3 ssi join --config /etc/ssi/wrong.conf --node 3 2>&1)"
say refused "$(on -n 3 ssi status 2>&1 | grep -c 'has not joined') $(on -n 3 ssi nodes | grep -c 10.77)"

for n in 1 2 3; do on $n ssi join; done > /tmp/joined 2>&1
say joined "$(tr '\n' ' ' < /tmp/joined)"
say members "$(await 1 2 member) $(await 1 3 member) $(await 2 1 member) $(await 2 3 member) $(await 3 1 member) $(await 3 2 member)"
P=/sys/module/ssi/parameters
lent() { on -n $1 "cat $P/lend $P/uids" | tr '\n' ' '; }
say lent "$(lent 1)$(lent 2)"
on 2 "sed -i 's/^lend.*/lend 0/; /^uids/d' $conf; ssi join" > /dev/null; say lent_again "$(lent 2)$(lent 1)"
on 2 "sed -i 's/^lend.*/lend 512/; s/^deadline.*/&\nuids 0,500-600/' $conf"
say encrypted "$(ssi status | grep -c '^encrypted *yes')"
say again "$(told ssi join) $?"
say other "$(told ssi join --node 2)"

# while a process of node 2 is on node 3, that stays
pid=$(on 2 'sleep 1000 > /dev/null 2>&1 & ssi run -n 3 sleep 1000 > /dev/null 2>&1 & echo $!')
until on -n 2 ssi --json status | grep -q '"stubs": *1'; do usleep 200000; done
say busy "$(told ssi node remove 3) $(state 1 3) $(state 2 3)"
on 2 kill $pid
until on -n 2 ssi --json status | grep -q '"stubs": *0'; do usleep 200000; done
say self "$(told ssi node remove 1)"
ssi node remove 3 > /tmp/out 2>&1; say removed "$? $(tr '\n' ' ' < /tmp/out)"
say left "$(known), $(on -n 2 ssi nodes | grep -c 10.77.0.3)"
ssi node remove --save 3 > /tmp/out 2>&1; say saved "$? $(tr '\n' ' ' < /tmp/out)"
say files "$(file 1), $(file 2), $(file 3)"
say none "$(told ssi node remove 3)"

# from another node, by which all know it again
on 2 ssi node add --save 3@10.77.0.3 > /tmp/out 2>&1; say added "$? $(tr '\n' ' ' < /tmp/out)"
say back "$(await 1 3 member) $(await 2 3 member) $(await 3 1 member)"
say files_back "$(file 1), $(file 2)"
# what has been added to the file is known when this node joins again
ssi nodes del 3 > /dev/null
say idempotent "$(told ssi join) $(await 1 3 member)"

# whatever it costs: of 1 on 3, of 3 on 1, of 1 on 2
spin() { on $1 'sh -c "i=0; while :; do i=\$((i + 1)); done" > /dev/null 2>&1 & echo $!'; }
alive() { on -n $1 "kill -0 $2 2> /dev/null && echo yes || echo no"; }
away=$(spin 1); three=$(spin 3); safe=$(spin 1)
ssi migrate $away 3 > /dev/null; on 3 ssi migrate $three 1 > /dev/null; ssi migrate $safe 2 > /dev/null
say unforced "$(told ssi nodes del 3)"
ssi node remove --force 3 > /tmp/out 2>&1; say forced "$? $(tr '\n' ' ' < /tmp/out)"
say cost "$(alive 1 $away) $(alive 1 $safe) $(known), $(on -n 2 ssi nodes | grep -c 10.77.0.3)"
i=0; while [ "$(alive 3 $three)" = yes ] && [ $((i += 1)) -lt 100 ]; do usleep 100000; done
say there "$(alive 3 $three) $(on -n 3 ssi --json status | grep -c '"guests": *0')"
ssi node add 3@10.77.0.3 > /dev/null 2>&1
say again_member "$(await 1 3 member) $(await 2 3 member) $(await 3 1 member)"
ssi home $safe > /dev/null; kill $safe
clock() { ssi nodes | grep -cE " \+1 min [34][0-9] s "; }
behind() { on -n 3 ssi nodes | grep -cE ' -1 min [34][0-9] s '; }
say clock_before "$(clock)"
on 3 'date -s "@$(($(date +%s) + 100))"' > /dev/null
i=0; while [ "$(clock) $(behind)" != "1 2" ] && [ $((i += 1)) -lt 100 ]; do usleep 100000; done
# once for each time that it became a member, which on a busy machine may be several
say clock "$(clock) $(dmesg | grep 'the clock of node 3 is [0-9]* s ahead of this one' | sed 's/^.*\(clock of node\).*/\1/' | sort -u) $(behind)"

ssi status --watch > /tmp/watch 2> /dev/null & watch=$!
ssi --json status --watch > /tmp/json & json=$!
until [ -s /tmp/watch ] && [ -s /tmp/json ]; do usleep 100000; done
node kill 3
say lost "$(await 1 3 lost) $(await 2 3 lost)"
has() { i=0; until grep -q "$2" $1 || [ $((i += 1)) = 100 ]; do usleep 100000; done; grep -q "$2" $1 && echo yes; }
say watched "$(has /tmp/watch '^[0-9:.]*  node 3 is lost: no heartbeat$') $(has /tmp/watch '^members    1 of 2') $(has /tmp/watch '^ *3 .* lost .* no heartbeat$')"
say escapes "$(grep -c "$(printf '\033')" /tmp/watch)"
say json "$(has /tmp/json '"event":"node","node":3,"state":"lost","reason":"no heartbeat"') $(has /tmp/json '"event":"status".*"members":1.*"nodes":\[.*"state":"lost"')"
kill $json
ssi node add 4@10.77.0.4 > /tmp/out 2>&1; say untold "$? $(tr '\n' ' ' < /tmp/out)"
ssi leave > /dev/null; left=$?
wait $watch; say ended "$left $?"
SCRIPT
cluster -n 3 --no-join --append 'ssi.cluster= ssi.node=0' --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "no boot parameter names a cluster" "" "$(get parameters)"
same "which node it would be" 1 "$(get check | grep -c 'would be node 2 of cluster lab on 10.77.0.2:7475, with 2 other nodes, with a key')"
same "and nothing was done" 1 "$(get untouched | grep -c 'has not joined')"
same "mistakes are told by line" 1 "$(get mistaken | grep -c 'mistaken.conf:2: .*"clutser".*mistaken.conf:9: Node 3 stands in line 8 already')"
same "a file without this machine" 1 "$(get nobody | grep -c 'None of the nodes in .* has an address of this machine')"
same "a file that gives it another address" 1 "$(get wrong | grep -c 'No interface of this machine has the address')"
same "left nothing behind" "1 0" "$(get refused)"
same "all join without arguments" 3 "$(get joined | grep -o 'This node is node [123] of cluster lab now; 2 other nodes' | wc -l)"
same "and become members" "member member member member member member" "$(get members)"
same "what they lend is set" "512 0,500-600 512 0,500-600 " "$(get lent)"
same "and again when they have joined" "0 0,500-600 512 0,500-600 " "$(get lent_again)"
same "with the key" 1 "$(get encrypted)"
same "joining again is no error" "This node is node 1 of cluster lab already.  0" "$(get again)"
same "but as another node it is" 1 "$(get other | grep -c 'node 1 of cluster lab already: .ssi leave. first')"
same "a node with a program is not removed" 1 "$(get busy | grep -c 'On node 2: Node 3 cannot be removed (programs that one has started on the other: 1).*Nothing was removed anywhere\. *member member$')"
same "nor this one" 1 "$(get self | grep -c 'is this node itself')"
same "another one is, on all members" 1 "$(get removed | grep -c '^0 node 2: done; .*cluster.conf still has node 3.* node 1: done; .* say .ssi leave. there')"
same "and known to none" "2 , 0" "$(get left)"
same "the files follow" 1 "$(get saved | grep -c '^0 node 2: done node 1: done')"
same "in their lines, and mode" "1 2 6 644 , 1 2 6 644 , 1 2 3 6 644 " "$(get files)"
same "there is no such node then" 1 "$(get none | grep -c 'No node knew of any of them')"
same "added from another node" 1 "$(get added | grep -c '^0 node 2: done node 1: done')"
same "it is a member" "member member member" "$(get back)"
same "the files have it" "1 2 3 6 644 , 1 2 3 6 644 " "$(get files_back)"
same "joining again makes known what the file has" "This node is node 1 of cluster lab already. Node 3 was not known and is now.  member" "$(get idempotent)"
same "with processes there a node is not removed" 1 "$(get unforced | grep -c 'Node 3 was not removed: ')"
same "but by force, from all members" 1 "$(get forced | grep -c '^0 node 2: done; .*node 1: done; Node 3 was removed with all .*(guests of it here: 1, processes of this node there: 1)')"
same "what was there is dead, what was elsewhere is not" "no yes 2 , 0" "$(get cost)"
same "it has lost what it had here" "no 1" "$(get there)"
same "it can be added again" "member member member" "$(get again_member)"
same "clocks agree" 0 "$(get clock_before)"
same "one that does not is told, by both" "1 clock of node 2" "$(get clock)"
same "a node is lost" "lost lost" "$(get lost)"
same "who watches is told why" "yes yes yes" "$(get watched)"
same "without a terminal's language" 0 "$(get escapes)"
same "and in JSON" "yes yes" "$(get json)"
same "who cannot be told is named" 1 "$(get untold | grep -c '^2 node 1: done; .* lacks node 4.* node 2: done.*node 3: not told: it is lost.*repeat .ssi node add 4@10.77.0.4')"
same "who watches is done when this node leaves" "0 5" "$(get ended)"
finish
