#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: x86_64
# long: all
# timeout: 2400
#
# Two Debian systems with systemd: the units join, a stop and a reboot empty the node first,
# and a node joins in Debian's initramfs.

. "$(dirname "$0")/lib.bash"

[ "$(uname -m)" = x86_64 ] || { echo "Debian of x86_64 cannot be set up on this machine"; exit 4; }
image=$("$top/ci/system") || exit 1
cluster --build > "$scratch/built" || exit 1
# as installed on each node: "make install", the cluster, its key, and a service with a process
make -s -C "$top/build/linux/tools/ssi" O="$top/build/${ARCH:-x86_64}/tool" LDFLAGS=-static \
	DESTDIR="$scratch/overlay" install > "$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
mkdir -p "$scratch/overlay"/etc/{ssi,systemd/system} "$scratch/overlay/var/log/journal"
chmod 700 "$scratch/overlay/etc/ssi"
(umask 077; od -An -tx1 -N32 /dev/urandom | tr -d ' \n' > "$scratch/overlay/etc/ssi/key")
printf 'cluster lab\ndeadline 20\nnode 1 10.77.0.1\nnode 2 10.77.0.2\n' > "$scratch/overlay/etc/ssi/cluster.conf"
cp "$(dirname "$0")/states.bash" "$scratch/overlay"
cat > "$scratch/overlay/etc/systemd/system/work.service" <<'UNIT'
[Service]
ExecStart=/bin/sh /spin
ExecStop=/bin/sh -c '/usr/sbin/ssi status > /var/tmp/work 2>&1'

[Install]
WantedBy=multi-user.target
UNIT
cat > "$scratch/overlay/spin" <<'SCRIPT'
i=0; while :; do i=$((i + 1)); done
SCRIPT
cat > "$scratch/overlay/session" <<'SCRIPT'
trap '/usr/sbin/ssi status > /var/tmp/session 2>&1; exit' TERM HUP
echo "$XDG_SESSION_ID" > /var/tmp/session-id
while :; do sleep 1; done
SCRIPT
cat > "$scratch/overlay/inside" <<'SCRIPT'
. /states.bash
# wait until COMMAND succeeds
until_ok() {
	start=$(date +%s)
	until "$@" > /dev/null 2>&1; do
		[ $(($(date +%s) - start)) -lt 120 ] || return
		sleep 0.5
	done
}
settled() { ! on -n $1 systemctl is-active ssi ssi-drain | grep -q activating; }
active() { until_ok settled $1; on -n $1 systemctl is-active ssi ssi-drain | tr '\n' ' '; }
where() { ssi --json why $1 | tr -d ' \n' | sed 's/.*"node":\([0-9]*\),.*/\1/'; }
running() { kill -0 $1 2> /dev/null && echo yes || echo no; }
status() { on -n $1 ssi --json status | tr -d ' \n' | sed "s/.*\"$2\":\"\{0,1\}\([a-z0-9]*\).*/\1/"; }
losses() { ssi --json nodes | tr -d ' \n' | sed 's/.*"losses":\([0-9]*\).*/\1/'; }
boot_id() { on -n 2 cat /proc/sys/kernel/random/boot_id; }
booted() { now=$(boot_id) && [ "$now" != "$was" ]; }
# Node 2 shuts itself down and boots again. Says what node 1 saw of its process there.
reboot() {
	was=$(boot_id)
	on 2 systemctl reboot
	saw="$(await 1 2 gone) $(running $one) $(where $one)"
	for i in 1 2 3 4 5; do until_ok booted; done
	echo "$saw $(on -n 2 systemctl is-system-running --wait)"
}

say up "$(cat /run/cluster-boot) $(on 2 cat /run/cluster-boot) $(hostname) $(on 2 hostname)"
for n in 1 2; do on $n systemctl enable --now ssi 2>&1; done > /dev/null
say member "$(active 1)$(active 2)$(await 1 2 member) $(ssi status | grep -c '^encrypted *yes')"

