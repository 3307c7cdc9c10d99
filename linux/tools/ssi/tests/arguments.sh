#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# arguments.sh SSI: does the tool SSI read its arguments, exit and complain as
# ssi.8 says? Nothing here needs a kernel with LinuxSSI: a wrong argument must be
# told before the kernel is asked. Prints TAP.

ssi=${1:?which program?}
here=$(dirname "$0")/..
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
nr=0
failed=0

result()
{
	nr=$((nr + 1))
	if [ "$1" = 0 ]; then
		echo "ok $nr - $2"
	else
		failed=$((failed + 1))
		echo "not ok $nr - $2"
		sed 's/^/# stdout: /' "$dir/out"
		sed 's/^/# stderr: /' "$dir/err"
	fi
}

run()
{
	status=0
	"$ssi" "$@" > "$dir/out" 2> "$dir/err" || status=$?
}

# wrong SENTENCE-PART ARGUMENT...: exit 1, nothing on stdout, one sentence
wrong()
{
	part=$1
	shift
	run "$@"
	bad=0
	[ $status = 1 ] || bad=1
	[ -s "$dir/out" ] && bad=1
	[ "$(wc -l < "$dir/err")" = 1 ] || bad=1
	grep -q "^ssi: .*\.$" "$dir/err" || bad=1
	grep -qF -- "$part" "$dir/err" || bad=1
	result $bad "ssi $* is wrong: $part"
}

# right ARGUMENT...: accepted, so that the kernel is asked. Which answer it gives
# depends on the machine (no SSI, not joined, no permission, unknown), but it is
# never "wrong arguments".
right()
{
	run "$@"
	bad=0
	[ $status != 1 ] || bad=1
	[ $status -le 7 ] || bad=1
	[ $status = 0 ] || grep -q "^ssi: .*\.$" "$dir/err" || bad=1
	result $bad "ssi $* is understood (exit $status)"
}

is_json()
{
	python3 -c 'import json, sys; json.load(sys.stdin)' < "$1"
}

wrong "Which command?"
wrong 'no command "frobnicate"' frobnicate
wrong 'no command "stat"' stat
wrong "status takes no argument" status now
wrong "nodes takes nothing" nodes frob
wrong "nodes takes nothing" nodes add
wrong '"2" is not a peer' nodes add 2
wrong '"0@10.0.0.1" is not a peer' nodes add 0@10.0.0.1
wrong '"1001@10.0.0.1" is not a peer' nodes add 1001@10.0.0.1
wrong '"2@10.0.0.300" is not a peer' nodes add 2@10.0.0.300
wrong '"2@10.0.0.1:0" is not a peer' nodes add 2@10.0.0.1:0
wrong '"2@10.0.0.1:65536" is not a peer' nodes add 2@10.0.0.1:65536
wrong '"2@[::1" is not a peer' nodes add '2@[::1'
wrong '"2@host.example" is not a peer' nodes add 2@host.example
wrong '"x" is not a node id' nodes del x
wrong "join takes nothing" join lab
wrong "join takes nothing" join lab 1
wrong '"0" is not a node id' join lab 0 10.0.0.1
wrong '"1001" is not a node id' join lab 1001 10.0.0.1
wrong '"one" is not a node id' join lab one 10.0.0.1
wrong '"eth0" is not an address' join lab 1 eth0
wrong '"3" is not a peer' join lab 1 10.0.0.1 2@10.0.0.2 3
wrong "name has 1 to 63 bytes" join "" 1 10.0.0.1
wrong "name has 1 to 63 bytes" join \
	0123456789012345678901234567890123456789012345678901234567890123 1 10.0.0.1
