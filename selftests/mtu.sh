#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packet sizes: the link's MTU, path MTU behind the tunnel, fragments outside,
# and padding that stays within the MTU.
#
#	party1 --mpc0-- party2 --narrow (MTU 1300)-- far

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 26
require nft nstat
need_module
klog_mark
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}

mtu()
{
	ip -n "$a" link set mpc0 mtu "$1" && ip -n "$b" link set mpc0 mtu "$1"
}

over()
{
	peer_set "$a" mpc0 "${PUB[2]}" endpoint "$(hostport "$(outer "$1" 2)" 5002)" &&
		peer_set "$b" mpc0 "${PUB[1]}" endpoint "$(hostport "$(outer "$1" 1)" 5001)"
}

# fits LENGTH: an IPv4 and an IPv6 packet of this length pass, DF set
fits()
{
	n "$a" ping -n -q -c 1 -W 2 -M "do" -s $(($1 - 28)) 10.77.0.2 || return 1
	n "$a" ping -n -q -c 1 -W 2 -M "do" -s $(($1 - 48)) fd77::2
}

too_long()
{
	expect 'message too long|Message too long' \
		n "$a" ping -n -c 1 -W 1 -M "do" -s $(($1 - 28)) 10.77.0.2
}

exactly()
{
	mtu "$1" && fits "$1" && too_long $(($1 + 1))
}

fragments()
{
	n "$a" nstat -asz "$1" | awk -v name="$1" '$1 == name { print $2 }'
}

# fragmented FAMILY: outer packets above 1500 leave in fragments and arrive
fragmented()
{
	local name=IpFragCreates before

	[ "$1" = 4 ] || name=Ip6FragCreates
	over "$1" || return 1
	before=$(fragments "$name")
	exactly 9000 || return 1
	more "$(fragments "$name")" "$before"
}

nft_rules "$b" <<-RULES
	table inet t {
		counter df { }
		counter whole { }
		chain in {
			type filter hook prerouting priority -450;
			udp dport 5002 counter name whole
			udp dport 5002 @nh,48,16 & 0x4000 == 0x4000 counter name df
		}
	}
RULES

for size in 1280 1281 1420; do
	check "MTU $size is kept to the byte" exactly $size
done
check "TCP at MTU 1420" tcp_ok "$a" "$b" 10.77.0.2 300000
check "outer IPv4 packets do not carry DF" same DF 0 "$(nft_count "$b" df)"
check "that counter saw packets" more "$(nft_count "$b" whole)" 10
check "MTU 9000, fragments over IPv4" fragmented 4
check "TCP over fragments" tcp_ok "$a" "$b" 10.77.0.2 300000
check "UDP over fragments" udp_ok "$a" "$b" fd77::2 20 8900
check "inner fragments within outer fragments" n "$a" ping -q -c 2 -W 2 -i 0.1 -s 30000 10.77.0.2
check "MTU 9000, fragments over IPv6" fragmented 6
check "TCP over fragments of IPv6" tcp_ok "$a" "$b" fd77::2 300000
check "back over IPv4" over 4

two_dozen()
{
	mtu 34736 && tcp_ok "$a" "$b" 10.77.0.2 300000
}
check "TCP in two dozen fragments a packet" two_dozen

outer_mtu()
{
	ip -n "$a" link set eth0 mtu "$1" && ip -n "$b" link set eth0 mtu "$1"
}

largest()
{
	# 65472 is the longest multiple of 16 that fits in an outer packet
	mtu 65535 && outer_mtu 65535 || return 1
	n "$a" ping -n -q -c 1 -W 3 -s $((65472 - 28)) 10.77.0.2 || return 1
	# what does not fit is lost, without harm
	n "$a" ping -n -q -c 1 -W 1 -s $((65535 - 28)) 10.77.0.2
	busywait 3 ping_one "$a" 10.77.0.2
}
check "MTU 65535, the longest packet" largest
refuse "a negative MTU is refused" ip -n "$a" link set mpc0 mtu -1

outer_narrow()
{
	mtu 1420 && outer_mtu 1280 || return 1
	fits 1420 && tcp_ok "$a" "$b" 10.77.0.2 100000
}
check "a narrower path outside: fragments" outer_narrow
outer_mtu 1500

# Padding: with MTU 1300 an inner packet of 1297 bytes is padded to 1300, and
# with a route's MTU of 1299 to 1299. The outer packet is 60 longer.
nft_rules "$b" <<-RULES
	table inet pad {
		chain in {
			type filter hook prerouting priority -300;
			iifname eth0 ip length 1360 drop
		}
	}
RULES
padded()
{
	mtu 1300 || return 1
	fails n "$a" ping -n -q -c 1 -W 1 -s 1269 10.77.0.2
}
check "padding fills up to the MTU" padded
padding_of_route()
{
	ip -n "$a" route add 10.77.0.2/32 dev mpc0 mtu 1299 || return 1
	n "$a" ping -n -q -c 1 -W 2 -s 1269 10.77.0.2 || return 1
	ip -n "$a" route del 10.77.0.2/32 dev mpc0 mtu 1299
}
check "padding heeds the MTU of a route" padding_of_route
n "$b" nft delete table inet pad

# A narrow link behind the other party
setup_ns far
veth_pair "$b" narrow "$far" narrow
ip -n "$b" link set narrow mtu 1300
ip -n "$far" link set narrow mtu 1300
addr "$b" narrow 10.66.0.1/24 fd66::1/64
addr "$far" narrow 10.66.0.2/24 fd66::2/64
ip -n "$far" route add default via 10.66.0.1
ip -n "$far" -6 route add default via fd66::1
n "$b" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$a" route add 10.66.0.0/24 dev mpc0
ip -n "$a" -6 route add fd66::/64 dev mpc0
mtu 1420
peer_set "$a" mpc0 "${PUB[2]}" allowed-ips 10.77.0.2/32,fd77::2/128,10.66.0.0/24,fd66::/64

check "the far host answers" ping_ok "$a" 10.66.0.2
check "the far host answers over IPv6" ping_ok "$a" fd66::2
check "path MTU is learnt from within" expect 'mtu ?= ?1300' \
	n "$a" ping -n -c 1 -W 1 -M "do" -s 1372 10.66.0.2
check "path MTU is learnt from within IPv6" expect 'mtu ?= ?1300' \
	n "$a" ping -n -c 1 -W 1 -M "do" -s 1372 fd66::2
check "TCP finds the path MTU" tcp_ok "$a" "$far" 10.66.0.2 200000
check "TCP finds the path MTU over IPv6" tcp_ok "$a" "$far" fd66::2 200000
check "the kernel log is clean" klog_clean
finish
