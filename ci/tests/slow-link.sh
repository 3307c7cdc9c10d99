#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 1200
#
# Where the way home is longer than what a thread that comes home for an instruction
# gets to execute it: a stay goes on while memory comes home, or nothing would ever be
# executed there. Exceptions, signals and all else work, only slowly.

. "$(dirname "$0")/lib.bash"

what='-t basic.hello -t faults.segv -t faults.trap -t faults.fpe -t fpu.sum -t signals.nested'
what+=' -t signals.alternate_stack -t signals.sigreturn_registers'
cluster -a "${ARCH:-x86_64}" -n 2 "${patient[@]}" --net 'delay 1 2 20ms' -- \
	"/usr/lib/ssi/tests/torture -p 3 -n 2 $what" \
	> "$scratch/out"
same "exit status" 0 $?
cat "$scratch/out"
ok "subtests ran" grep -q '^ok ' "$scratch/out"
same "subtests that failed" 0 "$(grep -c '^not ok' "$scratch/out")"
finish
