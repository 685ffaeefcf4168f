#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cryptokey routing: the longest prefix chooses the peer, an allowed IP has
# one owner, and what a peer sends must come from what it is allowed.
#
# Two parties carry the same addresses behind their tunnels and answer with
# different hop limits, which tells who was chosen.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 26
require jq nft
need_module
mesh 3 || skip_all "no mesh"
a=${NS[1]}
two=${PUB[2]}
three=${PUB[3]}

for i in 2 3; do
	n "${NS[i]}" sysctl -qw net.ipv4.ip_default_ttl=6$i net.ipv6.conf.all.hop_limit=6$i \
		net.ipv6.conf.default.hop_limit=6$i net.ipv6.conf.mpc0.hop_limit=6$i
	ip -n "${NS[i]}" route replace 10.77.0.1 dev mpc0
	addr "${NS[i]}" lo 10.88.0.1/32 10.88.1.1/32 172.30.1.1/32 \
		fd88::1/128 fd88:0:0:1::1/128 fd99::1/128
done
ip -n "$a" route add default dev mpc0
ip -n "$a" -6 route add default dev mpc0

# who ADDR: the number of the party that answers, 0 for none
who()
{
	local ttl

	ttl=$(n "$a" ping -n -c 1 -W 1 "$1" | sed -n 's/.*ttl=6\([0-9]\).*/\1/p')
	echo "${ttl:-0}"
}

goes()
{
	same "$1 is answered by" "$2" "$(who "$1")"
}

allow()
{
	peer_set "$a" mpc0 "$1" allowed-ips "$2"
}

check "a /16 chooses its peer" allow "$two" 10.88.0.0/16,fd88::/32
check "its addresses go there" goes 10.88.0.1 2
check "those of IPv6 too" goes fd88::1 2
check "a /24 within it goes elsewhere" allow "$three" 10.88.1.0/24,fd88:0:0:1::/64
check "the longest prefix wins" goes 10.88.1.1 3
check "the longest prefix wins over IPv6" goes fd88:0:0:1::1 3
check "the rest stays" goes 10.88.0.1 2
check "the rest stays over IPv6" goes fd88::1 2
check "the same prefix is given to another" allow "$three" 10.88.0.0/16,fd88::/32
check "it moved" goes 10.88.0.1 3
check "it moved over IPv6" goes fd88::1 3
check "the former owner does not list it" same ips "" "$(peer_field "$a" mpc0 "$two" allowed-ips)"
check "no other owns it, nobody answers" goes 172.30.1.1 0
check "the default route goes to one" allow "$two" 0.0.0.0/0,::/0
check "all else goes there" goes 172.30.1.1 2
check "all else goes there over IPv6" goes fd99::1 2
check "a longer one still wins" goes 10.88.0.1 3

empty()
{
	allow "$three" "10.88.0.1/32,10.88.0.0/31,10.88.0.0/30,10.88.0.0/29" || return 1
	goes 10.88.0.1 3 || return 1
	allow "$three" 10.88.1.1/32 || return 1
	goes 10.88.0.1 2
}
check "nested prefixes go when they are replaced" empty
host_bits()
{
	allow "$three" 10.88.1.77/24 || return 1
	same ips 10.88.1.0/24 "$(peer_field "$a" mpc0 "$three" allowed-ips)"
}
check "bits beyond the prefix are cleared" host_bits
check "a removed peer owns nothing" peer_del "$a" mpc0 "$three"
check "its addresses fall to the shorter prefix" goes 10.88.1.1 2

# The other direction: party 2 may speak only from 10.77.0.2 and fd77::2
allow "$two" 10.77.0.2/32,fd77::2/128
nft_rules "$a" <<-RULES
	table inet t {
		counter spoofed { }
		chain in {
			type filter hook prerouting priority -300;
			iifname mpc0 ip saddr != 10.77.0.2 counter name spoofed
			iifname mpc0 ip6 saddr != fd77::2 counter name spoofed
		}
	}
RULES
check "its own address is accepted" ping_ok "${NS[2]}" 10.77.0.1
spoof()
{
	errors=$(link_stat "$a" mpc0 rx errors)
	fails ping_one "${NS[2]}" 10.77.0.1 -I 10.88.0.1 || return 1
	fails ping_one "${NS[2]}" fd77::1 -I fd88::1 || return 1
	same "arrived from elsewhere" 0 "$(nft_count "$a" spoofed)" || return 1
	same errors $((errors + 2)) "$(link_stat "$a" mpc0 rx errors)"
}
check "a source that is not allowed is dropped and counted" spoof
counter()
{
	same counter 2 "$(peer_counter "$a" mpc0 "$two" source-not-allowed)"
}
check_own "by its reason, at the peer" counter

# mpcnet reports as WireGuard does: an ICMP error, and ENOKEY to the sender
nobody()
{
	expect 'Host Unreachable|Required key not available' \
		n "$a" ping -n -c 1 -W 1 10.99.9.9 || return 1
	expect 'From 10.77.0.1 .*Host Unreachable' n "$a" ping -n -c 1 -W 1 10.99.9.9
}
check "a destination of no peer is unreachable" nobody
nobody6()
{
	expect 'From fd77::1 .*(Address unreachable|Destination unreachable)' \
		n "$a" ping -n -c 1 -W 1 fd99::9
}
check "a destination of no peer is unreachable over IPv6" nobody6
finish