sh /spin & one=$!
until_ok grep -q spin /proc/$one/cmdline; sleep 1
ssi migrate $one 2 > /dev/null; say moved "$(where $one)"
on 2 systemctl stop ssi; say stop "$? $(active 2)$(await 1 2 gone) $(running $one) $(where $one)"
on 2 systemctl start ssi; say start "$? $(active 2)$(await 1 2 member)"
on 2 'echo node 3 10.77.0.3 >> /etc/ssi/cluster.conf; systemctl reload ssi'
say reload "$? $(active 2)$(await 1 2 member) $(on 2 ssi nodes | grep -c 10.77.0.3)"
on 2 'sed -i /10.77.0.3/d /etc/ssi/cluster.conf; ssi nodes del 3' > /dev/null

# a program of node 1 is on node 2, and does not end
mkfifo /tmp/end; ssi run -n 2 sh -c 'read word; exit 7' < /tmp/end & program=$!
exec 9> /tmp/end
placed() { [ "$(status 2 placed)" = 1 ]; }
until_ok placed
on 2 'mkdir /etc/systemd/system/ssi-drain.service.d
printf "[Service]\nExecStop=\nExecStop=/usr/sbin/ssi drain --timeout 3\n" > /etc/systemd/system/ssi-drain.service.d/short.conf
systemctl daemon-reload'
on 2 systemctl stop ssi; say held "$(active 2)$(await 1 2 draining)"
say named "$(on 2 journalctl -u ssi-drain | grep -c 'was started here by a process of node 1')"
on 2 systemctl start ssi; say again "$? $(active 2)$(await 1 2 member)"
echo word >&9; exec 9>&-; wait $program; say program $?

on 2 'systemctl stop ssi; mount -t tmpfs none /sys/module; systemctl start ssi'
say nossi "$? $(active 2)$(on 2 systemctl show -P ConditionResult ssi)"
on 2 'umount /sys/module; systemctl start ssi'; say ssi "$? $(active 2)$(await 1 2 member)"

# the address is late
on 2 'systemctl stop ssi; ip addr del 10.77.0.2/32 dev lo; ip addr del 10.77.0.2 peer 10.77.0.1/32 dev to1
systemctl start ssi 2> /dev/null'; say late $?
on 2 'ip addr add 10.77.0.2/32 dev lo; ip addr add 10.77.0.2 peer 10.77.0.1/32 dev to1'
until_ok on -n 2 systemctl is-active ssi-drain; say there "$(active 2)$(await 1 2 member)"

# reboot, with a guest, and with a service, which has a process away, and a session
on 2 'systemctl enable --now work; useradd -m user' > /dev/null 2>&1
on 2 'setsid su - user -c "sh /session" > /dev/null 2>&1 < /dev/null &'
until_ok on -n 2 test -s /var/tmp/session-id
two=$(on 2 systemctl show -P MainPID work)
ssi migrate $one 2 > /dev/null; on 2 ssi migrate $two 1 > /dev/null
say away "$(where $one) $(status 1 away) $(status 2 away)"
incarnation=$(status 2 incarnation)
say reboot "$(reboot)"
say work "$(on 2 cat /var/tmp/work)"
say session "$(on 2 cat /var/tmp/session)"
say order "$(on 2 journalctl -b -1 -o cat | grep -oE 'This node has left|Stopping systemd-networkd' | tail -n 2 | tr '\n' ' ')"
say back "$(active 2)$(await 1 2 member) $(losses) $(status 2 incarnation | grep -c "^$incarnation$")"

