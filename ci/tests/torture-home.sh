#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: all
# timeout: 600
#
# The torture program at home, on a node that joined nothing: a subtest that
# fails here says nothing about moving.

. "$(dirname "$0")/lib.bash"

cluster -n 1 --no-join -- '/usr/lib/ssi/tests/torture --no-move -p 3' > "$scratch/out"
same "exit status" 0 $?
cat "$scratch/out"
ok "subtests ran" grep -q '^ok ' "$scratch/out"
same "subtests that failed" 0 "$(grep -c '^not ok' "$scratch/out")"
finish
