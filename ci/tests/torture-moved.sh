#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 2400
#
# The torture program while another process moves it at random. SEED= repeats a
# run; the seed stands in its output. Subtests that are about one certain move, or
# compare what two processes get on the same node, have a test of their own
# (torture-away).

. "$(dirname "$0")/lib.bash"

seed=${SEED:-$RANDOM}
together='-x cpu.nice_has_effect -x cgroup.cpu_time -x membarrier.rseq'
# On arm64 a choice of them in a plain check, all of them with LONG=1.
what=
[ "${ARCH:-}" = arm64 ] && [ "${LONG:-}" != 1 ] &&
	what='-t basic -t exec -t fpu.sum -t fork.memory -t threads.mutex -t faults.segv -t memory.mprotect'
cluster -n 3 "${patient[@]}" -- \
	"/usr/lib/ssi/tests/torture -p 5 -m -r $seed -x moves -x shared $together $what" \
	> "$scratch/out"
same "exit status" 0 $?
cat "$scratch/out"
ok "subtests ran" grep -q '^ok ' "$scratch/out"
ok "processes were moved" grep -q '^#   moved [1-9]' "$scratch/out"
same "subtests that failed" 0 "$(grep -c '^not ok' "$scratch/out")"
finish
