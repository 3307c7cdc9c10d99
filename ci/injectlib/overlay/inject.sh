#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What needs memory on all three nodes, a step after the other. Each prints
# "STEP STATUS WORDS"; with an argument node 3 leaves and joins, too.
dir=$(mktemp -d)
try()
{
	step=$1; shift
	words=$("$@" 2>&1); status=$?
	echo "$step $status $(echo "$words" | tail -n 1)"
}
steps() { sed -n 's/^step //p' "$dir/worker" | tail -n 1; }
# on it goes, wherever it is: within a minute it takes another step, or it has ended
goes_on()
{
	was=$(steps) i=0
	while [ "$(steps)" = "$was" ] && kill -0 $pid 2> /dev/null; do
		i=$((i + 1)); [ $i -lt 300 ] || { echo "the worker stands still"; return 1; }
		usleep 200000
	done
}

/usr/lib/ssi/tests/worker work "$dir/file" > "$dir/worker" & pid=$!
goes_on
for n in 2 3; do
	try move$n ssi migrate $pid $n
	try on$n goes_on
done
try list ssi ps
try why ssi why $pid
try home ssi home $pid
try again ssi migrate $pid 2
kill -TERM $pid
wait $pid; status=$?
echo "worker $status $(tail -n 1 "$dir/worker")"

ssi run -n 2 sh -c 'echo $$; exec sleep 1000' > "$dir/pid" 2> "$dir/said" & stub=$!
i=0
until [ -s "$dir/pid" ] || ! kill -0 $stub 2> /dev/null || [ $i -ge 300 ]; do
	i=$((i + 1))
	usleep 100000
done
# if it was not started: a number that nobody has
read there < "$dir/pid" || there=2999999
for what in stat status maps cmdline environ limits statm mountinfo; do
	try $what cat /proc/$there/$what > "$dir/shown"
	tail -n 1 "$dir/shown" | cut -c 1-100
done
try fd ls -l /proc/$there/fd
try exe readlink /proc/$there/exe
try oom sh -c "echo 5 > /proc/$there/oom_score_adj"
try nice renice -n 1 $there
try pidfd /usr/lib/ssi/tests/pidfd many $there 2
try mask taskset -p 1 $there
try cpus taskset -p $there
try ps ps
try machine cat /proc/stat /proc/meminfo /proc/loadavg /proc/uptime
try objects cat /sys/kernel/debug/ssi/objects
try kill kill -TERM $there
i=0
# it may not have started, or not have heard of it
while kill -0 $stub 2> /dev/null; do
	i=$((i + 1)); [ $i -ne 50 ] || kill -KILL $stub
	usleep 100000
done
wait $stub; status=$?
echo "stub $status $(tail -n 1 "$dir/said")"

echo "in and out" > "$dir/in"
try through sh -c "ssi run -n 3 cat < $dir/in | cat"
try anew ssi run -n 2 sh -c "cat /dev/stdin < /etc/hostname; ssi run -n 1 true"
try spread ssi run --spread sh -c 'ls / > /dev/null; ls /proc > /dev/null'
if [ -n "$1" ]; then
	try leave on -n 3 ssi leave
	try join on -n 3 ssi join
fi
rm -rf "$dir"
echo "end 0 of all"