wrong '"0.4" is not a deadline' join --deadline 0.4 lab 1 10.0.0.1
wrong '"61" is not a deadline' join --deadline 61 lab 1 10.0.0.1
wrong "value of --deadline is missing" join --deadline
wrong '"1000" is not how many process ids a node has' join --pid-stride 1000 lab 1 10.0.0.1
wrong '"500000" is not how many process ids a node has' join --pid-stride 500000 lab 1 10.0.0.1
wrong 'join has no option "-x"' join -x lab 1 10.0.0.1
wrong "--key and --insecure exclude each other" join --key /dev/null --insecure
wrong "--key and --insecure exclude each other" join --insecure --key /dev/null lab 1 10.0.0.1
wrong "value of --key is missing" join --key
wrong "join takes nothing" join --key /dev/null lab
wrong '"0" is not a node id' join --node 0
wrong '"one" is not a node id' join --node one
wrong "value of --config is missing" join --config
for option in "--node 1" --check "--config /dev/null"; do
	# shellcheck disable=SC2086 # several words
	wrong "stands instead of CLUSTER NODE LISTEN" join $option lab 1 10.0.0.1
done
wrong 'status has no option "--watched"' status --watched
wrong "nodes takes nothing" nodes add --save
wrong "nodes takes nothing" nodes add --check 4@10.0.0.4
wrong "nodes takes nothing" nodes add --force 4@10.0.0.4
wrong "--save and --check exclude each other" nodes del --save --check 4
wrong "--force and --check exclude each other" nodes del --force --check 4
wrong "node takes add PEER..., or remove" node
wrong "node takes add PEER..., or remove" node del 4
wrong "node takes add [--save] PEER" node add
wrong "node takes add [--save] PEER" node remove --check 4
wrong "node takes add [--save] PEER" node add --force 4@10.0.0.4
wrong '"4" is not a peer' node add 4
wrong '"4@10.0.0.4" is not a node id' node remove 4@10.0.0.4
wrong "is not a whole path" node remove --config cluster.conf 4
wrong 'remove has no option "--all"' node remove --all
wrong "leave takes no argument" leave now

# mistake LINE SENTENCE-PART TEXT: of the file with a TEXT, in printf's language, that
# follows three good lines
mistake()
{
	printf 'cluster lab # ours\n\nnode 1 10.0.0.1\n%b' "$3" > "$dir/conf"
	wrong "$dir/conf:$1: $2" join --check --config "$dir/conf"
}

