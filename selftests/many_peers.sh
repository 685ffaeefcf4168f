#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 10,000 peers of one link: set by a file, shown whole, removed, and the
# memory comes back.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 10
need_module
klog_mark
setup_ns a
peers=10000

# write_conf N: a file of N peers; only one private key's worth of curve work
write_conf()
{
	umask 077
	head -c $(($1 * 32)) /dev/urandom | base64 -w 0 | awk -v n="$1" '{
		print "[Interface]\nListenPort = 5001"
		for (i = 0; i < n; i++) {
			print "[Peer]\nPublicKey = " substr($0, i * 42 + 1, 42) "A="
			printf "AllowedIPs = 10.%d.%d.0/32, fd00::%x/128\n", i / 256, i % 256, i
			printf "Endpoint = 192.0.2.%d:%d\n", i % 250 + 1, i % 60000 + 1
		}
	}' >"$TMP/conf"
}
# used_kb: what the kernel has allocated for itself, but for whole pages
used_kb()
{
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(SUnreclaim|Percpu):/ { kb += $2 } END { print kb }' /proc/meminfo
}
timed()
{
	local begun limit=$1

	shift
	begun=$(now_ms)
	"$@" || return 1
	begun=$(($(now_ms) - begun))
	echo "$begun" >"$TMP/ms"
	more "$limit" "$begun"
}

check "a file of $peers peers" write_conf $peers
link_add "$a" mpc0
before=$(used_kb)
check "it is set, within 20 s" timed 20000 conf_set "$a" mpc0 "$TMP/conf"
diag "set in $(cat "$TMP/ms") ms"
check "all are shown" same peers $peers "$(peer_count "$a" mpc0)"
used=$(($(used_kb) - before))
diag "$((used * 1024 / peers)) bytes a peer"
check "a peer takes less than 8 kB" more $((peers * 8)) $used
last=$(sed -n 's/^PublicKey = //p' "$TMP/conf" | tail -n 1)
check "the last has its allowed IPs" expect '10.39.15.0/32.*fd00::270f/128|fd00::270f/128.*10.39.15.0/32' \
	peer_field "$a" mpc0 "$last" allowed-ips
check "it is removed" peer_del "$a" mpc0 "$last"
check "the others stay" same peers $((peers - 1)) "$(peer_count "$a" mpc0)"
printf '[Interface]\nListenPort = 5001\n' >"$TMP/empty"
check "all are removed, within 10 s" timed 10000 conf_set "$a" mpc0 "$TMP/empty"
diag "removed in $(cat "$TMP/ms") ms"
back()
{
	left=$(($(used_kb) - before))
	[ "$left" -lt $((used / 5)) ]
}
came_back()
{
	link_del "$a" mpc0
	busywait 30 back && return 0
	echo "$left kB of $used kB did not come back"
	return 1
}
check "the memory comes back" came_back
check "the kernel log is clean" klog_clean
finish
