# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests of ci/tests share: source it first.

set -u -o pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
checks=0
failures=0
# A host with much to do stops nodes for seconds. Where none is to be lost, that is no loss.
patient=(--append ssi.deadline=20000)

cluster()
{
	"$top/ci/cluster" "$@"
}

# words_inside: for the beginning of a script on node 1 that starts programs on other nodes.
words_inside()
{
	cat <<'SCRIPT'
say() { echo "$1: $2"; }
# until_so COMMAND... succeeds, for half a minute
until_so() { i=0; until "$@" || [ $((i += 1)) = 300 ]; do usleep 100000; done; }
objects() { on -n $1 "grep -E '^(stubs|placed|exports|fileops|proxies) ' /sys/kernel/debug/ssi/objects" | xargs; }
none='stubs 0 placed 0 exports 0 fileops 0 proxies 0'
clean() { [ "$(objects 1), $(objects 2), $(objects 3)" = "$none, $none, $none" ]; }
SCRIPT
}

# selftest NAME: a script of selftests/ssi that makes members itself, in one kernel.
selftest()
{
	local from=$top/linux/tools/testing/selftests/ssi/$1
	local ktap=$top/build/linux/tools/testing/selftests/kselftest/ktap_helpers.sh

	mkdir -p "$scratch/overlay/ssi-tests"
	cp "$from" "$ktap" "$scratch/overlay/ssi-tests/"
	cluster -n 1 --no-join --rootfs iproute2 --overlay "$scratch/overlay" -- \
		"sh /ssi-tests/$1" > "$scratch/out"
	same "exit status" 0 $?
	cat "$scratch/out"
	ok "subtests ran" grep -q '^ok ' "$scratch/out"
	same "subtests that failed" 0 "$(grep -c '^not ok' "$scratch/out")"
}

# ok NAME COMMAND…: the command succeeds.
ok()
{
	local name=$1

	shift
	checks=$((checks + 1))
	if "$@"; then
		echo "ok $checks $name"
	else
		echo "not ok $checks $name"
		failures=$((failures + 1))
	fi
}

# same NAME EXPECTED ACTUAL
same()
{
	ok "$1" test "$2" = "$3"
	[ "$2" = "$3" ] && return
	printf '# expected: %s\n# got:      %s\n' "$2" "$3"
}

finish()
{
	echo "1..$checks"
	[ "$failures" -eq 0 ]
	exit
}
