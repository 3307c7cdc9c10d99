#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 2400
#
# Every subtest of the torture program, going from node to node by itself.

. "$(dirname "$0")/lib.bash"

# On arm64 a choice of them in a plain check, all of them with LONG=1.
what=
[ "${ARCH:-}" = arm64 ] && [ "${LONG:-}" != 1 ] &&
	what='-t basic -t exec -t fpu.sum -t fork.memory -t threads.mutex -t faults.segv -t memory.mprotect -t time.moved_while_reading -t uprobes.set_away'
cluster -n 3 "${patient[@]}" -- "/usr/lib/ssi/tests/torture -p 3 $what" > "$scratch/out"
same "exit status" 0 $?
cat "$scratch/out"
ok "subtests ran" grep -q '^ok ' "$scratch/out"
same "subtests that failed" 0 "$(grep -c '^not ok' "$scratch/out")"
finish
