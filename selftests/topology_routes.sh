#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# WireGuard's published test topology, second part: a NAT between the parties,
# policy routing by mark, and which source address an answer takes.
#
#	one: mpc0, client -- zero: NAT -- two: server, mpc0
#	192.168.1.100            10.0.0.1      10.0.0.100

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 24
require nft
need_module
klog_mark
setup_ns zero one two
key_new 1 2 3

peers()
{
	link_add "$one" mpc0 private-key "${KEY[1]}" listen-port 1 || return 1
	link_add "$two" mpc0 private-key "${KEY[2]}" listen-port 2 || return 1
	addr "$one" mpc0 192.168.241.1/24 fd00::1/112
	addr "$two" mpc0 192.168.241.2/24 fd00::2/112
	peer_add "$one" mpc0 "${PUB[2]}" allowed-ips 192.168.241.2/32,fd00::2/128 || return 1
	peer_add "$two" mpc0 "${PUB[1]}" allowed-ips 192.168.241.1/32,fd00::1/128 || return 1
	ip -n "$one" link set mpc0 up && ip -n "$two" link set mpc0 up
}

to_two()
{
	peer_set "$one" mpc0 "${PUB[2]}" endpoint "$@"
}

to_one()
{
	peer_set "$two" mpc0 "${PUB[1]}" endpoint "$@"
}

# heard_from HOST:PORT: after an echo, two finds one there
heard_from()
{
	busywait 6 ping_one "$one" 192.168.241.2 || return 1
	same endpoint "$1" "$(peer_field "$two" mpc0 "${PUB[1]}" endpoint)"
}

veth_pair "$zero" client "$one" client
veth_pair "$zero" server "$two" server
addr "$zero" client 192.168.1.1/24
addr "$zero" server 10.0.0.1/24
addr "$one" client 192.168.1.100/24
addr "$two" server 10.0.0.100/24
ip -n "$one" route add default via 192.168.1.1
nft_rules "$zero" <<-RULES
	table ip nat {
		chain post {
			type nat hook postrouting priority srcnat;
			ip saddr 192.168.1.0/24 ip daddr 10.0.0.0/24 snat to 10.0.0.1
		}
	}
RULES
n "$zero" sysctl -qw net.ipv4.ip_forward=1 \
	net.netfilter.nf_conntrack_udp_timeout=2 \
	net.netfilter.nf_conntrack_udp_timeout_stream=2

check "peers are set" peers
check "one knows two" to_two 10.0.0.100:2 keepalive 1
check "two finds one behind the NAT" heard_from 10.0.0.1:1
check "two answers through the NAT" ping_ok "$two" 192.168.241.1
later()
{
	# longer than the NAT remembers
	fails busywait 4 false && ping_one "$two" 192.168.241.1
}
check "persistent keepalive keeps the NAT open" later
to_two 10.0.0.100:2 keepalive off

bound()
{
	ping_one "$one" 192.168.241.2 -I mpc0
}
check "a socket bound to the link" bound
marked()
{
	nft_rules "$one" <<-RULES
		table ip m {
			chain out {
				type route hook output priority mangle;
				meta mark set 1
			}
		}
	RULES
	ping_one "$one" 192.168.241.2 && bound || return 1
	n "$one" nft delete table ip m
}
check "a mark that makes packets be routed again" marked

# A tunnel to a third key, whose endpoint is behind the first tunnel
onion()
{
	peer_add "$one" mpc0 "${PUB[3]}" allowed-ips 192.168.242.2/32 \
		endpoint 192.168.241.2:5 || return 1
	addr "$one" mpc0 192.168.242.1/24
	link_add "$two" mpc1 private-key "${KEY[3]}" listen-port 5 || return 1
	addr "$two" mpc1 192.168.242.2/24
	peer_add "$two" mpc1 "${PUB[1]}" allowed-ips 192.168.242.1/32 || return 1
	ip -n "$two" link set mpc1 up
	busywait 6 ping_one "$one" 192.168.242.2
}
check "a peer behind another peer of the same link" onion
itself()
{
	link_del "$two" mpc1
	peer_set "$one" mpc0 "${PUB[3]}" endpoint 192.168.242.2:5 || return 1
	fails ping_one "$one" 192.168.242.2 || return 1
	peer_del "$one" mpc0 "${PUB[3]}"
	ip -n "$one" addr del 192.168.242.1/24 dev mpc0
}
check "a peer behind itself is unreachable, without harm" itself

