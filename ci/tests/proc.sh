#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# timeout: 600
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
on 2 'for i in $(seq 150); do sleep 1000 > /dev/null 2>&1 & done'
on 3 'for i in $(seq 150); do sleep 1000 > /dev/null 2>&1 & done'
pids() { ls /proc | grep '^[0-9]......$'; }
of() { grep -c "^$1"; }
say many "$(pids | of 2) $(pids | of 3)"
say few "$($remote list | of 2) $($remote list | of 3)"
say order "$($remote list | sort -n -c 2>&1)"
say twice "$($remote list | sort | uniq -d)"
# as ps does it, with what is read ahead
say names_of_sleep "$(cat /proc/[23]??????/stat | grep -c '(sleep)')"
say ps "$(ps | grep -c 'sleep 1000$')"
say again "$(ps | grep -c 'sleep 1000$')"
say away_ps "$(on 3 ps | grep -c 'sleep 1000$')"
say pidof "$(pidof sleep | wc -w)"

# more look at them, one after the other, than are remembered
i=0
while [ $((i += 1)) -le 80 ]; do
	ls /proc > /dev/null
done
say readers "$(pids | of 2)"

# processes come and go while they are listed
on 2 'for i in 1 2 3; do sh -c "while :; do /bin/true; done" > /dev/null 2>&1 & done'
i=0; lost=0
while [ $((i += 1)) -le 20 ]; do
	[ "$(ps | grep -c 'sleep 1000$')" = 300 ] || lost=$((lost + 1))
done
say churn $lost
kill $(pgrep -f "while :")

# a process of its own pid namespace, and an ordinary mount in one
say nested "$(unshare -p -f --mount-proc sh -c 'ls /proc | grep -c "^[0-9]......$"')"

# the machine is the sum of the nodes, but in a view of the node
cpus() { echo "$(grep -c '^processor' ${1:-/proc}/cpuinfo) $(grep -c '^cpu[0-9]' ${1:-/proc}/stat)"; }
total() { sed -n 's/^MemTotal: *\(.*\) kB/\1/p' "${1:-/proc}/meminfo"; }
p2=$(pids | grep '^2' | tail -n 1)
mkdir -p /mnt/own
mount -t proc -o view=node none /mnt/own
on 2 'mkdir -p /mnt/own; mount -t proc -o view=node none /mnt/own'
on 3 'mkdir -p /mnt/own; mount -t proc -o view=node none /mnt/own'
say cpus "$(cpus) $(on 2 cat /proc/cpuinfo | grep -c '^processor')"
say processors "$(sed -n 's/^processor.*: //p' /proc/cpuinfo | xargs)"
say own_cpus "$(cpus /mnt/own)"
sum=$(($(total /mnt/own) + $(on 2 cat /mnt/own/meminfo | sed -n 's/^MemTotal: *\(.*\) kB/\1/p') +
	$(on 3 cat /mnt/own/meminfo | sed -n 's/^MemTotal: *\(.*\) kB/\1/p')))
say memory "$(($(total) - sum))"
say memory_there "$(($(on 2 cat /proc/meminfo | sed -n 's/^MemTotal: *\(.*\) kB/\1/p') - sum))"
threads() { sed 's/.*\/\([0-9]*\) .*/\1/' "$1"; }
say threads "$(($(threads /proc/loadavg) - $(threads /mnt/own/loadavg) > 300))"
say boot "$(($(sed -n 's/^btime //p' /proc/stat) == $(sed -n 's/^btime //p' /mnt/own/stat)))"
say forks "$(($(sed -n 's/^processes //p' /proc/stat) - $(sed -n 's/^processes //p' /mnt/own/stat) > 300))"
say own_list "$(ls /mnt/own | grep -c '^[23]......$') $([ -e /mnt/own/$p2 ] || echo none)"
say option "$(grep -c ' /mnt/own proc .*view=node' /proc/mounts)"
say refused "$(mount -t proc -o view=nonsense none /mnt/1 2>&1 | grep -c 'Invalid argument')"
mount -o remount,view=cluster /mnt/own
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
until_so sh -c '[ "$(ls /proc | grep -c "^3......$")" = 0 ]'
say lost "$([ $(($(date +%s) - start)) -le 15 ] && echo soon) $(pids | of 2)"
say lost_cpus "$(cpus)"
net heal
until_so sh -c '[ "$(ls /proc | grep -c "^3......$")" -ge 150 ]'
say back "$(pids | of 3)"

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
same "memory of all nodes" "0 0" "$(get memory) $(get memory_there)"
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
same "left: no others" "0 0" "$(get left)"
finish
