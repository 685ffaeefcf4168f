#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module is loaded and unloaded 100 times, with traffic in between, and
# leaves nothing behind. MPCNET_KO is the file of the module; without it, and
# for WireGuard, modprobe finds it. It takes a minute or two.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 10
need_module
klog_mark
rounds=${MPCNET_ROUNDS:-100}

load()
{
	if [ "$MPCNET_KIND" = mpcnet ] && [ -n "${MPCNET_KO:-}" ]; then
		insmod "$MPCNET_KO"
	else
		modprobe "$MPCNET_KIND"
	fi
}
unload()
{
	rmmod "$MPCNET_KIND"
}
loaded()
{
	[ -d "/sys/module/$MPCNET_KIND" ]
}
# The reference of a link that was just removed is dropped a moment later
unload_soon()
{
	busywait 5 unload
}
# What debuggers read is most of the file, and of the time to load it
if [ -n "${MPCNET_KO:-}" ] && strip --strip-debug -o "$TMP/mpcnet.ko" "$MPCNET_KO"; then
	MPCNET_KO=$TMP/mpcnet.ko
fi 2>/dev/null
unload_soon 2>/dev/null || skip_all "the module cannot be unloaded"
load || skip_all "the module cannot be loaded again: set MPCNET_KO"
defer eval 'loaded || load'

wires 2 || skip_all "no wires"
key_new 1 2
a=${NS[1]}
b=${NS[2]}

links()
{
	local i

	for i in 1 2; do
		ip -n "${NS[i]}" -batch "$TMP/batch.$i" || return 1
		conf_set "${NS[i]}" mpc0 "$TMP/$i.conf" || return 1
	done
}
for i in 1 2; do
	(umask 077; mesh_conf $i 2 4 >"$TMP/$i.conf")
	cat >"$TMP/batch.$i" <<-BATCH
		link add mpc0 type $MPCNET_KIND
		addr add 10.77.0.$i/24 dev mpc0
		link set mpc0 up
	BATCH
done
traffic()
{
	n "$a" ping -q -c 2 -i 0.01 -W 3 10.77.0.2
}
one_round()
{
	loaded || load || return 1
	links && traffic || return 1
	ip -n "$a" link del mpc0
	ip -n "$b" link del mpc0
	unload_soon
}
many_rounds()
{
	local i

	for ((i = 1; i <= $1; i++)); do
		one_round >"$TMP/round" 2>&1 || { echo "round $i"; cat "$TMP/round"; return 1; }
	done
}
# slab: objects in use in the caches where a module's leaks show
slab()
{
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^kmalloc-|^dma-kmalloc|^skbuff_|^UDP|^sock_inode|mpcnet|^wg_|^ip_dst|^net_namespace/ {
		sum += $2 * $4 } END { printf "%d\n", sum / 1024 }' /proc/slabinfo
}
# meminfo NAME: kB of /proc/meminfo
meminfo()
{
	awk -v name="$1:" '$1 == name { print $2 }' /proc/meminfo
}
# pages: kB that no cache of the slab accounts for
pages()
{
	echo $(($(meminfo Percpu) + $(meminfo VmallocUsed) + $(meminfo KernelStack)))
}

check "warm-up, 5 rounds" many_rounds 5
slab_before=$(slab)
pages_before=$(pages)
check "$rounds rounds of load, traffic and unload" many_rounds "$rounds"
grown_little()
{
	growth=$(($("$1") - $2))
	[ "$growth" -lt 900 ]
}
# no_leak COUNT BEFORE: a leak of 10 kB a round would show as 1000 kB
no_leak()
{
	busywait 10 grown_little "$@" && return 0
	echo "$1 grew by $growth kB in $rounds rounds"
	return 1
}
check "slab caches grew by less than 900 kB" no_leak slab "$slab_before"
diag "slab grew by $growth kB"
check "other memory of the kernel grew by less than 900 kB" no_leak pages "$pages_before"
diag "other memory grew by $growth kB"

check "loaded once more" load
in_use()
{
	links && traffic || return 1
	if unload; then
		# the kind is withdrawn and takes its links along
		fails ip -n "$a" link show mpc0
		return
	fi
	traffic
}
check "unloading while links are up is refused, or takes them along" in_use
afterwards()
{
	ip -n "$a" link del mpc0
	ip -n "$b" link del mpc0
	! loaded || unload_soon
}
check "unloaded when none is left" afterwards
# says_how NAME COMMAND...: where insmod has loaded it, nobody else does
says_how()
{
	if [ -z "${MPCNET_KO:-}" ]; then
		skip "$1" "modprobe finds the module"
		return
	fi
	check_own "$1" refused_for_want_of_it "${@:2}"
}
refused_for_want_of_it()
{
	fails "$@" && expect "the kernel module mpcnet is not loaded: modprobe mpcnet" "$@"
}
export MPCNET_RUNDIR=$TMP/run MPCNET_STATEDIR=$TMP/state
says_how "without it, mpcnetctl says how to load it" mpcnetctl link add mpc0
says_how "and so does whoever joins a session" \
	mpcnetctl session join "$(mpcnetctl session new parties 2)"
check "the kernel log is clean" klog_clean
finish
