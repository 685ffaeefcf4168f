#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A party as a router, with a bridge on its way, and with the checksum and
# segmentation offloads of its wires on and off.
#
#	host -- bridge -- party1 --mpc0-- party2 -- server

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 17
require ethtool
need_module
klog_mark
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}
setup_ns host lan server

ip -n "$lan" link add br0 type bridge
ip -n "$lan" link set br0 up
veth_pair "$host" lan0 "$lan" host0
veth_pair "$a" lan0 "$lan" party0
ip -n "$lan" link set host0 master br0
ip -n "$lan" link set party0 master br0
veth_pair "$b" dmz0 "$server" dmz0
addr "$host" lan0 10.1.0.2/24 fd01::2/64
addr "$a" lan0 10.1.0.1/24 fd01::1/64
addr "$b" dmz0 10.2.0.1/24 fd02::1/64
addr "$server" dmz0 10.2.0.2/24 fd02::2/64

gateway()
{
	ip -n "$1" route add default via "$2" && ip -n "$1" -6 route add default via "$3"
}
gateway "$host" 10.1.0.1 fd01::1
gateway "$server" 10.2.0.1 fd02::1
gateway "$a" 10.77.0.2 fd77::2
gateway "$b" 10.77.0.1 fd77::1
n "$a" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
n "$b" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
peer_set "$a" mpc0 "${PUB[2]}" allowed-ips 10.77.0.2/32,fd77::2/128,10.2.0.0/24,fd02::/64
peer_set "$b" mpc0 "${PUB[1]}" allowed-ips 10.77.0.1/32,fd77::1/128,10.1.0.0/24,fd01::/64

offload()
{
	local where

	for where in "$host lan0" "$a lan0" "$b dmz0" "$server dmz0" "$a eth0" "$b eth0"; do
		# shellcheck disable=SC2086
		set -- $where "$1"
		n "$1" ethtool -K "$2" tx "$3" rx "$3" gso "$3" tso "$3" gro "$3" || return 1
		set -- "$3"
	done
}
both_udp()
{
	udp_ok "$host" "$server" 10.2.0.2 100 1300 && udp_ok "$server" "$host" fd01::2 100 1300
}

traffic()
{
	check "$1: ping" ping_ok "$host" 10.2.0.2
	check "$1: TCP" tcp_ok "$host" "$server" 10.2.0.2 300000
	check "$1: TCP over IPv6" tcp_ok "$host" "$server" fd02::2 300000
	check "$1: TCP back" tcp_ok "$server" "$host" 10.1.0.2 300000
	check "$1: UDP both ways" both_udp
}

traffic "offloads on"
check "offloads are turned off" offload off
traffic "offloads off"

hops()
{
	expect 'ttl=62' n "$host" ping -n -c 1 -W 2 10.2.0.2
}
check "each router counts as one hop" hops
expired()
{
	expect 'From 10.77.0.2 .*Time to live exceeded' n "$host" ping -n -c 1 -W 2 -t 2 10.2.0.2
}
check "the far router tells that the time to live is over" expired
source_spoofed()
{
	addr "$host" lan0 10.3.0.2/32
	fails ping_one "$host" 10.2.0.2 -I 10.3.0.2
}
check "a forwarded source that is not allowed is dropped" source_spoofed
nat_traffic()
{
	nft_rules "$a" <<-RULES
		table ip nat {
			chain post {
				type nat hook postrouting priority srcnat;
				oifname mpc0 masquerade
			}
		}
	RULES
	ping_ok "$host" 10.2.0.2 -I 10.3.0.2 || return 1
	tcp_ok "$host" "$server" 10.2.0.2 100000
}
ip -n "$a" route add 10.3.0.2/32 dev lan0
check "masqueraded into the tunnel" nat_traffic
mtu_told()
{
	expect 'mtu ?= ?1420' n "$host" ping -n -c 1 -W 2 -M "do" -s 1440 10.2.0.2
}
check "the router tells the tunnel's MTU" mtu_told
check "the kernel log is clean" klog_clean
finish
