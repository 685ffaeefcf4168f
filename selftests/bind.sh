#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bind: the outer packets' own address, or the device by which they leave.
#
#	party1 --eth0, eth1-- party2

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 12
require nft jq
own_only
need_module
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}
veth_pair "$a" eth1 "$b" eth1
n "$a" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0
n "$b" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0
addr "$a" eth0 192.0.2.101/24 2001:db8::101/64
addr "$a" eth1 192.0.2.201/25
addr "$b" eth1 192.0.2.202/25

# seen_as HOST: party 2 hears of party 1 from this address
seen_as()
{
	busywait 6 ping_one "$a" 10.77.0.2 || return 1
	same endpoint "$1:5001" "$(peer_field "$b" mpc0 "${PUB[1]}" endpoint)"
}
shown()
{
	same "$1" "$2" "$(n "$a" mpcnetctl -j link show mpc0 |
		jq -r "(if type == \"array\" then .[0] else . end).bind.$1")"
}

check "the kernel chooses" seen_as 192.0.2.1
bound()
{
	link_set "$a" mpc0 bind "$1" && seen_as "$2"
}
check "bound to another address" bound 192.0.2.101 192.0.2.101
check "it is shown" shown address 192.0.2.101
over6()
{
	link_set "$a" mpc0 bind 2001:db8::101 || return 1
	peer_set "$a" mpc0 "${PUB[2]}" endpoint '[2001:db8::2]:5002' || return 1
	seen_as '[2001:db8::101]'
}
check "bound to an address of IPv6" over6
free()
{
	link_set "$a" mpc0 bind off || return 1
	peer_set "$a" mpc0 "${PUB[2]}" endpoint 192.0.2.2:5002 || return 1
	seen_as 192.0.2.1
}
check "set free" free
refuse "an address that is no host's is refused" link_set "$a" mpc0 bind 224.0.0.1
link_set "$a" mpc0 bind off

nft_rules "$a" <<-RULES
	table inet t {
		counter first { }
		counter second { }
		chain out {
			type filter hook output priority 0;
			oifname eth0 udp dport 5002 counter name first
			oifname eth1 udp dport 5002 counter name second
		}
	}
RULES
device()
{
	local first

	link_set "$a" mpc0 bind dev eth1 || return 1
	first=$(nft_count "$a" first)
	ping_one "$a" 10.77.0.2
	same "packets by eth0" "$first" "$(nft_count "$a" first)" || return 1
	more "$(nft_count "$a" second)" 0
}
check "bound to a device" device
check "it is shown, too" shown dev eth1
arrives()
{
	addr "$b" eth1 192.0.2.240/32
	ip -n "$a" route add 192.0.2.240/32 dev eth1
	peer_set "$a" mpc0 "${PUB[2]}" endpoint 192.0.2.240:5002 || return 1
	busywait 6 ping_one "$a" 10.77.0.2
}
check "traffic by that device" arrives
refuse "a device that does not exist is refused" link_set "$a" mpc0 bind dev nowhere
gone()
{
	ip -n "$a" link del eth1
	fails ping_one "$a" 10.77.0.2
}
check "the device goes: silence, without harm" gone
free_again()
{
	link_set "$a" mpc0 bind off || return 1
	peer_set "$a" mpc0 "${PUB[2]}" endpoint 192.0.2.2:5002 || return 1
	busywait 6 ping_one "$a" 10.77.0.2
}
check "set free, traffic returns" free_again
finish
