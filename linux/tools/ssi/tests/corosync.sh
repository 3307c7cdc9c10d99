#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# corosync.sh SSI-COROSYNC: does the daemon read its arguments and its file, exit and
# complain as ssi-corosync.8 says? Nothing here needs corosync or a kernel with
# LinuxSSI. Prints TAP.

daemon=${1:?which program?}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
nr=0
failed=0

# exits STATUS SENTENCE-PART ARGUMENT...: and says one sentence on standard error
exits()
{
	want=$1 part=$2
	shift 2
	nr=$((nr + 1))
	status=0
	timeout 10 "$daemon" "$@" > "$dir/out" 2> "$dir/err" || status=$?
	if [ $status = "$want" ] && [ "$(wc -l < "$dir/err")" = 1 ] && [ ! -s "$dir/out" ] &&
			grep -q '^ssi-corosync: .*\.$' "$dir/err" && grep -qF -- "$part" "$dir/err"; then
		echo "ok $nr - $want, $part"
	else
		failed=$((failed + 1))
		echo "not ok $nr - $status instead of $want, or not: $part"
		sed 's/^/# /' "$dir/out" "$dir/err"
	fi
}

# conf LINE...: the file of a cluster
conf()
{
	printf '%s\n' "$@" > "$dir/conf"
	chmod 644 "$dir/conf"
}

exits 1 'no option "--frob"' --frob
exits 1 'The value of --grace is missing' --grace
exits 1 '"soon" is not a time to wait' --grace soon
exits 1 '"3601" is not a time to wait' --grace 3601
exits 1 'no arguments but options, not "lab"' lab
exits 3 'cannot be read: No such file' --config "$dir/none"
conf 'cluster lab' 'node 1 10.0.0.1'
exits 2 'membership corosync' --config "$dir/conf"
conf 'cluster lab' 'membership static' 'node 1 10.0.0.1'
exits 2 'membership corosync' --config "$dir/conf"
conf 'cluster lab' 'membership carousel' 'node 1 10.0.0.1'
exits 1 '"carousel"' --config "$dir/conf"
chmod 666 "$dir/conf"
exits 2 'may be written by others' --config "$dir/conf"

nr=$((nr + 1))
if "$daemon" --help | grep -q 'ssi-corosync \[--config' && "$daemon" --version | grep -q '^ssi-corosync of Linux'; then
	echo "ok $nr - help and version"
else
	failed=$((failed + 1))
	echo "not ok $nr - help and version"
fi
echo "1..$nr"
[ $failed = 0 ]
