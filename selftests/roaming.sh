#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A party's endpoint follows the authenticated packets that come from it: a
# new address, a new port, a new family, or a NAT that forgot.
#
#	party1 --inside-- router --outside-- party2

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 15
require nft conntrack
need_module
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}
setup_ns router
veth_pair "$a" inside "$router" inside
veth_pair "$b" outside "$router" outside
addr "$a" inside 10.1.0.2/24
addr "$router" inside 10.1.0.1/24
addr "$router" outside 198.51.100.1/24
addr "$b" outside 198.51.100.2/24
n "$router" sysctl -qw net.ipv4.ip_forward=1
ip -n "$a" route add 198.51.100.0/24 via 10.1.0.1

# seen_at HOST:PORT: party 1 speaks, and party 2 finds it there
seen_at()
{
	ping_one "$a" 10.77.0.2 || return 1
	same endpoint "$1" "$(peer_field "$b" mpc0 "${PUB[1]}" endpoint)"
}

check "where it was set" seen_at 192.0.2.1:5001
new_address()
{
	n "$a" sysctl -qw net.ipv4.conf.eth0.promote_secondaries=1
	addr "$a" eth0 192.0.2.11/24
	ip -n "$a" addr del 192.0.2.1/24 dev eth0
	seen_at 192.0.2.11:5001
}
check "a new address" new_address
new_port()
{
	link_set "$a" mpc0 listen-port 5111
	busywait 6 seen_at 192.0.2.11:5111
}
check "a new port" new_port
check "the other answers there" ping_ok "$b" 10.77.0.1
new_family()
{
	peer_set "$a" mpc0 "${PUB[2]}" endpoint "[2001:db8::2]:5002"
	seen_at "[2001:db8::1]:5111"
}
check "a new family" new_family
check "the other answers over it" ping_ok "$b" 10.77.0.1

# The router hides party 1 behind a port of its own
nft_rules "$router" <<-RULES
	table ip nat {
		chain post {
			type nat hook postrouting priority srcnat;
			oifname outside udp sport 5111 masquerade to :6001
		}
	}
RULES
behind_nat()
{
	peer_set "$a" mpc0 "${PUB[2]}" endpoint 198.51.100.2:5002
	seen_at 198.51.100.1:6001
}
check "behind a NAT" behind_nat
check "the other answers through the NAT" ping_ok "$b" 10.77.0.1
rebind()
{
	nft_rules "$router" <<-RULES
		flush chain ip nat post
		add rule ip nat post oifname outside udp sport 5111 masquerade to :6002
	RULES
	n "$router" conntrack -F
	seen_at 198.51.100.1:6002
}
check "the NAT chose another port" rebind
check "the other answers there, too" ping_ok "$b" 10.77.0.1
tcp_across()
{
	local xfer

	xfer=$(helper xfer) || return 1
	"$xfer" tcp "$a" "$b" 10.77.0.2 7000 2000000 &
	busywait 15 flowing || return 1
	nft_rules "$router" <<-RULES
		flush chain ip nat post
		add rule ip nat post oifname outside udp sport 5111 masquerade to :6003
	RULES
	n "$router" conntrack -F
	wait $!
}
flowing()
{
	[ "$(link_stat "$a" mpc0 tx packets)" -gt 300 ]
}
check "a stream survives the NAT's change of mind" tcp_across

# What does not authenticate moves nothing
forged()
{
	local was

	was=$(peer_field "$b" mpc0 "${PUB[1]}" endpoint)
	printf '\4\0\0\0\1\2\3\4\0\0\0\0\0\0\0\0 sixteen bytes.. sixteen bytes..' |
		n "$router" socat -u - UDP4-SENDTO:198.51.100.2:5002,sourceport=6999 || return 1
	same endpoint "$was" "$(peer_field "$b" mpc0 "${PUB[1]}" endpoint)"
}
check "a forged message moves nothing" forged

pinned()
{
	peer_set "$b" mpc0 "${PUB[1]}" roam off endpoint 192.0.2.11:5111 || return 1
	ping_one "$a" 10.77.0.2
	same endpoint 192.0.2.11:5111 "$(peer_field "$b" mpc0 "${PUB[1]}" endpoint)"
}
check_own "roam off: the endpoint stays" pinned
pinned_moves()
{
	peer_set "$b" mpc0 "${PUB[1]}" endpoint 198.51.100.1:6003 || return 1
	same endpoint 198.51.100.1:6003 "$(peer_field "$b" mpc0 "${PUB[1]}" endpoint)"
}
check_own "roam off: netlink still moves it" pinned_moves
unpinned()
{
	peer_set "$b" mpc0 "${PUB[1]}" roam on endpoint 203.0.113.9:9 || return 1
	# party 1 has followed the answers, which came by the other wire
	peer_set "$a" mpc0 "${PUB[2]}" endpoint 198.51.100.2:5002 || return 1
	seen_at 198.51.100.1:6003
}
check_own "roam on: it follows again" unpinned
finish
