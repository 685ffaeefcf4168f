#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mpcnetctl monitor: one line an event as it happens, as text and as JSON.

# Commands in single quotes are for eval.
# shellcheck disable=SC2016
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 9
require jq
need_module
own_only
klog_mark
mesh 2 || bail "no mesh"

# watch FILE ARG...: run a monitor, and wait until it is in the group
watch()
{
	ip netns exec "${NS[1]}" mpcnetctl "${@:2}" >"$TMP/$1" 2>"$TMP/$1.err" &
	defer kill $!
	WATCHES="${WATCHES:-} $!"
	busywait 10 joined $! || bail "no monitor"
}

# joined PID: a socket of the process is in a group of generic netlink
joined()
{
	awk -v pid="$1" '$2 == 16 && $3 == pid && $4 != "00000000" { found = 1 } END { exit !found }' \
		"/proc/$1/net/netlink"
}

events()
{
	[ "$(jq -s "map(select(.event == \"$2\")) | length" "$TMP/$1")" -ge 1 ]
}

watch text monitor
watch json -j monitor
watch this -j monitor mpc0
watch other -j monitor lo
check "traffic flows" ping_ok "${NS[1]}" 10.77.0.2
check "a handshake is told as JSON" busywait 5 events json handshake
check "it is told of the interface asked for" busywait 5 events this handshake
check "it is not told of another" test ! -s "$TMP/other"
fields()
{
	jq -es 'map(select(.event == "handshake"))[0] |
		.name == "mpc0" and .public_key == "'"${PUB[2]}"'" and
		.endpoint == "192.0.2.2:5002" and .relayed == false and
		(now - .time | . >= 0 and . < 60)' "$TMP/json"
}
check "its fields are right" fields
check "a handshake is told as text" busywait 5 \
	grep -Eq "^20[0-9-]{8}T[0-9:.]{15} mpc0 handshake peer ${PUB[2]//+/\\+} endpoint 192.0.2.2:5002$" "$TMP/text"
ended()
{
	ip -n "${NS[1]}" link set mpc0 up
	n "${NS[1]}" mpcnetctl link set mpc0 expires 1 || return 1
	busywait 10 events json deadline
}
check "the deadline is told" ended
check "no such interface" expect 'no interface mpc9' n "${NS[1]}" timeout 5 mpcnetctl monitor mpc9
# shellcheck disable=SC2086 # a list of processes
kill $WATCHES
check "the kernel did not complain" klog_clean
finish
