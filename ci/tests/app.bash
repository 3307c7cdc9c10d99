# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests of real programs share: source it after lib.bash.
#
# A program runs twice on node 1: undisturbed, and while torture moves it and
# all that it starts at random between the nodes. Output and exit status must
# be the same, and it must really have moved.

seed=${SEED:-$RANDOM}
mkdir -p "$scratch/overlay/app"
cat > "$scratch/overlay/app/both" <<'SCRIPT'
# both NAME COMMAND...: prints "NAME: same|different|status…, moved N"
name=$1
shift
"$@" > /tmp/plain 2> /tmp/plain.err
want=$?
/usr/lib/ssi/tests/torture -r $SEED -w ${WAIT:-50} --run -- "$@" > /tmp/moved 2> /tmp/moved.err
got=$?
moved=$(sed -n 's/^#   moved \([0-9]*\) times.*/\1/p' /tmp/moved.err)
if [ $want != 0 ]; then
	echo "$name: fails undisturbed, status $want"
	tail -n 20 /tmp/plain.err
elif [ $got != 0 ]; then
	echo "$name: status $got, moved $moved times"
	tail -n 20 /tmp/moved.err
elif ! cmp /tmp/plain /tmp/moved; then
	echo "$name: different, moved $moved times"
elif [ ${moved:-0} = 0 ]; then
	echo "$name: never moved"
	tail -n 5 /tmp/moved.err
else
	echo "$name: same"
	echo "# $name moved $moved times"
fi
SCRIPT

# survives NAME...: each of these was the same.
survives()
{
	local name

	cat "$scratch/out"
	for name; do
		same "$name" "$name: same" "$(grep "^$name:" "$scratch/out")"
	done
}