long=$(printf '%01000d' 0)
mistake 4 'There is no word "nod", but cluster, node, membership, deadline' 'nod 2 10.0.0.2\n'
mistake 4 '"quorum" is not who owns the list of nodes' 'membership quorum\n'
mistake 4 'Write "membership static|corosync"' 'membership\n'
mistake 4 'There is no word "Cluster"' 'Cluster lab\n'
mistake 4 'There is no word "cluster=lab"' 'cluster=lab\n'
mistake 4 'Write "node ID ADDRESS[:PORT]"' 'node 2\n'
mistake 4 'Write "node ID ADDRESS[:PORT]"' 'node 2 10.0.0.2 10.0.0.3\n'
mistake 4 'Write "node ID ADDRESS[:PORT]"' 'node 2 # 10.0.0.2\n'
mistake 5 'Write "deadline SECONDS"' '\ndeadline\n'
mistake 4 'Write "insecure"' 'insecure yes\n'
mistake 4 'Write "local-pids"' 'local-pids no\n'
mistake 4 'Write "key FILE"' 'key\n'
mistake 4 '"0" is not a node id: that is a number of 1 to 1000' 'node 0 10.0.0.2\n'
mistake 4 '"1001" is not a node id' 'node 1001 10.0.0.2\n'
mistake 4 '"2nd" is not a node id' 'node 2nd 10.0.0.2\n'
mistake 4 '"host2" is not an address' 'node 2 host2\n'
mistake 4 '"10.0.0.2:0" is not an address' 'node 2 10.0.0.2:0\n'
mistake 4 '"[fd00::2" is not an address' 'node 2 [fd00::2\n'
mistake 4 '127.0.0.1 is this machine to every machine' 'node 2 127.0.0.1\n'
mistake 4 '::1 is this machine to every machine' 'node 2 ::1\n'
mistake 4 '0.0.0.0 is not the address of one machine' 'node 2 0.0.0.0\n'
mistake 4 '[::]:7475 is not the address of one machine' 'node 2 [::]:7475\n'
mistake 4 '224.0.0.1 is not the address of one machine' 'node 2 224.0.0.1\n'
mistake 4 '255.255.255.255 is not the address of one machine' 'node 2 255.255.255.255\n'
mistake 4 'ff02::1 is not the address of one machine' 'node 2 ff02::1\n'
mistake 4 '::ffff:10.0.0.2 is an IPv4 address' 'node 2 ::ffff:10.0.0.2\n'
mistake 4 'fe80::2 is link-local, and lacks its %DEVICE' 'node 2 fe80::2\n'
mistake 4 'Node 1 stands in line 3 already' 'node 1 10.0.0.2\n'
mistake 4 '10.0.0.1 is the address of node 1 in line 3 already' 'node 2 10.0.0.1\n'
mistake 4 '10.0.0.1:7475 is the address of node 1 in line 3' 'node 2 10.0.0.1:7475\n'
mistake 4 '"cluster" stands in line 1 already' 'cluster lab\n'
mistake 5 '"deadline" stands in line 4 already' 'deadline 5\ndeadline 5\n'
mistake 5 '"insecure" stands in line 4 already' 'insecure\ninsecure\n'
mistake 5 '"key" and "insecure" exclude each other' 'insecure\nkey /k\n'
mistake 5 '"key" and "insecure" exclude each other' 'key /k\ninsecure\n'
mistake 4 '"key" is not a whole path' 'key key\n'
mistake 4 '"0.4" is not a deadline: that is 0.5 to 60 seconds' 'deadline 0.4\n'
mistake 4 '"5s" is not a deadline' 'deadline 5s\n'
mistake 4 '"500000" is not how many process ids' 'pid-stride 500000\n'
mistake 4 '"2G" is not how much memory to lend: that is a number of MiB' 'lend 2G\n'
mistake 4 '"-1" is not how much memory to lend' 'lend -1\n'
mistake 4 '"4294967296" is not how much memory to lend' 'lend 4294967296\n'
mistake 4 'Write "lend MIB"' 'lend\n'
mistake 5 '"lend" stands in line 4 already' 'lend 0\nlend 4294967295\n'
for ranges in root -1 +1 5- -5- 9-1 0x5 1-2-3 "," "1," ,1 1,,2 1:2 4294967296 0-4294967296 \
	00000000000000000000000000000001; do
	mistake 4 "\"$ranges\" is not a list of user ids, such as 0,1000-59999" "uids $ranges\n"
done
sixteen=0,2,4,6,8-9,11,13,15,17,19,21,23,25,27,29,31-4294967295
mistake 5 '"insecure" stands in line' "insecure\ninsecure\nuids $sixteen\n"
mistake 4 "\"$sixteen,33\" has more than 16 ranges of user ids" "uids $sixteen,33\n"
mistake 4 'Write "uids FIRST[-LAST][,...]"' 'uids 0, 1000\n'
mistake 4 'This line has a NUL byte' 'node 2 10.0.0.2\0\n'
mistake 4 'This line is longer than 1000 bytes' "# $long\\n"
mistake 4 'There is no word "node?[31m"' 'node\033[31m 2 10.0.0.2'
mistake 4 "There is no word" '\0377\n'

# whole FILE-TEXT SENTENCE-PART: of a file that has nothing else
whole()
{
	printf '%b' "$1" > "$dir/conf"
	wrong "$2" join --check --config "$dir/conf"
}

whole 'node 1 10.0.0.1\n' "$dir/conf:1: There is no line \"cluster NAME\""
whole 'cluster lab\n\n# node 1 10.0.0.1' "$dir/conf:3: There is no line \"node ID"
whole "cluster $(printf '%064d' 0)\\nnode 1 10.0.0.1" "$dir/conf:1: A cluster's name has 1 to 63 bytes"
whole '' "$dir/conf:1: There is no line \"cluster NAME\", and none \"node ID"
head -c 1048577 /dev/zero | tr '\0' '\n' > "$dir/conf"
wrong "$dir/conf is larger than 1048576 bytes" join --check --config "$dir/conf"
wrong "$dir is not a regular file" join --check --config "$dir"

