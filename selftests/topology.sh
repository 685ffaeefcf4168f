#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# WireGuard's published test topology, first part: two namespaces without any
# way out but their tunnels, whose sockets live in a third, on its loopback.
#
#	one: mpc0 ---- zero: lo 127.0.0.1, ::1 ---- two: mpc0
#	     port 1                                      port 2

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 22
require nft
need_module
klog_mark
setup_ns zero one two
key_new 1 2 3 4
psk_new psk

born_in_zero()
{
	ip -n "$zero" link add mpc0 type "$MPCNET_KIND" || return 1
	ip -n "$zero" link set mpc0 netns "$1"
}

# peers: the two know each other, endpoints not yet
peers()
{
	addr "$one" mpc0 192.168.241.1/24 fd00::1/112
	addr "$two" mpc0 192.168.241.2/24 fd00::2/112
	link_set "$one" mpc0 private-key "${KEY[1]}" listen-port 1 || return 1
	link_set "$two" mpc0 private-key "${KEY[2]}" listen-port 2 || return 1
	peer_add "$one" mpc0 "${PUB[2]}" psk "${KEY[psk]}" \
		allowed-ips 192.168.241.2/32,fd00::2/128 || return 1
	peer_add "$two" mpc0 "${PUB[1]}" psk "${KEY[psk]}" \
		allowed-ips 192.168.241.1/32,fd00::1/128 || return 1
	ip -n "$one" link set mpc0 up && ip -n "$two" link set mpc0 up
}

endpoints()
{
	peer_set "$one" mpc0 "${PUB[2]}" endpoint "$1:2" &&
		peer_set "$two" mpc0 "${PUB[1]}" endpoint "$1:1"
}

traffic()
{
	ping_ok "$two" 192.168.241.1 && ping_ok "$one" 192.168.241.2 &&
		ping_ok "$two" fd00::1 && ping_ok "$one" fd00::2 || return 1
	tcp_ok "$one" "$two" 192.168.241.2 200000 &&
		tcp_ok "$two" "$one" fd00::1 200000 || return 1
	udp_ok "$two" "$one" 192.168.241.1 100 1000 &&
		udp_ok "$one" "$two" fd00::2 100 1000 || return 1
	parallel
}

parallel()
{
	local port pids=() bad=0

	for port in 7001 7002 7003; do
		tcp_ok "$one" "$two" 192.168.241.2 100000 "$port" &
		pids+=($!)
	done
	for port in "${pids[@]}"; do
		wait "$port" || bad=1
	done
	return "$bad"
}

big_mtu()
{
	ip -n "$one" link set mpc0 mtu "$1" && ip -n "$two" link set mpc0 mtu "$1" && traffic
}

reach()
{
	busywait "$3" ping_one "$1" "$2"
}

check "a link is born in zero and moves" born_in_zero "$one"
check "so does another" born_in_zero "$two"
check "peers are set" peers
refuse "no endpoint is known: no way" ping_one "$one" 192.168.241.2
check "endpoints over IPv4" endpoints 127.0.0.1
check "traffic over IPv4" traffic
check "the handshake has a time" more "$(peer_field "$one" mpc0 "${PUB[2]}" handshake)" 1700000000
check "endpoints over IPv6" endpoints '[::1]'
check "traffic over IPv6 with a great MTU" big_mtu 34736

# Roaming, seen by two
roam4()
{
	endpoints 127.0.0.1
	ip -n "$zero" addr del 127.0.0.1/8 dev lo
	addr "$zero" lo 127.212.121.99/8
	link_set "$one" mpc0 listen-port 9999 || return 1
	peer_set "$one" mpc0 "${PUB[2]}" endpoint 127.0.0.1:2 || return 1
	reach "$one" fd00::2 6 || return 1
	same endpoint 127.212.121.99:9999 "$(peer_field "$two" mpc0 "${PUB[1]}" endpoint)"
}
check "two follows to another address and port" roam4
roam6()
{
	link_set "$one" mpc0 listen-port 9998 || return 1
	peer_set "$one" mpc0 "${PUB[2]}" endpoint '[::1]:2' || return 1
	reach "$one" 192.168.241.2 6 || return 1
	same endpoint '[::1]:9998' "$(peer_field "$two" mpc0 "${PUB[1]}" endpoint)"
}
check "two follows to another family" roam6

# The source filter: a longer prefix of another peer shuts two out
nft_rules "$one" <<-RULES
	table inet t {
		counter arrived { }
		chain in {
			type filter hook prerouting priority -300;
			iifname mpc0 udp dport 1111 counter name arrived
		}
	}
