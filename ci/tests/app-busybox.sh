#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 600
#
# A static busybox and the dynamic programs it imitates: they sort, pack and sum a
# file while they move.

. "$(dirname "$0")/lib.bash"
. "$(dirname "$0")/app.bash"

# Debian's dynamic busybox excludes the static one, which every node has: the
# programs of coreutils and others do the same dynamically.
cat > "$scratch/overlay/app/work" <<'SCRIPT'
busybox=$1
i=0
while [ $i -lt 4000 ]; do
	echo "line $((i * 7919 % 4001)) of $i"
	i=$((i + 1))
done > /tmp/lines
$busybox sort -n -k2 /tmp/lines | $busybox md5sum
$busybox gzip -9 -c /tmp/lines | $busybox gunzip -c | $busybox sha256sum
$busybox awk '{ s += $2 * NR % 97 } END { print s }' /tmp/lines
$busybox sed 's/line \([0-9]*\)/\1 line/' /tmp/lines | $busybox tail -n 3
SCRIPT
cluster -n 3 "${patient[@]}" --overlay "$scratch/overlay" -- "export SEED=$seed
sh /app/both static sh /app/work busybox" > "$scratch/out"
same "exit status" 0 $?
survives static
cluster -n 3 "${patient[@]}" --rootfs coreutils gzip mawk sed \
	--overlay "$scratch/overlay" -- "export SEED=$seed
sh /app/both dynamic sh /app/work ''" > "$scratch/out"
same "exit status" 0 $?
survives dynamic
finish
