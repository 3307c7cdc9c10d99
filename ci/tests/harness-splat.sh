#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 300
#
# ci/cluster: a kernel that complains makes the run fail and shows its log.

. "$(dirname "$0")/lib.bash"

# run COMMAND…: sets status and fills $scratch/err.
run()
{
	cluster -n 2 --no-join "$@" > "$scratch/out" 2> "$scratch/err"
	status=$?
}

run -- 'on 2 "echo c > /proc/sysrq-trigger"; sleep 60'
same "panic of another node" 99 $status
ok "panic: its log is shown" grep -q 'node 2.*complained' "$scratch/err"
ok "panic: with the reason" grep -q 'sysrq triggered crash' "$scratch/err"

run -- 'echo "WARNING: not a real one" > /dev/kmsg; echo went on'
same "warning" 99 $status
ok "warning: the command went on" grep -q 'went on' "$scratch/out"
ok "warning: its log is shown" grep -q 'not a real one' "$scratch/err"

run --ignore-splat 'not a real one' -- 'echo "WARNING: not a real one" > /dev/kmsg'
same "--ignore-splat" 0 $status

run -- 'on 2 "poweroff -f"; sleep 60'
same "a node that ends by itself" 99 $status
finish
