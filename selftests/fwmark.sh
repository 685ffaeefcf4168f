#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The mark of the outer packets, and routing by it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 8
require nft
need_module
mesh 2 || skip_all "no mesh"
a=${NS[1]}

nft_rules "$a" <<-RULES
	table inet t {
		counter marked { }
		counter plain { }
		chain out {
			type filter hook output priority 0;
			oifname eth0 udp dport 5002 meta mark 51820 counter name marked
			oifname eth0 udp dport 5002 meta mark 0 counter name plain
		}
	}
RULES

check "without a mark" ping_ok "$a" 10.77.0.2
check "all packets are without" more "$(nft_count "$a" plain)" 3
marked()
{
	local plain

	link_set "$a" mpc0 fwmark 51820 || return 1
	plain=$(nft_count "$a" plain)
	ping_ok "$a" 10.77.0.2 && ping_ok "$a" fd77::2 || return 1
	same "packets without a mark" "$plain" "$(nft_count "$a" plain)" || return 1
	more "$(nft_count "$a" marked)" 5
}
check "all packets carry the mark, handshakes too" marked
check "the mark is shown" expect '^(51820|0xca6c)$' link_field "$a" mpc0 fwmark

# A table of its own for the mark, without a way to the other party
away()
{
	ip -n "$a" rule add fwmark 51820 table 77
	ip -n "$a" route add blackhole default table 77
	fails ping_one "$a" 10.77.0.2
}
check "marked packets take the table of the mark" away
changed()
{
	link_set "$a" mpc0 fwmark 1234 && busywait 6 ping_one "$a" 10.77.0.2
}
check "another mark takes another table, at once" changed
removed()
{
	link_set "$a" mpc0 fwmark 0 || return 1
	expect '^(off|0)$' link_field "$a" mpc0 fwmark
}
check "the mark is removed" removed
default_through()
{
	link_set "$a" mpc0 fwmark 51820 || return 1
	ip -n "$a" rule del fwmark 51820 table 77
	ip -n "$a" route add default dev mpc0 table 78
	ip -n "$a" rule add not fwmark 51820 table 78
	peer_set "$a" mpc0 "${PUB[2]}" allowed-ips 0.0.0.0/0 || return 1
	addr "${NS[2]}" lo 203.0.113.1/32
	busywait 6 ping_one "$a" 203.0.113.1 || return 1
	# even the address of the endpoint is reached through the tunnel
	ping_one "$a" 192.0.2.2 -I 10.77.0.1
}
check "the default route goes through the tunnel" default_through
finish
