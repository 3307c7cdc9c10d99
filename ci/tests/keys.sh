#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# Who is let in: keys are made, changed while the cluster runs, and wrong ones refused by name.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cp "$(dirname "$0")/states.bash" "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
. /states.bash
reason() { on -n $1 ssi nodes | grep -c "$2"; }
ids() { on -n $1 ssi status | sed -n 's/^encrypted *//p'; }
# of the text on both outputs, and the status
told() { "$@" 2>&1 | tr '\n' ' '; }

old=$(ids 1)
say same "$([ "$old" = "$(ids 2)" ] && [ "$old" = "$(ids 3)" ] && echo yes)"
say encrypted "$(echo "$old" | tr 0-9a-f x)"
say json "$(ssi --json status | tr -d ' \n' | grep -c '"encrypted":true,"keys":\["[0-9a-f]\{16\}"\]')"

umask 022
ssi keygen /tmp/key > /dev/null; say keygen "$? $(stat -c %a /tmp/key) $(grep -c '^[0-9a-f]\{64\}$' /tmp/key)"
say again "$(told ssi keygen /tmp/key)"
chmod 644 /tmp/key; say open "$(told ssi key-add /tmp/key)"
chmod 600 /tmp/key
echo xyz > /tmp/nokey; chmod 600 /tmp/nokey; say nokey "$(told ssi key-add /tmp/nokey)"
say missing "$(told ssi key-add /tmp/there-is-none)"
cp /tmp/key /tmp/user-key; chown 1000 /tmp/user-key
say user "$(told setpriv --reuid 1000 --regid 1000 --clear-groups ssi key-add /tmp/user-key)"
id=${old##* }
say only "$(told ssi key-del $id)"
say none "$(told ssi key-del 0123456789abcdef)"

# the key is changed, while a process of node 1 works on node 2
sh -c 'i=0; while :; do i=$((i + 1)); done' & pid=$!
ssi migrate $pid 2 > /dev/null
for n in 2 3; do on $n "umask 077; echo $(cat /tmp/key) > /tmp/key"; done
for n in 1 2 3; do on $n ssi key-add /tmp/key > /tmp/out || cat /tmp/out; done
say two "$(ids 3 | tr 0-9a-f x)"
say twice "$(told ssi key-add /tmp/key)"
ssi keygen /tmp/third > /dev/null; say third "$(told ssi key-add /tmp/third)"
for n in 1 2 3; do on $n ssi key-del $id > /tmp/out || cat /tmp/out; done
say new "$([ "$(ids 1)" != "$old" ] && ids 2 | tr 0-9a-f x)"
say away "$(ssi why $pid | grep -c 'on node 2')"
kill $pid; wait $pid
say losses "$(ssi --json nodes | tr -d ' \n' | grep -o '"losses":[0-9]*' | tr '\n' ' ')"

# node 3 comes back with the old key, which is that of its boot parameters
on 3 ssi leave > /dev/null; on 3 ssi join > /dev/null; say rejoin $?
say refused "$(await 3 1 refused) $(reason 3 'your cluster key is not known here') $(state 1 2)"
on 3 ssi leave > /dev/null; on 3 ssi join --insecure > /dev/null; say insecure $?
say clear "$(await 3 1 refused) $(reason 3 'this cluster has a key') $(on -n 3 ssi status | grep -c '^encrypted *no')"
say plainkey "$(on 3 ssi key-add /tmp/key 2>&1 | tr '\n' ' ')"
on 3 ssi leave > /dev/null; on 3 ssi join --key /tmp/key > /dev/null; say right $?
say member "$(await 3 1 member) $(await 3 2 member) $(await 1 3 member)"
say both "$(told ssi join --insecure --key /tmp/key)"

# one of two that has no key does not talk to one that has; without any, all do
for n in 1 2 3; do on $n ssi leave > /dev/null; on $n ssi join --insecure > /dev/null; done
say plain "$(await 1 2 member) $(await 1 3 member) $(await 2 3 member) $(ssi status | grep -c '^encrypted *no')"
say warned "$(dmesg | grep -c 'there is no cluster key')"
SCRIPT
cluster -n 3 "${patient[@]}" --rootfs util-linux --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "all nodes have one key" yes "$(get same)"
same "its id is shown" "yxs, kxy xxxxxxxxxxxxxxxx" "$(get encrypted)"
same "and in JSON" 1 "$(get json)"
same "keygen: a file for root only" "0 600 1" "$(get keygen)"
same "it is not overwritten" 1 "$(get again | grep -c 'is there already')"
same "a key that others can read" 1 "$(get open | grep -c 'Others may read or write')"
same "a file without a key" 1 "$(get nokey | grep -c 'holds no key')"
same "no file" 1 "$(get missing | grep -c 'No such file')"
same "no right" 1 "$(get user | grep -c 'run it as root')"
same "the only key is not deleted" 1 "$(get only | grep -c 'only key')"
same "nor one that is not there" 1 "$(get none | grep -c 'There is no key')"
same "a second key" "yxs, kxys xxxxxxxxxxxxxxxx, xxxxxxxxxxxxxxxx" "$(get two)"
same "not twice" 1 "$(get twice | grep -c 'used already')"
same "and no third one" 1 "$(get third | grep -c 'There are two keys')"
same "the new one alone" "yxs, kxy xxxxxxxxxxxxxxxx" "$(get new)"
same "a process away has not noticed" 1 "$(get away)"
same "no membership was lost" '"losses":0 "losses":0 ' "$(get losses)"
same "a node joins with the old key" 0 "$(get rejoin)"
same "and is refused by name" "refused 2 member" "$(get refused)"
same "a node joins without a key" 0 "$(get insecure)"
same "and is refused by name, too" "refused 2 1" "$(get clear)"
same "it takes no key afterwards" 1 "$(get plainkey | grep -c 'joined without a key')"
same "it joins with the new key" 0 "$(get right)"
same "and is a member" "member member member" "$(get member)"
same "a key and none" 1 "$(get both | grep -c 'exclude each other')"
same "a cluster without a key" "member member member 1" "$(get plain)"
same "the log warns" 1 "$(get warned)"
finish
