#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# What counts CPUs in /sys counts those of all nodes, unless it has a view of the node.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
sys=/sys/devices/system/cpu
say() { echo "$1: $2"; }
lists() { (cd $sys && cat online present possible | xargs); }
mounts() { grep -c " $sys/" /proc/mounts; }
# become N: until so many are online, for half a minute
become() { i=0; until [ "$(cat $sys/online)" = "$1" ] || [ $((i += 1)) = 300 ]; do usleep 100000; done; }

# both have joined by ssi join
say boot "$(lists), $(mounts)"
ssi join --node-cpus > /dev/null
on 2 'ssi join --node-cpus > /dev/null'
say own "$(lists), $(cat /proc/ssi/cpu_online) $(mounts)"
ssi join > /dev/null
say joined "$(lists), $(mounts)"
ssi join > /dev/null
say again "$(lists), $(mounts)"
say programs "$(getconf _NPROCESSORS_ONLN) $(getconf _NPROCESSORS_CONF) $(nproc --all) $(nproc)"
say lscpu "$(LC_ALL=C lscpu | sed -n 's/^CPU(s): *//p; s/^On-line CPU(s) list: *//p' | xargs)"
# who has no /proc of the cluster
say local "$(ssi run --local-view cat $sys/online /proc/ssi/cpu_online | xargs)"
say namespace "$(unshare -p -f --mount-proc cat /proc/ssi/cpu_online)"
mkdir -p /mnt/own
mount -t proc -o view=node none /mnt/own
say view "$(cat /mnt/own/ssi/cpu_online)"
say others "$(on 2 cat /proc/ssi/cpu_online $sys/online | xargs)"

if on 2 test -w $sys/cpu1/online; then
	on 2 "echo 0 > $sys/cpu1/online"
	become 0-2
	say fewer "$(lists)"
	on 2 "echo 1 > $sys/cpu1/online"
	become 0-3
	say more "$(lists)"
else
	say fixed yes
fi

net cut 2
become 0-1
say lost "$(lists)"
net heal
become 0-3
say back "$(lists)"

ssi leave > /dev/null
say left "$(lists), $(mounts) $(cat /proc/ssi/cpu_online)"
SCRIPT
cluster -n 2 --smp 2 --rootfs coreutils libc-bin util-linux --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
# possible ones may be more than there are
own=$(get own | cut -d, -f1) all=$(get joined | cut -d, -f1)
same "the node's own" "0-1 0-1" "${own% *}"
same "and in /proc those of all" "0-3 0" "$(get own | cut -d, -f2 | xargs)"
same "of all nodes" "0-3 0-3" "${all% *}"
same "since the node has joined" "$all, 3" "$(get boot)"
same "as many that may come on each" "$((2 * (${own##*-} + 1)))" "$((${all##*-} + 1))"
same "mounted once" "$all, 3" "$(get again)"
same "getconf and nproc" "4 $((${all##*-} + 1)) $((${all##*-} + 1)) 2" "$(get programs)"
same "lscpu" "4 0-3" "$(get lscpu)"
same "a program with a view of the node" "0-1 0-1" "$(get local)"
same "a pid namespace of its own" 0-1 "$(get namespace)"
same "a mount with a view of the node" 0-1 "$(get view)"
same "where nothing is mounted" "0-3 0-1" "$(get others)"
if [ "$(get fixed)" ]; then
	echo "# SKIP a CPU that goes: this kernel has no hotplug of CPUs"
else
	same "a CPU of the other node goes" "0-2 0-2 ${all##* }" "$(get fewer)"
	same "and comes" "$all" "$(get more)"
fi
same "the other node is lost" "$own" "$(get lost)"
same "and back" "$all" "$(get back)"
same "after leaving" "$own, 0 0-1" "$(get left)"
finish
