#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 1200
#
# /proc is the cluster's: the processes of all nodes are listed, and what their files say
# is what they say at home, to those who may read it there.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
remote=/usr/lib/ssi/tests/remote
procfs=/usr/lib/ssi/tests/procfs
# until COMMAND... succeeds, for half a minute
until_so() { i=0; until "$@" || [ $((i += 1)) = 300 ]; do usleep 100000; done; }
# listed COMMAND...: how many it counts. A node that is silent for three seconds, as on a
# busy machine, has nobody in a listing: if exactly a whole node is missing, once more.
listed()
{
	tries=0
	while n=$("$@"); [ "$n" = 0 ] || [ "$n" = 150 ]; do
		[ $((tries += 1)) -le 3 ] || break
	done
	echo $n
}

on 2 "$remote serve > /tmp/root &
	$remote serve 1000 > /tmp/user &"
until_so on 2 '[ -s /tmp/root ] && [ -s /tmp/user ]'
set -- $(on 2 cat /tmp/root) $(on 2 cat /tmp/user)
say servers "$*"

# what changes by itself, or tells time, is left out
for f in comm cmdline environ auxv personality limits cgroup maps smaps smaps_rollup \
	mountinfo mounts mountstats syscall wchan oom_score_adj coredump_filter uid_map \
	setgroups timerslack_ns fdinfo/1 status statm sched ssi; do
	here=$($procfs read /proc/$1/$f | grep -v -E 'ctxt_switches|^nr_|^se\.|clock|Referenced' | md5sum)
	there=$(on -n 2 "$procfs read /proc/$1/$f" | grep -v -E 'ctxt_switches|^nr_|^se\.|clock|Referenced' | md5sum)
	# the same error on both says nothing
	$procfs read /proc/$1/$f | grep -q "^/proc/$1/$f: " && echo "unreadable: $f"
	[ "$here" = "$there" ] && [ "$here" != "$(echo | md5sum)" ] || echo "differs: $f"
done
say same done
say names "$(ls /proc/$1 | tr '\n' ' ')"
say missing "$(on 2 ls /proc/$1 | while read -r f; do [ -e /proc/$1/$f ] || [ -L /proc/$1/$f ] || echo $f; done | tr '\n' ' ')"

for level in 1 2 4; do
	mkdir -p /mnt/$level
	mount -t proc -o hidepid=$level none /mnt/$level
	$procfs hidden $1 $3 /mnt/$level $level | grep -v '^1\.\.'
done
$procfs check $1 $2 $3 2999999 > /tmp/checked
say checked $?
cat /tmp/checked

# some hundred processes on two nodes, listed by few at a time and by many
# sleepers NODE: waits for them to be executed, as each is one more sh before
sleepers()
{
	on $1 "for i in \$(seq 150); do sleep 1000 > /dev/null 2>&1 & done
		i=0
		until [ \$(cat /proc/$1??????/comm 2> /dev/null | grep -c '^sleep\$') = 150 ] ||
				[ \$((i += 1)) = 300 ]; do usleep 100000; done"
}
sleepers 2
sleepers 3
pids() { ls /proc | grep '^[0-9]......$'; }
of() { grep -c "^$1"; }
pids_of() { pids | of $1; }
few_of() { $remote list | of $1; }
say many "$(listed pids_of 2) $(listed pids_of 3)"
say few "$(listed few_of 2) $(listed few_of 3)"
say order "$($remote list | sort -n -c 2>&1)"
say twice "$($remote list | sort | uniq -d)"
# as ps does it, with what is read ahead
by_stat() { cat /proc/[23]??????/stat | grep -c '(sleep)'; }
by_ps() { ps | grep -c 'sleep 1000$'; }
by_ps_there() { on 3 ps | grep -c 'sleep 1000$'; }
by_pidof() { pidof sleep | wc -w; }
say names_of_sleep "$(listed by_stat)"
say ps "$(listed by_ps)"
say again "$(listed by_ps)"
say away_ps "$(listed by_ps_there)"
say pidof "$(listed by_pidof)"

# more look at them, one after the other, than are remembered
i=0
while [ $((i += 1)) -le 80 ]; do
	ls /proc > /dev/null
done
say readers "$(listed pids_of 2)"

# processes come and go while they are listed
on 2 'for i in 1 2 3; do sh -c "while :; do /bin/true; done" > /dev/null 2>&1 & echo $!; done' > /tmp/churn
i=0; lost=0
while [ $((i += 1)) -le 20 ]; do
	[ "$(listed by_ps)" = 300 ] || lost=$((lost + 1))
done
say churn $lost
on 2 "kill $(xargs < /tmp/churn)"
until_so on 2 "for p in $(xargs < /tmp/churn); do [ ! -d /proc/\$p ] || exit 1; done"