# the initramfs: a hook that leaves out the key while others could read it, and the image
kill -STOP $one; on 2 systemctl disable --now work 2> /dev/null
on 2 'mkdir /tmp/open; umask 022; DESTDIR=/tmp/open sh /usr/share/initramfs-tools/hooks/ssi 2>&1' > /tmp/out
say open "$? $(grep -c 'UMASK=0077' /tmp/out) $(on 2 'cd /tmp/open; find . -type f' | sort | tr '\n' ' ')"
on 2 'echo UMASK=0077 >> /etc/initramfs-tools/initramfs.conf
v=$(uname -r); mkdir -p /lib/modules/$v; cd /lib/modules/$v; touch modules.order modules.builtin; depmod 2> /dev/null
zcat /proc/config.gz > /boot/config-$v; update-initramfs -c -k $v 2>&1' > /tmp/out
say image "$? $(grep -c 'W: ssi' /tmp/out) $(on 2 'stat -c %a /boot/initrd.img-*') $(on 2 'lsinitramfs -l /boot/initrd.img-*' | grep -E ' etc/ssi/key$' | cut -c 1-10)"
kill -CONT $one
on 2 'echo ssi.join=initramfs ip=10.77.0.2:::255.255.255.0:node2:to1:off > /boot/cmdline'
ssi migrate $one 2 > /dev/null; say guest "$(where $one)"
say reboot2 "$(reboot)"
say back2 "$(active 2)$(await 1 2 member) $(losses)"
say early "$(on 2 dmesg | grep -oE 'ssi: this is node 2|EXT4-fs \(vda\): mounted' | head -n 2 | tr '\n' ' ')"
say journal "$(on 2 journalctl -b -u ssi -o cat | grep -c 'is node 2 of cluster lab already')"
say alive "$(running $one)"
kill $one; wait $one 2> /dev/null
exit 0
SCRIPT
cluster -n 2 --system "$image" --mem 1024M --overlay "$scratch/overlay" \
	-- sh /inside > "$scratch/out"
same "exit status" 0 $?
get() { sed -n "s/^$1: //p" "$scratch/out"; }
same "both systems boot" "running running node1 node2" "$(get up)"
same "ssi.service joins" "active active active active member 1" "$(get member)"
same "a process moves to node 2" 2 "$(get moved)"
same "systemctl stop brings it home" "0 inactive inactive gone yes 1" "$(get stop)"
same "systemctl start joins again" "0 active active member" "$(get start)"
same "systemctl reload takes a node of the file" "0 active active member 1" "$(get reload)"
same "a stop that something holds fails" "failed failed draining" "$(get held)"
same "and names it" 1 "$(get named)"
same "start takes it back" "0 active active member" "$(get again)"
same "the program ends as it likes" 7 "$(get program)"
same "no LinuxSSI is no failure" "0 inactive inactive no" "$(get nossi)"
same "and it joins when there is" "0 active active member" "$(get ssi)"
same "no address is a failure" 1 "$(get late)"
same "until there is one" "active active member" "$(get there)"
same "a guest, and a process away" "2 1 1" "$(get away)"
same "a reboot sends the guest home" "gone yes 1 running" "$(get reboot)"
same "services stop after that" 1 "$(get work | grep -c 'has not joined')"
same "sessions as well" 1 "$(get session | grep -c 'has not joined')"
same "and the network" "This node has left Stopping systemd-networkd " "$(get order)"
same "it comes back as another incarnation, none was lost" "active active member 0 0" "$(get back)"
same "no key in an image that others can read" "0 1 ./etc/ssi/cluster.conf ./usr/sbin/ssi " "$(get open)"
same "the key in one that they cannot" "0 0 600 -rw-------" "$(get image)"
same "a guest again" 2 "$(get guest)"
same "and a reboot" "gone yes 1 running" "$(get reboot2)"
same "it joins in the initramfs" "active active member 0" "$(get back2)"
same "before the root file system is mounted" "ssi: this is node 2 EXT4-fs (vda): mounted " "$(get early)"
same "which is no error for ssi.service" 1 "$(get journal)"
same "the process of node 1 has lived through all that" yes "$(get alive)"
finish
