#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mpcnet against the in-kernel WireGuard, each as the one who begins.
#
#	party1: mpcnet ---- party2: WireGuard

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 20
require wg
need_module
modprobe -q wireguard || [ -d /sys/module/wireguard ] || skip_all "WireGuard is missing"
klog_mark
wires 2 || skip_all "no wires"
a=${NS[1]}
b=${NS[2]}
key_new 1 2
psk_new psk

ours()
{
	link_add "$a" mpc0 private-key "${KEY[1]}" listen-port 5001 || return 1
	addr "$a" mpc0 10.77.0.1/24 fd77::1/64
	ip -n "$a" link set mpc0 up
	peer_add "$a" mpc0 "${PUB[2]}" allowed-ips 10.77.0.2/32,fd77::2/128 "$@"
}
theirs()
{
	as_wireguard link_add "$b" mpc0 private-key "${KEY[2]}" listen-port 5002 || return 1
	addr "$b" mpc0 10.77.0.2/24 fd77::2/64
	ip -n "$b" link set mpc0 up
	as_wireguard peer_add "$b" mpc0 "${PUB[1]}" allowed-ips 10.77.0.1/32,fd77::1/128 "$@"
}
traffic()
{
	ping_ok "$a" 10.77.0.2 && ping_ok "$b" fd77::1 &&
		tcp_ok "$a" "$b" fd77::2 300000 && tcp_ok "$b" "$a" 10.77.0.1 300000 &&
		udp_ok "$a" "$b" 10.77.0.2 100 1000 && udp_ok "$b" "$a" fd77::1 100 1392
}
shaken()
{
	more "$(peer_field "$a" mpc0 "${PUB[2]}" handshake)" 0 &&
		more "$(as_wireguard peer_field "$b" mpc0 "${PUB[1]}" handshake)" 0
}
# begin OURS THEIRS: new links with these words; who knows the endpoint begins
begin()
{
	link_del "$a" mpc0
	link_del "$b" mpc0
	# shellcheck disable=SC2086
	ours $1 && theirs $2
}

for family in 4 6; do
	to_b="endpoint $(hostport "$(outer $family 2)" 5002)"
	to_a="endpoint $(hostport "$(outer $family 1)" 5001)"
	check "IPv$family: mpcnet begins" begin "$to_b" ""
	check "IPv$family: first packet" busywait 6 ping_one "$a" 10.77.0.2
	check "IPv$family: traffic" traffic
	check "IPv$family: WireGuard begins" begin "" "$to_a"
	check "IPv$family: first packet" busywait 6 ping_one "$b" 10.77.0.1
	check "IPv$family: traffic" traffic
done
to_b="endpoint 192.0.2.2:5002"
to_a="endpoint 192.0.2.1:5001"
with_psk()
{
	begin "$to_b psk ${KEY[psk]}" "psk ${KEY[psk]}" || return 1
	busywait 6 ping_one "$a" 10.77.0.2 && traffic
}
check "a pre-shared key, mpcnet begins" with_psk
with_psk_back()
{
	begin "psk ${KEY[psk]}" "$to_a psk ${KEY[psk]}" || return 1
	busywait 6 ping_one "$b" 10.77.0.1 && shaken
}
check "a pre-shared key, WireGuard begins" with_psk_back
without()
{
	begin "$to_b psk ${KEY[psk]}" "$to_a" || return 1
	fails ping_one "$a" 10.77.0.2 && fails ping_one "$b" 10.77.0.1
}
check "a pre-shared key at one end only: no traffic" without
big()
{
	begin "$to_b" "" || return 1
	ip -n "$a" link set mpc0 mtu 9000
	ip -n "$b" link set mpc0 mtu 9000
	busywait 6 ping_one "$a" 10.77.0.2 || return 1
	tcp_ok "$a" "$b" 10.77.0.2 300000 && udp_ok "$b" "$a" fd77::1 20 8000
}
check "great packets" big
keepalive()
{
	begin "$to_b keepalive 1" "" || return 1
	# begin without traffic: only keepalives can have shaken hands
	busywait 6 shaken
}
check "persistent keepalive shakes hands" keepalive

# Keys renewed under way: our times are divided, WireGuard's are the true ones
rekeyed()
{
	local before now

	before=$(peer_field "$a" mpc0 "${PUB[2]}" handshake)
	n "$a" ping -n -q -i 0.1 -c 60 -W 2 10.77.0.2 >"$TMP/rekey"
	cat "$TMP/rekey"
	now=$(peer_field "$a" mpc0 "${PUB[2]}" handshake)
	grep -q ' 0% packet loss' "$TMP/rekey" && more "$now" "$before"
}
if time_scale 60; then
	begin "$to_b" ""
	busywait 6 ping_one "$a" 10.77.0.2
	check "keys are renewed under traffic, none is lost" rekeyed
	begin "" "$to_a"
	busywait 6 ping_one "$b" 10.77.0.1
	check "also when WireGuard began" traffic
else
	skip "keys are renewed under traffic, none is lost" "needs a debug build of mpcnet"
	skip "also when WireGuard began" "needs a debug build of mpcnet"
fi
check "the kernel log is clean" klog_clean
finish
