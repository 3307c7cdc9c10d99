# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For the scripts that tests run on node 1: what the nodes are to each other.

say() { echo "$1: $2"; }

# what node $1 sees in node $2
state()
{
	on -n "$1" ssi --json nodes | tr -d ' \n' | sed 's/},*/}\n/g' |
		sed -n "s/.*\"id\":$2,.*\"state\":\"\([a-z]*\)\".*/\1/p"
}

# wait until node $1 sees node $2 as $3; prints what it is then
await()
{
	start=$(date +%s)
	while [ "$(state "$1" "$2")" != "$3" ]; do
		[ $(($(date +%s) - start)) -lt 60 ] || break
		sleep 0.3
	done
	state "$1" "$2"
}