# what is told with all others
printf 'cluster\nnode 1 10.0.0.1\nnode 1 10.0.0.2\nfoo\n' > "$dir/conf"
run join --check --config "$dir/conf"
[ $status = 1 ] && [ "$(wc -l < "$dir/err")" = 3 ] && grep -q "$dir/conf:1: Write" "$dir/err" &&
	grep -q "$dir/conf:3: Node 1" "$dir/err" && grep -q "$dir/conf:4: There is no word" "$dir/err"
result $? "all mistakes of a file are told"
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	echo "frobnicate $i"
done > "$dir/conf"
run join --check --config "$dir/conf"
[ $status = 1 ] && [ "$(wc -l < "$dir/err")" = 11 ] && grep -q "was not read any further" "$dir/err"
result $? "but not those of something else"
wrong "keygen takes one file, not \"b\" as well" keygen "$dir/a" b
wrong 'keygen has no option "--force"' keygen --force
wrong "key-add takes the file" key-add
wrong "key-add takes the file" key-add a b
wrong "key-del takes the id" key-del
wrong "key-del takes the id" key-del 0123456789abcdef 0123456789abcdef
wrong '"0123456789abcde" is not the id of a key' key-del 0123456789abcde
wrong '"0123456789abcdef0" is not the id of a key' key-del 0123456789abcdef0
wrong '"0x23456789abcdef" is not the id of a key' key-del 0x23456789abcdef
wrong '"" is not the id of a key' key-del ""

# Files that hold no key: none but root and nobody else can read them.
digits=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e
for text in "" xyz $digits ${digits}1f20 "${digits}1g" " ${digits}1f" "${digits}1f x" \
	"${digits} 1f" 0x${digits}1f; do
	echo "$text" > "$dir/key"
	chmod 600 "$dir/key"
	wrong "$dir/key holds no key: that is 64 hexadecimal digits" key-add "$dir/key"
done
wrong "$dir/key holds no key" join --key "$dir/key" lab 1 10.0.0.1
[ -e "$dir/a" ]
result $((! $?)) "no key was made"
wrong "migrate takes PID" migrate
wrong "migrate takes PID" migrate 2
wrong "migrate takes PID" migrate -a 100 2
wrong '"0" is not a node' migrate 100 0
wrong '"1001" is not a node' migrate 100 1001
wrong '"two" is not a node' migrate 100 two
wrong '"-5" is not a PID' migrate -- -5 2
wrong '"0" is not a PID' migrate 0 2
wrong '"2147483648" is not a PID' migrate 2147483648 2
wrong '"1e3" is not a PID' migrate 1e3 2
wrong 'migrate has no option "--frob"' migrate --frob 100 2
wrong 'migrate has no option "-x"' migrate -xa 2
wrong "value of -t is missing" migrate 100 2 -t
wrong '"soon" is not a time' migrate --timeout soon 100 2
wrong "home takes PID" home
wrong "home takes PID" home -a 5
wrong '"x" is not a PID' home x
wrong "ps takes no argument" ps 5
wrong '"-1" is not an interval' ps --interval -1
wrong '"." is not an interval' ps --interval .
wrong '"1.2.3" is not an interval' ps --interval 1.2.3
wrong "why takes one PID" why
wrong "why takes one PID" why 1 2
wrong '"self" is not a PID' why self
wrong "events takes no argument" events now
wrong 'no command "frob"' help frob
wrong "Which program" run
wrong "Which program" run --local-view
wrong "Give -n NODE" run true
wrong "is no node" run -n 0 true
wrong "is no node" run -n here true
wrong "exclude each other" run -n 2 --local-view true
wrong "exclude each other" run --spread --spread-all true
wrong '"fair" is no policy' run --spread --policy fair true
wrong "is for --spread" run -n 2 --policy turn true
wrong "is for --spread" run --local-view --policy load true
wrong "no option" run --nonsense true

