#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in the VM, with the host's files as its root: does what the job file
# (written by vm/run) says, leaves status and kernel log, and turns off.
job=/run/job
export HOME=/root TERM=dumb LANG=C.UTF-8
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset OLDPWD

# Output goes through pipes, as a program would find it in a script.
exec < /dev/null > >(exec cat > /dev/vport0p1)
writers=$!
exec 2> >(exec cat > /dev/vport0p2)
writers+=" $!"

mounts() {
	mount -t sysfs sys /sys
	mkdir -p /dev/pts /dev/shm
	mount -t devpts -o gid=5,mode=620,ptmxmode=666 pts /dev/pts
	mount -t tmpfs -o mode=1777 shm /dev/shm
	mount -t debugfs debug /sys/kernel/debug
	mount -t tracefs trace /sys/kernel/tracing
	mount -t bpf bpf /sys/fs/bpf
	mount -t cgroup2 cgroup /sys/fs/cgroup
	[ -z "$out" ] || {
		mkdir -p "$out"
		mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 out "$out"
	}
}

# insmod does not load what a module depends on.
load() {
	local m

	for m in $(modinfo -F depends "$module" | tr , ' '); do
		modprobe "$m" || return
	done
	# shellcheck disable=SC2086 # parameters are words
	insmod "$module" $MPCNET_PARAMS || return
	export MPCNET_KO=$module # for tests that load it again
}

work() {
	if [ -n "$module" ]; then
		load || return 122
	fi
	cd "$cwd" || return 125
	timeout -k 10 "$limit" "${command[@]}"
}

# A daemon that outlives the command must not keep the VM up.
drain() {
	local tries=50 w

	exec > /dev/kmsg 2>&1
	for w in $writers; do
		while [ -d "/proc/$w" ] && [ $((tries--)) -gt 0 ]; do
			sleep 0.05
		done
	done
}

cwd='' limit='' module='' out='' command=() # set by the job file
# shellcheck source=/dev/null # written by vm/run
. $job/job
mounts
ip link set lo up
work
status=$?
[ $status != 124 ] || echo w > /proc/sysrq-trigger
dmesg > $job/dmesg
echo $status > $job/status
drain
/run/busybox sync
/run/busybox poweroff -f
