#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 600
#
# The programs that people know, unmodified, see and control the processes of all nodes.

. "$(dirname "$0")/lib.bash"

mkdir "$scratch/overlay"
cat > "$scratch/overlay/inside" <<'SCRIPT'
say() { echo "$1: $2"; }
# until COMMAND... succeeds, for half a minute
until_so() { i=0; until "$@" || [ $((i += 1)) = 300 ]; do usleep 100000; done; }
export TERM=linux

on 2 'sleep 1001 > /dev/null 2>&1 & setpriv --reuid 65534 --regid 65534 --clear-groups sleep 1002 > /dev/null 2>&1 &
	sh -c "sleep 1003; :" > /dev/null 2>&1 &'
on 3 'sleep 1001 > /dev/null 2>&1 & exec -a renamed sleep 1004 > /dev/null 2>&1 &' 2> /dev/null
until_so eval '[ "$(ps -eo stat=,args= | grep -c "^S *sleep 100[123]$")" = 4 ]'

say pgrep "$(pgrep -x -f 'sleep 100[123]' | cut -c 1 | xargs)"
say pgrep_user "$(pgrep -u nobody -a | sed 's/^2[0-9]* //')"
say ps_aux "$(ps aux | awk '/sleep 100[123]$/ { print $1, substr($2, 1, 1), $8, $11, $12 }' | sort | xargs)"
say ps_args "$(ps -eo pid=,ppid=,ni=,rss=,stat=,args= | awk '/ sleep 1001$/ { print ($4 > 0), $3, $5 }' | xargs)"
say ps_one "$(ps -o args= -p $(pgrep -x -f 'sleep 1002'))"
say ps_tree "$(ps -e --forest -o args= | grep -A 1 'sh -c sleep 1003' | xargs)"
say ps_threads "$(ps -eLo lwp=,args= | grep -c 'sleep 100[123]$')"
say ps_errors "$(ps auxf 2>&1 > /dev/null | head -n 3)"
say pstree "$(pstree -p $(pgrep -x -f 'sh -c sleep 1003; :') | sed 's/[0-9][0-9]*/N/g')"
say top "$(top -b -n 2 -d 0.5 -w 200 -c | grep -c 'sleep 100[123]$')"
say lsof "$(lsof -p $(pgrep -x -f 'sleep 1002') 2> /dev/null | awk '{ print $4 }' | sort -u | xargs)"
say pwdx "$(pwdx $(pgrep -x -f 'sleep 1002') | sed 's/.*: //')"
say pmap "$(pmap $(pgrep -x -f 'sleep 1002') | grep -c '\[ stack \]')"
say watch "$(timeout 5 watch -t -n 1 'ps aux | grep -c "sleep 100[123]$"' 2>&1 | tr -d '\033' | grep -c .)"

# who is nobody sees all, and may look into nothing
say nobody "$(setpriv --reuid 65534 --regid 65534 --clear-groups ps ax | grep -c '^ *2[0-9]\{6\}')"
renice -n 7 -p $(pgrep -x -f 'sleep 1002') > /dev/null
say renice "$(ps -o ni= -p $(pgrep -x -f 'sleep 1002') | xargs)"
kill -STOP $(pgrep -x -f 'sleep 1002')
until_so sh -c 'ps -o stat= -p $(pgrep -x -f "sleep 1002") | grep -q ^T'
say stopped "$(ps -o stat= -p $(pgrep -x -f 'sleep 1002') | cut -c 1)"
pkill -x -f 'sleep 1002'
kill -CONT $(pgrep -x -f 'sleep 1002')
until_so sh -c '! pgrep -x -f "sleep 1002"' > /dev/null
say pkill "$(pgrep -x -f 'sleep 1002' | wc -l)"
killall sleep
until_so sh -c '! pgrep sleep' > /dev/null
say killall "$(pgrep sleep | wc -l) $(on 2 pgrep sleep | wc -l) $(on 3 pgrep sleep | wc -l)"

# the machine is the sum of the nodes; an own view is had by a mount
total() { free -k | awk '$1 == "Mem:" { print $2 }'; }
own() { ssi run --local-view free -k | awk '$1 == "Mem:" { print $2 }'; }
mkdir -p /mnt/own
mount -t proc -o view=node none /mnt/own
# a node that has not answered yet, as one that does not within a second, is not in a sum
all() { echo $(($(total) * 2 > $(own) * 5)); }
until_so eval '[ "$(all)" = 1 ]'
until_so eval '[ "$(grep -c "^processor" /proc/cpuinfo)" = 3 ]'
say free "$(total) $(own)"
say top_memory "$(top -b -n 1 -w 200 -E k | sed -n 's/^KiB Mem : *\([0-9]*\).*/\1/p')"
say top_tasks "$(($(top -b -n 1 -w 200 | sed -n 's/^Tasks: *\([0-9]*\) total.*/\1/p') > 3))"
say uptime "$(uptime | grep -c 'load average: [0-9.]*, [0-9.]*, [0-9.]*$')"
say vmstat "$(vmstat 1 2 | tail -n 1 | wc -w) $(vmstat -s | grep -c -E 'K total memory|forks|boot time')"
say nproc "$(nproc)"
say user_cpus "$(setpriv --reuid 65534 --regid 65534 --clear-groups cat /proc/cpuinfo | grep -c '^processor')"
SCRIPT
cluster -n 3 "${patient[@]}" --rootfs procps psmisc lsof ncurses-base util-linux \
	--overlay "$scratch/overlay" -- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
grep -v '^# ' "$scratch/out" | sed 's/^/# /'
same "pgrep" "2 2 2 3" "$(get pgrep)"
same "pgrep -u" "sleep 1002" "$(get pgrep_user)"
same "ps aux" "nobody 2 S sleep 1002 root 2 S sleep 1001 root 2 S sleep 1003 root 3 S sleep 1001" \
	"$(get ps_aux)"
same "ps -o" "1 0 S 1 0 S" "$(get ps_args)"
same "ps -p" "sleep 1002" "$(get ps_one)"
ok "ps --forest" eval 'get ps_tree | grep -q "sleep 1003; : .* sleep 1003"'
same "ps -L" 4 "$(get ps_threads)"
same "ps complains of nothing" "" "$(get ps_errors)"
same "pstree" "sh(N)---sleep(N)" "$(get pstree)"
same "top, twice" 8 "$(get top)"
ok "lsof" eval 'get lsof | grep -q "0r 1w 2w .*cwd mem rtd txt"'
same "pwdx" /root "$(get pwdx)"
same "pmap" 1 "$(get pmap)"
ok "watch" test "$(get watch)" -ge 1
same "renice" 7 "$(get renice)"
same "kill -STOP" T "$(get stopped)"
same "pkill" 0 "$(get pkill)"
same "killall" "0 0 0" "$(get killall)"
ok "free: memory of three nodes" eval "set -- $(get free); [ \$1 -gt \$((\$2 * 5 / 2)) ] && [ \$1 -lt \$((\$2 * 7 / 2)) ]"
same "top: the same" "$(get free | cut -d ' ' -f 1)" "$(get top_memory)"
same "top: tasks" 1 "$(get top_tasks)"
same "uptime" 1 "$(get uptime)"
same "vmstat" "17 3" "$(get vmstat)"
same "nproc: CPUs that threads of a program can use" 1 "$(get nproc)"
same "an ordinary user's cpuinfo" 3 "$(get user_cpus)"
ok "an ordinary user's ps" test "$(get nobody)" -ge 3
finish