RULES
datagram()
{
	echo X | n "$two" socat -u - UDP4-SENDTO:192.168.241.1:1111
}
arrived()
{
	[ "$(nft_count "$one" arrived)" -eq "$1" ]
}
filter_open()
{
	peer_set "$one" mpc0 "${PUB[2]}" allowed-ips 192.168.241.0/24 || return 1
	datagram && busywait 3 arrived 1
}
check "two is heard as long as its prefix is the longest" filter_open
endpoint_is()
{
	[ "$(peer_field "$one" mpc0 "${PUB[2]}" endpoint)" = "$1" ]
}
filter_shut()
{
	peer_add "$one" mpc0 "${PUB[4]}" allowed-ips 192.168.241.2/32 || return 1
	link_set "$two" mpc0 listen-port 9997 || return 1
	datagram && busywait 3 endpoint_is '[::1]:9997' && arrived 1
}
# the packet is authentic all the same, and moves the endpoint
check "two is shut out by another peer's longer prefix" filter_shut
check "the other peer goes" peer_del "$one" mpc0 "${PUB[4]}"

# Keys that change, and a handshake at once
fresh()
{
	peer_set "$one" mpc0 "${PUB[2]}" allowed-ips 192.168.241.2/32 endpoint 127.0.0.1:2 &&
		link_set "$two" mpc0 listen-port 2 &&
		peer_set "$two" mpc0 "${PUB[1]}" allowed-ips 192.168.241.1/32 || return 1
	reach "$one" 192.168.241.2 6
}
check "back to the first ports" fresh
new_key()
{
	link_set "$one" mpc0 private-key "${KEY[3]}" || return 1
	peer_add "$two" mpc0 "${PUB[3]}" psk "${KEY[psk]}" allowed-ips 192.168.241.1/32 || return 1
	peer_del "$two" mpc0 "${PUB[1]}" || return 1
	reach "$one" 192.168.241.2 1
}
check "a new private key shakes hands at once" new_key
check "the old peer of two is gone" same count 1 "$(peer_count "$two" mpc0)"

# A tunnel within the tunnel
nested()
{
	peer_del "$two" mpc0 "${PUB[3]}"
	ip -n "$one" addr flush dev mpc0
	ip -n "$two" addr flush dev mpc0
	addr "$one" mpc0 fd00::5:1/112
	addr "$two" mpc0 fd00::5:2/112
	link_set "$one" mpc0 private-key "${KEY[1]}" listen-port 9998 || return 1
	peer_set "$one" mpc0 "${PUB[2]}" allowed-ips fd00::5:2/128 endpoint 127.0.0.1:2 || return 1
	peer_add "$two" mpc0 "${PUB[1]}" psk "${KEY[psk]}" allowed-ips fd00::5:1/128 \
		endpoint 127.212.121.99:9998 || return 1
	reach "$one" fd00::5:2 6 || return 1
	link_add "$one" mpc1 listen-port 5 private-key "${KEY[3]}" || return 1
	link_add "$two" mpc1 listen-port 5 private-key "${KEY[4]}" || return 1
	addr "$one" mpc1 192.168.241.1/24 fd00::1/112
	addr "$two" mpc1 192.168.241.2/24 fd00::2/112
	peer_add "$one" mpc1 "${PUB[4]}" allowed-ips 192.168.241.2/32,fd00::2/128 \
		endpoint '[fd00::5:2]:5' || return 1
	peer_add "$two" mpc1 "${PUB[3]}" allowed-ips 192.168.241.1/32,fd00::1/128 \
		endpoint '[fd00::5:1]:5' || return 1
	ip -n "$one" link set mpc1 mtu 1340 up && ip -n "$two" link set mpc1 mtu 1340 up
}
check "a tunnel within the tunnel" nested
ip -n "$one" link set mpc0 mtu 1420
ip -n "$two" link set mpc0 mtu 1420
check "traffic through both" traffic

# A ring: mpc1 goes to zero, and its carrier's endpoint is behind itself
ring()
{
	ip -n "$one" link set mpc1 netns "$zero"
	addr "$zero" mpc1 192.168.241.1/24
	ip -n "$zero" link set mpc1 up
	reach "$zero" 192.168.241.2 6 || return 1
	peer_set "$one" mpc0 "${PUB[2]}" endpoint 192.168.241.2:7 || return 1
	link_del "$two" mpc0 && link_del "$two" mpc1
	before=$(peer_field "$zero" mpc1 "${PUB[4]}" tx)
	fails n "$zero" ping -q -W 1 -c 10 -i 0.01 192.168.241.2 || return 1
	more 70000 $(($(peer_field "$zero" mpc1 "${PUB[4]}" tx) - before))
}
check "a ring of tunnels does not storm" ring
check "the ring is taken down" link_del "$zero" mpc1
check "the kernel log is clean" klog_clean
finish
