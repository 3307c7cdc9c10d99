#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: default
# long: all
# timeout: 900
#
# corosync owns the list of members: only nodes of a quorate partition are. Real corosync
# daemons, partitions, and the death of each daemon.

. "$(dirname "$0")/lib.bash"

case $(uname -m)-${ARCH:-x86_64} in
x86_64-x86_64 | aarch64-arm64) ;;
*)
	echo "corosync's libraries are there for this machine's own architecture only"
	exit 4
	;;
esac
"$top/ci/packages" corosync || exit 1
out=$top/build/${ARCH:-x86_64}/corosync
make -C "$top/build/linux/tools/ssi" "O=$out" > "$scratch/make" 2>&1 && [ -x "$out/ssi-corosync" ] || {
	cat "$scratch/make"
	exit 1
}

mkdir -p "$scratch/overlay/"{etc/corosync,etc/ssi,usr/local/sbin,var/lib/corosync,var/run,dev/shm}
cp "$(dirname "$0")/states.bash" "$scratch/overlay"
cp "$out/ssi-corosync" "$scratch/overlay/usr/local/sbin"
(umask 077; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$scratch/overlay/etc/ssi/key")
# The nodes are slow: a token that is lost is missed after 3 s, and after 3.6 s more there is
# another ring. The deadline of the kernel is longer, but in the second part.
cat > "$scratch/overlay/etc/corosync/corosync.conf" <<'EOF'
totem {
	version: 2
	cluster_name: ci
	transport: knet
	crypto_cipher: none
	crypto_hash: none
	token: 3000
}
nodelist {
	node {
		nodeid: 1
		name: node1
		ring0_addr: 10.77.0.1
	}
	node {
		nodeid: 2
		name: node2
		ring0_addr: 10.77.0.2
	}
	node {
		nodeid: 3
		name: node3
		ring0_addr: 10.77.0.3
	}
}
quorum {
	provider: corosync_votequorum
}
logging {
	to_stderr: yes
	to_logfile: no
	to_syslog: no
}
EOF
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
status() { on -n $1 ssi --json status | tr -d ' \n' | sed "s/.*\"$2\":\([a-z0-9]*\).*/\1/"; }
joined() { status $1 joined; }
# what node $1 has in its list
list() { on -n $1 ssi --json nodes | tr -d ' \n' | grep -o '"id":[0-9]*' | cut -d: -f2 | tr '\n' ' '; }
# ids and states
states() { on -n $1 ssi --json nodes | tr -d ' \n' | sed 's/},*/}\n/g' |
	sed -n 's/.*"id":\([0-9]*\),.*"state":"\([a-z]*\)".*/\1=\2/p' | tr '\n' ' '; }
losses() { on -n $1 ssi --json nodes | tr -d ' \n' | grep -o '"losses":[0-9]*' | tr '\n' ' '; }
all_members() {
	until_is "2=member 3=member " states 1
	until_is "1=member 3=member " states 2
	until_is "1=member 2=member " states 3
}
everybody() { echo $(all_members); }
alive() { on -n $1 "kill -0 $2 2> /dev/null && echo yes || echo no"; }
where() { on -n $1 ssi --json why $2 | tr -d ' \n' | sed 's/.*"node":\([0-9]*\),.*/\1/'; }
# spin NODE: a process of that node that computes; prints its PID
spin() { on $1 'sh -c "i=0; while :; do i=\$((i + 1)); done" > /dev/null 2>&1 & echo $!'; }
engine() { on $1 'exec corosync -f >> /tmp/corosync.log 2>&1 &'; }
bridge() { on $1 'ssi-corosync --grace 8 >> /tmp/daemon.log 2>&1 & echo $! > /tmp/daemon.pid'; }
stop() { on $1 "kill $2 \$(cat /tmp/daemon.pid)"; }
told() { on -n $1 "grep -c '$2' /tmp/daemon.log"; }
log() { on -n $1 cat /tmp/daemon.log; }
lent() { on -n $1 cat /sys/module/ssi/parameters/lend; }
seconds() { echo $(($(date +%s) - began)); }
conf() { on $1 "printf '%s\n' 'cluster $2' 'membership corosync' 'deadline $3' 'lend 300' 'node $1 10.77.0.$1' > /etc/ssi/cluster.conf"; }

for n in 1 2 3; do
	on $n 'mount -t tmpfs none /dev/shm'
	conf $n ci 20
done
# the daemons are there first: no quorum, no membership
for n in 1 2 3; do bridge $n; done
sleep 3
say early "$(joined 1) $(told 1 'corosync does not answer')"
engine 1
sleep 10
say alone "$(joined 1)"
engine 2; engine 3
say members "$(everybody)"
on 2 "sed -i 's/^lend.*/lend 200/' /etc/ssi/cluster.conf"; stop 2 -HUP
say lent "$(lent 1) $(until_is 200 lent 2)"

# a partition: node 3 alone. Of 1 on 3, of 3 on 1, of 1 on 2, of 3 at home
away=$(spin 1); three=$(spin 3); safe=$(spin 1); home=$(spin 3)
ssi migrate $away 3 > /dev/null; on 3 ssi migrate $three 1 > /dev/null; ssi migrate $safe 2 > /dev/null
say before "$(where 1 $away) $(where 3 $three) $(where 1 $safe) $(until_is 1 status 3 guests)"
began=$(date +%s)
net cut 3
say minority "$(until_is false joined 3) $(until_is 0 status 3 guests) $(alive 3 $three) $(alive 3 $home)"
say majority "$(until_is '2 ' list 1) $(until_is '1 ' list 2) $(states 1)$(states 2)"
took=$(seconds)
say soon "$([ $took -lt 18 ] && echo yes || echo $took)"
say killed "$(alive 1 $away) $(alive 1 $safe) $(where 1 $safe)"
say why "$(told 3 'There is no quorum: this node has left')"
net heal
say healed "$(everybody)"
say still "$(alive 1 $safe) $(losses 1)"

# only corosync is cut off: the connections of the kernels are well, and end all the same
three=$(spin 3); ssi migrate $safe 3 > /dev/null; on 3 ssi migrate $three 2 > /dev/null
say only "$(where 1 $safe) $(where 3 $three)"
on 3 'kill -STOP $(pidof corosync)'
say stopped "$(until_is '2 ' list 1) $(until_is '1 ' list 2) $(until_is no alive 1 $safe)"
say guests "$(until_is 0 status 3 guests) $(until_is 0 status 2 guests) $(until_is no alive 3 $three)"
on 3 'kill -CONT $(pidof corosync)'
say resumed "$(everybody)"

# corosync dies
away=$(spin 1); ssi migrate $away 2 > /dev/null
on 2 'kill -9 $(pidof corosync)'
say dead "$(until_is false joined 2) $(until_is no alive 1 $away) $(until_is '3 ' list 1)"
say gone "$(told 2 'corosync is gone')"
engine 2
say back "$(everybody)"

# ssi-corosync dies, and is started again in time
away=$(spin 1); ssi migrate $away 2 > /dev/null
before="$(losses 1)"
stop 2 -9; sleep 2; bridge 2
sleep 9
say restarted "$(where 1 $away) $(everybody) $([ "$(losses 1)" = "$before" ] && echo same)"
# and not in time
stop 2 -9
say waited "$(sleep 4; state 1 2) $(until_is '3 ' list 1) $(until_is no alive 1 $away) $(until_is 0 status 2 guests)"
bridge 2
say again "$(everybody)"
# it is stopped, with a guest, and with nothing
away=$(spin 1); ssi migrate $away 2 > /dev/null
stop 2 -TERM; sleep 2
say busy "$(told 2 'Processes are away, or are guests here') $(alive 1 $away) $(state 1 2)"
bridge 2; sleep 1
ssi home $away > /dev/null; kill $away
on 2 ssi drain --stay > /dev/null; on 2 ssi drain --undo > /dev/null
stop 2 -TERM
say term "$(until_is false joined 2) $(until_is '3 ' list 1)"
bridge 2
say started "$(everybody)"

# somebody has a node leave; the list is changed by hand
on 2 ssi leave > /dev/null
say left "$(until_is 1 told 2 'Somebody has had this node leave') $(until_is '3 ' list 1) $(joined 2)"
stop 2 -HUP
say reloaded "$(everybody)"
ssi nodes del 3; ssi nodes add 9@10.77.0.9
say list "$(until_is '2=member 3=member ' states 1)"

# the deadline of the kernel is shorter than corosync's
for n in 1 2 3; do on $n ssi leave > /dev/null; conf $n ci 2; done
sleep 2
for n in 1 2 3; do stop $n -HUP; done
say short "$(everybody) $(status 3 deadline_ms)"
net cut 3
say lost "$(until_is '2=member 3=lost ' states 1)"
say agreed "$(until_is '2=member ' states 1) $(until_is '1=member ' states 2) $(until_is false joined 3)"
net heal
say found "$(everybody)"

# another cluster, and an id that no node can have
stop 3 -TERM; until_is false joined 3 > /dev/null
conf 3 other 2; bridge 3
say other "$(until_is 1 told 1 'Node 3 is not taken: its cluster is other and this one ci') $(list 1)$(until_is 1 told 3 'Node 1 is not taken: its cluster is ci and this one other') $(list 3)"
stop 3 -TERM; until_is false joined 3 > /dev/null
conf 3 ci 2; on 3 'sed -i "s/10.77.0.3/10.77.0.1/" /etc/ssi/cluster.conf'; bridge 3
say address "$(until_is 1 told 3 'This node did not join: No interface of this machine has the address to listen on') $(told 1 'Node 3 is not taken: it says the address of node 1')"
stop 3 -TERM; conf 3 ci 2
on 3 'sed -i "s/^node 3/node 4/" /etc/ssi/cluster.conf'; bridge 3
say line "$(until_is 1 told 3 'has no such node: add')"
conf 3 ci 2; bridge 3; everybody > /dev/null
on 3 'ssi-corosync > /tmp/second 2>&1'; say second "$? $(on -n 3 "grep -c 'Another ssi-corosync runs' /tmp/second") $(states 3)"
on 3 'kill -9 $(pidof corosync); sed -i "s/nodeid: 3/nodeid: 2003/" /etc/corosync/corosync.conf'; sleep 1; engine 3
say limit "$(until_is 1 told 3 'This is node 2003 of corosync, and a node of LinuxSSI has an id of 1 to 1000') $(joined 3)"
on 3 'kill -9 $(pidof corosync); sed -i "s/nodeid: 2003/nodeid: 3/" /etc/corosync/corosync.conf'; sleep 1; engine 3
say right "$(everybody)"

# each alone: nobody is a member of anything
net cut 1; net cut 2 3
say nobody "$(until_is false joined 1) $(until_is false joined 2) $(until_is false joined 3) $(list 1)$(list 2)$(list 3)"
net heal
say all "$(everybody)"
# two of three are gone
node kill 2; node kill 3
say two "$(until_is false joined 1) $(list 1)"
log 1 | sed 's/^/log: /'
SCRIPT
cluster -n 3 --no-join --rootfs corosync --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
all="2=member 3=member 1=member 3=member 1=member 2=member"
same "no corosync: no member, and one line says so" "false 1" "$(get early)"
same "one of three: no member" false "$(get alone)"
same "all three" "$all" "$(get members)"
same "what they lend is set, also by a reload" "300 200" "$(get lent)"
same "processes are away" "3 1 2 1" "$(get before)"
same "node 3 alone: it leaves, without guests or what was away" "false 0 no yes" "$(get minority)"
same "the other two have each other" "2  1  2=member 1=member " "$(get majority)"
same "long before the deadline" yes "$(get soon)"
same "what was on node 3 is dead, what was on node 2 is not" "no yes 2" "$(get killed)"
same "node 3 says why" 1 "$(get why)"
same "the network is back" "$all" "$(get healed)"
same "the process on node 2 has not noticed" yes "$(get still | cut -d' ' -f1)"
same "processes on other nodes" "3 2" "$(get only)"
same "a corosync that stands still: its node is out" "2  1  no" "$(get stopped)"
same "and nothing is left of it" "0 0 no" "$(get guests)"
same "it goes on" "$all" "$(get resumed)"
same "corosync is killed: its node leaves" "false no 3 " "$(get dead)"
same "and says why" 1 "$(get gone)"
same "it is started again" "$all" "$(get back)"
same "ssi-corosync is killed and started again: nothing happens" "2 $all same" "$(get restarted)"
same "it is not started again: its node is out" "member 3  no 0" "$(get waited)"
same "until it is" "$all" "$(get again)"
same "stopped with guests: it leaves all as it is" "1 yes member" "$(get busy)"
same "stopped without: the node leaves" "false 3 " "$(get term)"
same "and comes back" "$all" "$(get started)"
same "ssi leave is respected" "1 3  false" "$(get left)"
same "until a reload" "$all" "$(get reloaded)"
same "a list that was changed by hand is put right" "2=member 3=member " "$(get list)"
same "another deadline" "$all 2000" "$(get short)"
same "the kernel is faster" "2=member 3=lost " "$(get lost)"
same "and corosync agrees" "2=member  1=member  false" "$(get agreed)"
same "the network is back" "$all" "$(get found)"
same "another cluster is refused by name, on both sides" "1 2 1 " "$(get other)"
same "an address that is another node's" "1 1" "$(get address)"
same "no line for this node" 1 "$(get line)"
same "a second daemon is refused" "2 1 1=member 2=member " "$(get second)"
same "so is a node id that is too high" "1 false" "$(get limit)"
same "the right one is not" "$all" "$(get right)"
same "each alone: nobody" "false false false " "$(get nobody)"
same "all again" "$all" "$(get all)"
same "two of three are gone: nobody" "false " "$(get two)"
[ "$failures" -eq 0 ] || cat "$scratch/out"
finish
