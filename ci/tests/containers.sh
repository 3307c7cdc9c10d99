#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
#
# Containers in one kernel as members: the selftest of attached pid namespaces.

. "$(dirname "$0")/lib.bash"

tests=$top/build/linux/tools/testing/selftests
mkdir -p "$scratch/overlay/ssi-tests"
cp "$top/linux/tools/testing/selftests/ssi/containers.sh" "$tests/kselftest/ktap_helpers.sh" \
	"$scratch/overlay/ssi-tests/"
cluster -n 1 --no-join --rootfs iproute2 --overlay "$scratch/overlay" -- \
	'sh /ssi-tests/containers.sh' > "$scratch/out"
same "exit status" 0 $?
cat "$scratch/out"
ok "subtests ran" grep -q '^ok ' "$scratch/out"
same "subtests that failed" 0 "$(grep -c '^not ok' "$scratch/out")"
finish