# a process of its own pid namespace, and an ordinary mount in one
say nested "$(unshare -p -f --mount-proc sh -c 'ls /proc | grep -c "^[0-9]......$"')"

# the machine is the sum of the nodes, but in a view of the node
cpus() { echo "$(grep -c '^processor' ${1:-/proc}/cpuinfo) $(grep -c '^cpu[0-9]' ${1:-/proc}/stat)"; }
total() { sed -n 's/^MemTotal: *\(.*\) kB/\1/p' "$@"; }
# the user's server lives
p2=$3
mkdir -p /mnt/own
mount -t proc -o view=node none /mnt/own
on 2 'mkdir -p /mnt/own; mount -t proc -o view=node none /mnt/own'
on 3 'mkdir -p /mnt/own; mount -t proc -o view=node none /mnt/own'
# a node that has not answered yet, as one that does not within a second, is not in a sum
until_so eval '[ "$(cpus)" = "3 3" ]'
until_so on 2 '[ "$(grep -c "^processor" /proc/cpuinfo)" = 3 ]'
say cpus "$(cpus) $(on 2 cat /proc/cpuinfo | grep -c '^processor')"
say processors "$(sed -n 's/^processor.*: //p' /proc/cpuinfo | xargs)"
say own_cpus "$(cpus /mnt/own)"
# how much more than all nodes have nodes 1 and 2 see
surplus()
{
	sum=$(($(total /mnt/own/meminfo) + $(on 2 cat /mnt/own/meminfo | total) +
		$(on 3 cat /mnt/own/meminfo | total)))
	echo "$(($(total /proc/meminfo) - sum)) $(($(on 2 cat /proc/meminfo | total) - sum))"
}
until_so eval '[ "$(surplus)" = "0 0" ]'
say memory "$(surplus)"
threads() { sed 's/.*\/\([0-9]*\) .*/\1/' "$1"; }
more_threads() { echo $(($(threads /proc/loadavg) - $(threads /mnt/own/loadavg) > 300)); }
until_so eval '[ "$(more_threads)" = 1 ]'
say threads "$(more_threads)"
say boot "$(($(sed -n 's/^btime //p' /proc/stat) == $(sed -n 's/^btime //p' /mnt/own/stat)))"
forks() { sed -n 's/^processes //p' "$1"; }
more_forks() { echo $(($(forks /proc/stat) - $(forks /mnt/own/stat) > 300)); }
until_so eval '[ "$(more_forks)" = 1 ]'
say forks "$(more_forks)"
say own_list "$(ls /mnt/own | grep -c '^[23]......$') $([ -e /mnt/own/$p2 ] || echo none)"
say option "$(grep -c ' /mnt/own proc .*view=node' /proc/mounts)"
say refused "$(mount -t proc -o view=nonsense none /mnt/1 2>&1 | grep -c 'Invalid argument')"
mount -o remount,view=cluster /mnt/own
until_so test -e /mnt/own/$p2/stat
say remounted "$(cpus /mnt/own) $([ -e /mnt/own/$p2/stat ] && echo there)"
mount -o remount,view=node /mnt/own
sleep 2
say remounted_back "$(cpus /mnt/own) $([ -e /mnt/own/$p2/stat ] || echo none)"
# from the beginning it is read anew; busybox's cat sends the file
exec 8< /proc/uptime
first=$(head -n 1 <&8)
sleep 1
say anew "$(awk -v first="${first% *}" '{ print ($1 > first) }' /proc/uptime)"
say forms "$(awk '{ print NF }' /proc/loadavg) $(awk '{ print NF }' /proc/uptime) $(awk '$1 == "cpu" { print NF }' /proc/stat)"

# a node that is lost while it is listed, and one that is back
net cut 3
start=$(date +%s)
none_of() { [ "$(pids_of $1)" = 0 ]; }
until_so none_of 3
say lost "$(none_of 3 && [ $(($(date +%s) - start)) -le 60 ] && echo soon) $(listed pids_of 2)"
# it is not listed while it is silent, but counts until it is lost
until_so eval '[ "$(cpus)" = "2 2" ]'
say lost_cpus "$(cpus)"
net heal
until_so eval '[ "$(pids_of 3)" -ge 150 ]'
say back "$(listed pids_of 3)"

# while it is read
on 3 "$remote serve > /tmp/root &"
until_so on 3 '[ -s /tmp/root ]'
set -- $(on 3 cat /tmp/root)
exec 9< /proc/$1/smaps
net cut 3
until_so sh -c "! [ -e /proc/$1/stat ]"
say open "$(cat <&9 2>&1 | grep -c "No such process")"
net heal
until_so sh -c "[ -e /proc/$1/stat ]"

