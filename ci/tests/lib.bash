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
