#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: arm64-debug
# timeout: 900
#
# A peer that lies, fuzz/lies.c, in a network namespace beside the member that it lies to: it
# begins hundreds of memberships, and sends what a peer may send, and then what none may. The
# kernel drops the membership, says so now and then, and has nothing left of it. Meanwhile
# processes are moved to the liar. The member is in the initial network namespace, so that it
# has the pids as well.
#
#	SEED=N		what it says; default: any
#	SECONDS_OF=N	for how long; default: 30

. "$(dirname "$0")/lib.bash"

ARCH=${ARCH:-x86_64}
case $(uname -m)-$ARCH in
x86_64-x86_64 | aarch64-arm64) cc=gcc ;;
*-x86_64) cc=x86_64-linux-gnu-gcc ;;
*) cc=aarch64-linux-gnu-gcc ;;
esac
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')} seconds=${SECONDS_OF:-30}
echo "# seed $seed, $seconds seconds"

mkdir "$scratch/overlay"
"$top/ci/packages" kernel "kernel-$ARCH" || exit 1
ok "it builds" $cc -O2 -Wall -Wextra -Werror -static -I"$top/fuzz/include" \
	-o "$scratch/overlay/lies" "$top/fuzz/lies.c"
cat > "$scratch/overlay/inside" <<'SCRIPT'
ip netns add liar
ip link add ssih type veth peer name ssil && ip link set ssil netns liar
ip addr add 10.78.0.2/24 dev ssih; ip link set ssih up
ip netns exec liar sh -c 'ip link set lo up; ip addr add 10.78.0.1/24 dev ssil
	ip addr add 10.78.0.3/24 dev ssil; ip link set ssil up'
ssi join --insecure --deadline 5 lies 2 10.78.0.2 1@10.78.0.1 3@10.78.0.3 > /dev/null || exit 1
# processes that are moved to the liar
spin()
{
	while [ ! -e /tmp/over ]; do
		sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done' & p=$!
		i=0
		while [ $i -lt 20 ] && ! ssi migrate $p 3; do i=$((i + 1)); sleep 0.05; done
		sleep 0.2
		ssi home $p
		kill $p
		wait $p
	done > /dev/null 2>&1
}
spin & spinner=$!
ip netns exec liar /lies 10.78.0.1 10.78.0.2 10.78.0.3 $1 $2
echo "lies: $?"
touch /tmp/over; wait $spinner
# what is on its way out goes, what is lent is lost
nothing() { awk '$1 != "device-pages" && $2 != 0 { bad = 1 } END { exit bad }' /sys/kernel/debug/ssi/objects; }
i=0
until nothing || [ $i -gt 150 ]; do i=$((i + 1)); sleep 0.2; done
nothing; echo "nothing left: $?"
nothing || sed 's/^/# /' /sys/kernel/debug/ssi/objects
echo "lines: $(dmesg | grep -c ' ssi: ')"
dmesg | grep ' ssi: ' | sed 's/.*] //; s/[0-9]\+/N/g' | sort | uniq -c | sort -rn | head -n 20 | sed 's/^/# /'
# it is a member as before: with one that does not lie it would be
ssi status | sed 's/^/# /'
ssi leave > /dev/null; echo "leave: $?"
SCRIPT
cluster -a "$ARCH" -n 1 --no-join --rootfs iproute2 --overlay "$scratch/overlay" \
	--timeout $((seconds + 300)) -- "sh /inside $seed $seconds" > "$scratch/out"
same "no kernel complains" 0 $?
sed 's/^[^#]/# &/' "$scratch/out"
get() { sed -n "s/^$1: //p" "$scratch/out"; }
number() { local n; n=$(get "$1"); echo "${n:-0}"; }
same "the liar comes to its end" 0 "$(get lies)"
ok "there were memberships" test "$(number memberships)" -gt "$seconds"
ok "more messages than these" test "$(number messages)" -gt $((4 * $(number memberships)))
ok "processes ran there, and faulted" test "$(number 'faults there')" -gt 0
ok "processes came from there" test "$(number 'processes moved here')" -gt 0
same "nothing is left" 0 "$(get 'nothing left')"
ok "the log is not flooded" test "$(number lines)" -lt $((50 * seconds))
same "the member leaves" 0 "$(get leave)"
finish
