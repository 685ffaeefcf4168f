#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Peers and links are removed and made again, keys change and links go down,
# 60 times, while streams and floods run both ways.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 10
need_module
klog_mark
mesh 3 || skip_all "no mesh"
key_new other
a=${NS[1]}
b=${NS[2]}
xfer=$(helper xfer) || skip_all "xfer cannot be built"

# The load yields to the commands of the test, which else would starve
load()
{
	bg forever ip netns exec "$a" nice -n 19 ping -q -i 0.003 -w 5 -s 1000 10.77.0.2
	bg forever ip netns exec "$b" nice -n 19 ping -q -i 0.003 -w 5 fd77::1
	bg forever ip netns exec "$a" nice -n 19 ping -q -i 0.003 -w 5 -s 100 10.77.0.3
	bg forever nice -n 19 timeout 5 "$xfer" tcp "$a" "$b" 10.77.0.2 7000 100000000
	bg forever nice -n 19 timeout 5 "$xfer" udp "$b" "$a" fd77::1 7001 100000 1300 lossy
}
rounds()
{
	local i

	for ((i = 1; i <= $1; i++)); do
		"${@:2}" "$i" || return 1
	done
}
peer_round()
{
	peer_del "$b" mpc0 "${PUB[1]}" && mesh_peer 2 1 4
}
both_round()
{
	peer_del "$b" mpc0 "${PUB[1]}" && peer_del "$a" mpc0 "${PUB[2]}" &&
		mesh_peer 2 1 4 && mesh_peer 1 2 4
}
down_round()
{
	ip -n "$b" link set mpc0 down && ip -n "$b" link set mpc0 up
}
key_round()
{
	link_set "$b" mpc0 private-key "${KEY[other]}" && link_set "$b" mpc0 private-key "${KEY[2]}"
}
port_round()
{
	link_set "$b" mpc0 listen-port $((6000 + $1)) && link_set "$b" mpc0 listen-port 5002
}
ips_round()
{
	peer_set "$a" mpc0 "${PUB[2]}" allowed-ips 10.77.0.3/32 &&
		peer_set "$a" mpc0 "${PUB[3]}" allowed-ips 10.77.0.2/32,10.77.0.3/32 &&
		peer_set "$a" mpc0 "${PUB[2]}" allowed-ips 10.77.0.2/32,fd77::2/128
}
link_round()
{
	link_del "$b" mpc0 || return 1
	link_add "$b" mpc0 private-key "${KEY[2]}" listen-port 5002 || return 1
	addr "$b" mpc0 10.77.0.2/24 fd77::2/64
	mesh_peer 2 1 4 && mesh_peer 2 3 4 && ip -n "$b" link set mpc0 up
}

load
check "a peer is removed and made again" rounds 12 peer_round
check "both ends at once" rounds 8 both_round
check "a link goes down and up" rounds 8 down_round
check "the key changes and changes back" rounds 8 key_round
check "the port changes and changes back" rounds 8 port_round
check "allowed IPs move to and fro" rounds 8 ips_round
check "a link is removed and made again" rounds 8 link_round
wire_round()
{
	ip -n "$a" link set eth0 down && ip -n "$a" link set eth0 up
}
check "the wire goes away and returns" rounds 4 wire_round
check "after all of it, traffic flows" busywait 15 ping_ok "$a" 10.77.0.2
check "the kernel log is clean" klog_clean
finish
