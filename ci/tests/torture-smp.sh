#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 1800
#
# What only nodes of several CPUs can get wrong: CPU numbers that differ from home's,
# memory barriers between threads that really run at once.

. "$(dirname "$0")/lib.bash"

what='-t cpu.number -t cpu.affinity -t cpu.rseq* -t membarrier -t threads.memory_order -t threads.mutex'
what+=' -t basic.hello'
# An emulator of several CPUs executes code that was changed stale, at home as well.
what+=' -x membarrier.sync_core_code'
cluster -n 2 "${patient[@]}" --smp 2 -- "/usr/lib/ssi/tests/torture -p 3 -n 2 -k 2 $what" \
	> "$scratch/out"
same "exit status" 0 $?
cat "$scratch/out"
ok "subtests ran" grep -q '^ok ' "$scratch/out"
same "subtests that failed" 0 "$(grep -c '^not ok' "$scratch/out")"
finish