# Nothing that changes anything: this may run as root on a cluster, where no key has
# the number 0.
right status
right nodes
right ps --interval 0
right why 1
right why 2147483647
right migrate 2147483647 1000
right migrate --no-wait --timeout 0.5 2147483647 1000
right migrate 2147483647 1000 --timeout 1
right home 2147483647
right home --timeout 1 -- 2147483647
right key-add "$dir/none"
right key-del 0000000000000000
right keygen "$dir/new"

run help
bad=0
[ $status = 0 ] || bad=1
for command in status nodes node join leave keygen key-add key-del migrate home ps why events \
	run help; do
	grep -q "^  ssi $command" "$dir/out" || bad=1
done
result $bad "ssi help names every command"

for command in status nodes node join leave keygen key-add key-del migrate home ps why events \
	run help; do
	grep -qE "^(\.BI? \"?|.fB)$(echo $command | sed 's/-/[\\]-/')( |\\\\|\$)" "$here/ssi.8" &&
		grep -qE "commands\+?=.*[ \"]${command}[ \"]" "$here/ssi.bash-completion"
	result $? "$command is in the manual and the completion"
done
for option in all no-wait timeout interval deadline key insecure json version config node check \
	watch save force; do
	grep -q "[\\]-[\\]-$(echo $option | sed 's/-/[\\]-/')" "$here/ssi.8" &&
		grep -qe "--$option" "$here/ssi.bash-completion"
	result $? "--$option is in the manual and the completion"
done

run --help
grep -q "Exit codes" "$dir/out" && [ $status = 0 ]
result $? "ssi --help tells the exit codes"

for place in "help migrate" "migrate --help" "migrate -h" "--help migrate"; do
	# shellcheck disable=SC2086 # several words
	run $place
	grep -q "PID\.\.\. | -a" "$dir/out" && [ $status = 0 ]
	result $? "ssi $place"
done

for place in help "help ps" --version; do
	# shellcheck disable=SC2086 # several words
	run --json $place
	[ $status = 0 ] && is_json "$dir/out"
	result $? "ssi --json $place prints JSON"
done

"$ssi" help > /dev/full 2> "$dir/err"
[ $? = 7 ] && grep -q "could not be written" "$dir/err"
result $? "a full disk is told"

for place in "--json why x" "why --json x" "why x --json" "-j why x"; do
	# shellcheck disable=SC2086 # several words
	run $place
	[ $status = 1 ] && [ ! -s "$dir/out" ] && is_json "$dir/err" &&
		grep -q '"exit":1' "$dir/err"
	result $? "ssi $place complains in JSON"
done

# shellcheck disable=SC1003 # a backslash on purpose
run --json 'quo"te\'
[ $status = 1 ] && is_json "$dir/err"
result $? "what is quoted in JSON is escaped"

run --json "$(printf 'caf\303\251 \303 \355\240\200 \377')"
[ $status = 1 ] && is_json "$dir/err"
result $? "what is not UTF-8 is not in JSON"

if "$ssi" nodes > "$dir/out" 2> "$dir/err"; then
	for command in "nodes" "ps --interval 0" "why $$"; do
		# shellcheck disable=SC2086 # several words
		run --json $command
		[ $status = 0 ] && is_json "$dir/out"
		result $? "ssi --json $command prints JSON"
	done
	run migrate 2147483647 1000
	[ $status = 3 ] || [ $status = 5 ]
	result $? "a process that does not exist"
else
	run status
	[ $status = 5 ] && grep -q "CONFIG_SSI=y" "$dir/err"
	result $? "a kernel without LinuxSSI is told as such"
	run --json ps
	[ $status = 5 ] && [ ! -s "$dir/out" ] && is_json "$dir/err"
	result $? "also in JSON"
fi

echo "1..$nr"
[ $failed = 0 ] || echo "# $failed of $nr failed"
[ $failed = 0 ]
