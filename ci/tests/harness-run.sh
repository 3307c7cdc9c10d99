#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 400
#
# ci/cluster: status, arguments, streams, "on", and what is left behind.

. "$(dirname "$0")/lib.bash"

# One boot for all that a command can see.
cat > "$scratch/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
on 2 'exit 7'; say status $?
on 2 /nowhere 2> /dev/null; say missing $?
say path "$(on 2 node show | head -n 1)"
on 9 true 2> /dev/null; say nonode $?
on 2 'kill -9 $$'; say signal $?
say argv "$(on 2 printf '<%s>' 'a b' '$HOME' "it's")"
say where "$(on 2 hostname) $(on 3 hostname) $(hostname)"
say stdin "$(printf 'x\ny\n' | on 2 wc -l)"
say errors "$(on 2 'echo out; echo err >&2' 2>&1 > /dev/null)"
dd if=/dev/urandom of=/tmp/f bs=64k count=64 2> /dev/null
say bytes "$(on 2 'cat > /tmp/g; cat /tmp/g' < /tmp/f | cmp - /tmp/f && echo same)"
say slow "$(on 2 'cat /dev/zero' | head -c 3 | wc -c)"
# it ends when it writes: within half a minute
i=0
while on 2 'pidof cat > /dev/null' && [ $((i += 1)) -lt 300 ]; do usleep 100000; done
say gone "$(on 2 'pidof cat || echo none')"
say background "$(on 2 'sleep 100 & echo started')"
say shared "$(touch /usr/x; on 2 'ls /usr/x 2> /dev/null || echo no')"
say mounts "$(for d in /proc /sys /dev/pts /dev/shm /tmp /run /sys/kernel/debug \
	/sys/kernel/tracing; do grep -q " $d " /proc/mounts || echo no $d; done)"
say ids "$SSI_NODE of $SSI_NODES"
echo error >&2
exit 3
SCRIPT
mkdir "$scratch/overlay"
cp "$scratch/inside" "$scratch/overlay/inside"
cluster -n 3 --no-join --overlay "$scratch/overlay" -- sh /inside \
	> "$scratch/out" 2> "$scratch/err"
same "exit status" 3 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "on: exit status" 7 "$(get status)"
same "on: no such command" 127 "$(get missing)"
same "on: finds commands as the shell does" "1 up" "$(get path)"
same "on: no such node" 255 "$(get nonode)"
same "on: killed" 137 "$(get signal)"
same "on: arguments stay as they are" "<a b><\$HOME><it's>" "$(get argv)"
same "on: each node is another" "node2 node3 node1" "$(get where)"
same "on: standard input" 2 "$(get stdin)"
same "on: standard error is apart" err "$(get errors)"
same "on: 4 MiB there and back" same "$(get bytes)"
same "on: an endless writer" 3 "$(get slow)"
same "on: ends what nobody listens to" none "$(get gone)"
same "on: does not wait for background processes" started "$(get background)"
same "the root file system is each node's own" no "$(get shared)"
same "mounts" "" "$(get mounts)"
same "environment" "1 of 1 2 3" "$(get ids)"
ok "standard error" grep -qx error "$scratch/err"

same "--stdin" "from the host" \
	"$(echo from the host | cluster -q -n 1 --no-join --stdin -- cat)"
cluster -q -n 1 --no-join --timeout 2 -- sleep 100 2> /dev/null
same "--timeout" 124 $?
cluster -q -n 1 --no-join --kernel /nowhere -- true 2> /dev/null
same "no kernel" 125 $?

# Nothing of a cluster outlives it, however it ends.
for signal in INT TERM KILL; do
	"$top/ci/cluster" -q -n 2 --no-join -- 'echo up; sleep 100' > "$scratch/up" 2> /dev/null &
	pid=$!
	for _ in $(seq 600); do
		grep -q up "$scratch/up" && break
		sleep 0.1
	done
	same "two machines before $signal" 2 "$(pgrep -c -f -- "-name ci$pid-")"
	kill -"$signal" $pid
	wait $pid 2> /dev/null
	for _ in $(seq 300); do
		pgrep -f -- "-name ci$pid-" > /dev/null || break
		sleep 0.1
	done
	same "none after $signal" 0 "$(pgrep -c -f -- "-name ci$pid-")"
done
finish
