#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# Nodes become members, are lost, come back and leave.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cp "$(dirname "$0")/states.bash" "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
. /states.bash
say begin "$(state 1 2) $(state 1 3) $(state 2 1) $(state 2 3) $(state 3 1) $(state 3 2)"
say joined "$(ssi --json status | grep -o '"members": *[0-9]*' | tr -dc 0-9)"
net cut 1 2
say cut "$(await 1 2 lost) $(await 2 1 lost) $(state 1 3) $(state 3 2)"
net heal
say heal "$(await 1 2 member) $(await 2 1 member)"
net mute 1 3
say mute "$(await 1 3 lost) $(await 3 1 lost)"
net heal
say unmute "$(await 1 3 member) $(await 3 1 member)"
node kill 3
say kill "$(await 1 3 lost) $(await 2 3 lost) $(state 1 2)"
node boot 3; say boot $?
say back "$(await 1 3 member) $(await 2 3 member)"
node stop 2
say stop "$(await 1 2 lost) $(await 3 2 lost)"
node cont 2
say cont "$(await 1 2 member) $(await 2 1 member) $(await 2 3 member)"
on 2 ssi leave; say leave $?
say left "$(await 1 2 gone)"
on 2 ssi join; say join $?
say rejoin "$(await 1 2 member) $(await 2 1 member)"
SCRIPT
cluster -n 3 --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "all are members" "member member member member member member" "$(get begin)"
same "ssi status" 2 "$(get joined)"
same "a link cut: only those two lose each other" "lost lost member member" "$(get cut)"
same "link healed" "member member" "$(get heal)"
same "one way silent: both sides know" "lost lost" "$(get mute)"
same "no more" "member member" "$(get unmute)"
same "node killed: the others know" "lost lost member" "$(get kill)"
same "node booted" 0 "$(get boot)"
same "a new incarnation is a member" "member member" "$(get back)"
same "node stands still: lost" "lost lost" "$(get stop)"
same "and comes back" "member member member" "$(get cont)"
same "ssi leave" 0 "$(get leave)"
same "left" gone "$(get left)"
same "ssi join" 0 "$(get join)"
same "joined again" "member member" "$(get rejoin)"
finish