# Everything through the tunnel but what carries the mark
policy()
{
	local family

	addr "$one" client fc00::9/96
	ip -n "$one" -6 route add default via fc00::1
	addr "$two" mpc0 192.168.99.7/32 abab::1111/128
	link_set "$one" mpc0 fwmark 51820 || return 1
	peer_set "$one" mpc0 "${PUB[2]}" allowed-ips \
		192.168.99.7/32,abab::1111/128,192.168.241.2/32 || return 1
	for family in -4 -6; do
		ip -n "$one" "$family" route add default dev mpc0 table 51820
		ip -n "$one" "$family" rule add not fwmark 51820 table 51820
		ip -n "$one" "$family" rule add table main suppress_prefixlength 0
	done
	n "$one" sysctl -qw net.ipv4.conf.client.rp_filter=0
	n "$one" ping -q -W 2 -c 30 -i 0.002 192.168.99.7 || return 1
	n "$one" ping -q -W 2 -c 30 -i 0.002 abab::1111
}
check "policy routing by mark" policy

# two forwards from zero into the tunnel; the error must find its way back
error_back()
{
	nft_rules "$two" <<-RULES
		table ip nat {
			chain post {
				type nat hook postrouting priority srcnat;
				ip saddr 10.0.0.0/24 ip daddr 192.168.241.0/24 snat to 192.168.241.2
			}
		}
	RULES
	n "$two" sysctl -qw net.ipv4.ip_forward=1
	ip -n "$zero" route add 192.168.241.1 via 10.0.0.100
	peer_del "$two" mpc0 "${PUB[1]}" || return 1
	expect 'From 10.0.0.100 icmp_seq=1 Destination Host Unreachable' \
		n "$zero" ping -n -W 1 -c 1 192.168.241.1
}
check "an ICMP error goes back through the router's own NAT" error_back

# Now one and two side by side: sources of answers
ip -n "$zero" link del client
ip -n "$zero" link del server
link_del "$one" mpc0
link_del "$two" mpc0
setup_ns one two
veth_pair "$one" v1 "$two" v2
n "$one" sysctl -qw net.ipv4.conf.v1.promote_secondaries=1
addr "$one" v1 10.0.0.1/24 fd00:aa::1/96
addr "$two" v2 10.0.0.2/24 fd00:aa::2/96

check "side by side" peers
check "one is heard" eval "to_two 10.0.0.2:2 && heard_from 10.0.0.1:1"
source_gone()
{
	addr "$one" v1 10.0.0.10/24
	ip -n "$one" addr del 10.0.0.1/24 dev v1
	heard_from 10.0.0.10:1
}
check "when its source address goes another takes over" source_gone
check "over IPv6 it is heard" eval "to_two [fd00:aa::2]:2 && heard_from [fd00:aa::1]:1"
source_gone6()
{
	addr "$one" v1 fd00:aa::10/96
	ip -n "$one" addr del fd00:aa::1/96 dev v1
	heard_from "[fd00:aa::10]:1"
}
check "and there another takes over as well" source_gone6

ip -n "$one" addr flush dev v1
ip -n "$two" addr flush dev v2
addr "$one" v1 10.0.0.1/24 10.0.0.2/24 fd00:aa::1/96 fd00:aa::2/96
addr "$two" v2 10.0.0.3/24 fd00:aa::3/96
# answered_by HOST: two speaks to this address and is answered from it
answered_by()
{
	to_one "$1:1" || return 1
	busywait 6 ping_one "$two" 192.168.241.1 || return 1
	same endpoint "$1:1" "$(peer_field "$two" mpc0 "${PUB[1]}" endpoint)"
}
for host in 10.0.0.1 '[fd00:aa::1]' 10.0.0.2 '[fd00:aa::2]'; do
	check "$host answers from itself" answered_by "$host"
done
other_link()
{
	ip -n "$one" link add dummy0 type dummy
	addr "$one" dummy0 10.50.0.1/24
	ip -n "$one" link set dummy0 up
	ip -n "$two" route add 10.50.0.0/24 dev v2
	answered_by 10.50.0.1
}
check "an address of another link answers from itself" other_link

# A better route appears under way
ip -n "$one" link del dummy0
ip -n "$one" addr flush dev v1
ip -n "$two" addr flush dev v2
veth_pair "$one" v3 "$two" v4
addr "$one" v1 10.0.0.1/24
addr "$two" v2 10.0.0.2/24
addr "$one" v3 10.0.0.3/24
for ns in "$one" "$two"; do
	n "$ns" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
done
n "$one" sysctl -qw net.ipv4.conf.v1.rp_filter=0 net.ipv4.conf.v3.rp_filter=0
n "$two" sysctl -qw net.ipv4.conf.v2.rp_filter=0 net.ipv4.conf.v4.rp_filter=0
ip -n "$one" route flush dev v1
ip -n "$one" route flush dev v3
first_route()
{
	ip -n "$one" route add 10.0.0.0/24 dev v1 src 10.0.0.1 metric 2
	to_two 10.0.0.2:2 && heard_from 10.0.0.1:1
}
check "by the one route" first_route
second_route()
{
	ip -n "$one" route add 10.0.0.0/24 dev v3 src 10.0.0.3 metric 1
	heard_from 10.0.0.3:1
}
check "a better route is taken" second_route
check "the kernel log is clean" klog_clean
finish