# a node that boots much later: a process that is started there is started between two looks here
node kill 3
sleep 2
node boot 3
until_so on 3 true
until_so eval '[ "$(cpus)" = "3 3" ]'
before=$(cut -d' ' -f1 /proc/uptime)
on 3 "sleep 1000 > /dev/null 2>&1 & echo \$! > /tmp/late"
late=$(on 3 cat /tmp/late)
until_so test -e /proc/$late/stat
started() { cut -d' ' -f22 "/proc/$1/stat"; }
first=$(started $late)
say age "$(awk -v start="$first" -v before="$before" '{ at = start / 100; print (at > before - 1 && at < $1 + 1) }' /proc/uptime)"
say apart "$(on 3 cat /proc/uptime | awk -v here="$(cut -d' ' -f1 /proc/uptime)" '{ print (here - $1 > 10) }')"
sleep 5
say start "$(($(started $late) - first)) $(on 3 "cut -d' ' -f22 /proc/$$/stat")"
# read by bytes and from the middle: it is one text
whole=$(cat /proc/$late/stat | md5sum)
say pieces "$([ "$(dd if=/proc/$late/stat bs=1 2> /dev/null | md5sum)" = "$whole" ] && echo same)"
say tail "$([ "$(dd if=/proc/$late/stat bs=1 skip=40 2> /dev/null)" = "$(tail -c +41 /proc/$late/stat)" ] && echo same)"
say thread "$(($(cut -d' ' -f22 /proc/$late/task/$late/stat) - first))"

ssi leave > /dev/null
say left "$(pids | of 2) $(pids | of 3)"
say left_cpus "$(cpus)"
SCRIPT
cluster -n 3 --overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "servers" 4 "$(get servers | tr ' ' '\n' | grep -c '^2......$')"
same "files that say something else than at home" "" "$(get differs)"
same "files were compared" "done" "$(get same)"
same "files that cannot be read" "" "$(get unreadable)"
same "what is only had at home" "clear_refs map_files mem net pagemap" \
	"$(get missing | tr ' ' '\n' | grep -E -v '^(ksm|make|fail|timens|latency|attr|patch|sess|login)' | sort | xargs)"
grep -E '^((not )?ok|#) ' "$scratch/out"
same "checks that failed" "0 0" "$(get checked) $(grep -c '^not ok' "$scratch/out")"
ok "checks ran" test "$(grep -c '^ok' "$scratch/out")" -ge 100
for what in many few; do
	ok "listed: $what" eval "set -- $(get $what); [ \$1 -ge 150 ] && [ \$2 -ge 150 ]"
done
same "listed in order" "" "$(get order)"
same "none is listed twice" "" "$(get twice)"
same "stat of each" 300 "$(get names_of_sleep)"
same "ps" 300 "$(get ps)"
same "ps again" 300 "$(get again)"
same "ps on another node" 300 "$(get away_ps)"
same "pidof" 300 "$(get pidof)"
ok "listed after many have" test "$(get readers)" -ge 150
same "ps that missed one while others came and went" 0 "$(get churn)"
same "a pid namespace of its own has none" 0 "$(get nested)"
same "CPUs of all nodes" "3 3 3" "$(get cpus)"
same "CPUs are numbered on" "0 1 2" "$(get processors)"
same "CPUs of the node" "1 1" "$(get own_cpus)"
same "memory of all nodes" "0 0" "$(get memory)"
same "threads of all nodes" 1 "$(get threads)"
same "forks of all nodes" 1 "$(get forks)"
same "boot of this node" 1 "$(get boot)"
same "the node's own processes" "0 none" "$(get own_list)"
same "mount option" "1 1" "$(get option) $(get refused)"
same "remounted" "3 3 there" "$(get remounted)"
same "remounted back" "1 1 none" "$(get remounted_back)"
same "read anew" 1 "$(get anew)"
same "fields" "5 2 11" "$(get forms)"
same "CPUs without a node" "2 2" "$(get lost_cpus)"
same "left: CPUs" "1 1" "$(get left_cpus)"
ok "a node that is lost has no processes" eval "set -- $(get lost); [ \$1 = soon ] && [ \$2 -ge 150 ]"
ok "when it is back it has" test "$(get back)" -ge 150
same "what is read of a lost node ends" 1 "$(get open)"
same "a process of a node that booted later has its age" "1 1" "$(get apart) $(get age)"
same "its start stays, and one older than the node is as old as that" "0 0" "$(get start)"
same "the text is one, however it is read" "same same 0" "$(get pieces) $(get tail) $(get thread)"
same "left: no others" "0 0" "$(get left)"
finish
