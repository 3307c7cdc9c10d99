#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 1500
#
# stress-ng checks its own work while it is moved. Its workers share counters
# with their parent, a writable shared mapping: they come home often.

. "$(dirname "$0")/lib.bash"

seed=${SEED:-$RANDOM}
classes="cpu vm malloc signal futex mutex fork timer"
mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<SCRIPT
for class in $classes; do
	options="--\$class 2 --\$class-ops 30"
	[ \$class = cpu ] && options="\$options --cpu-method ackermann"
	[ \$class = vm ] && options="\$options --vm-bytes 4M"
	[ \$class = malloc ] && options="\$options --malloc-bytes 1M"
	run=
	# It says "could not create any pthreads" if the first thread does all
	# operations before its creator runs again, as one of SCHED_FIFO may on
	# one CPU: also at home, unmoved.
	if [ \$class = mutex ]; then
		options="--mutex 2 --mutex-ops 1000"
		run="setpriv --bounding-set -sys_nice"
	fi
	/usr/lib/ssi/tests/torture -r $seed -w 50 --run -- \
		\$run stress-ng --verify --timeout 20 --temp-path /tmp \$options > /tmp/out 2>&1
	echo "\$class: \$?"
	grep -E '^#   moved|fail' /tmp/out
done
SCRIPT
cluster -n 3 "${patient[@]}" --mem 768M --rootfs stress-ng util-linux \
	--overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
cat "$scratch/out"
for class in $classes; do
	same "stress-ng --$class" "$class: 0" "$(grep "^$class:" "$scratch/out")"
done
ok "processes were moved" grep -q '^#   moved [1-9]' "$scratch/out"
finish
