#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The life of links and peers: made, changed, renamed, counted and removed,
# with traffic flowing as well.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 27
require jq ethtool
need_module
klog_mark
setup_ns a

shown()
{
	expect "$1" ip -n "$a" -d link show dev mpc0
}

check "plain ip makes a link" ip -n "$a" link add mpc0 type "$MPCNET_KIND"
check "the MTU is 1420" shown 'mtu 1420 '
check "the link type is none" shown 'link/none'
check "it is point to point without ARP" shown 'POINTOPOINT,NOARP'
check "it has no qdisc" shown 'qdisc noop|qdisc noqueue'
check "its kind is shown" shown "^ +$MPCNET_KIND "
refuse "the same name is refused" ip -n "$a" link add mpc0 type "$MPCNET_KIND"
check "it comes up without a key" ip -n "$a" link set mpc0 up
check "it has no qdisc when up" shown 'qdisc noqueue'
check "it goes down" ip -n "$a" link set mpc0 down
check "it is renamed" ip -n "$a" link set mpc0 name mpc9
check "it is removed" link_del "$a" mpc9

several()
{
	local i

	for i in 1 2 3 4 5 6 7 8; do
		ip -n "$a" link add "several$i" type "$MPCNET_KIND" || return 1
		ip -n "$a" link set "several$i" up || return 1
	done
	for i in 3 1 8 2 7 4 6 5; do
		link_del "$a" "several$i" || return 1
	done
}
check "eight links live side by side" several

key_new 1 2
configured()
{
	link_add "$a" mpc0 private-key "${KEY[1]}" listen-port 5001 fwmark 7 || return 1
	same port 5001 "$(link_field "$a" mpc0 listen-port)" || return 1
	same key "${PUB[1]}" "$(link_field "$a" mpc0 public-key)"
}
check "key and port are as they were set" configured
taken()
{
	ip -n "$a" link set mpc0 up || return 1
	ip -n "$a" link add mpc1 type "$MPCNET_KIND" || return 1
	link_set "$a" mpc1 listen-port 5001 || return 1
	fails ip -n "$a" link set mpc1 up
}
check "a port in use is refused when the link comes up" taken
link_del "$a" mpc1
port_chosen()
{
	link_set "$a" mpc0 listen-port 0 || return 1
	more "$(link_field "$a" mpc0 listen-port)" 0
}
check "port 0 chooses one" port_chosen
peer_life()
{
	peer_add "$a" mpc0 "${PUB[2]}" allowed-ips 10.0.0.0/8 keepalive 25 || return 1
	same count 1 "$(peer_count "$a" mpc0)" || return 1
	same ips 10.0.0.0/8 "$(peer_field "$a" mpc0 "${PUB[2]}" allowed-ips)" || return 1
	same keepalive 25 "$(peer_field "$a" mpc0 "${PUB[2]}" keepalive)" || return 1
	peer_set "$a" mpc0 "${PUB[2]}" keepalive off || return 1
	same keepalive "" "$(peer_field "$a" mpc0 "${PUB[2]}" keepalive)" || return 1
	peer_del "$a" mpc0 "${PUB[2]}" || return 1
	same count 0 "$(peer_count "$a" mpc0)"
}
check "a peer comes, changes and goes" peer_life
own_key()
{
	peer_add "$a" mpc0 "${PUB[1]}"
	same count 0 "$(peer_count "$a" mpc0)"
}
check "the link's own key does not become a peer" own_key
link_del "$a" mpc0

mesh 2 || not_ok mesh
a=${NS[1]}
b=${NS[2]}
counted()
{
	# 10 echoes of 84 bytes padded to 96, 32 of overhead; a response of
	# 92; an initiation of 148 and perhaps a keepalive of 32
	n "$a" ping -q -c 10 -i 0.05 -W 2 10.77.0.2 || return 1
	same rx 1372 "$(link_stat "$a" mpc0 rx bytes)" || return 1
	expect '^(1428|1460)$' link_stat "$a" mpc0 tx bytes || return 1
	same peer-rx 1372 "$(peer_field "$a" mpc0 "${PUB[2]}" rx)" || return 1
	expect '^(1428|1460)$' peer_field "$a" mpc0 "${PUB[2]}" tx
}
check "bytes are counted, by link and by peer" counted
check_own "ethtool names the counters" expect 'no_peer|no-peer' n "$a" ethtool -S mpc0

down_up()
{
	ip -n "$a" link set mpc0 down || return 1
	fails ping_one "$a" 10.77.0.2 || return 1
	ip -n "$a" link set mpc0 up || return 1
	busywait 6 ping_one "$a" 10.77.0.2
}
check "down and up again, traffic returns" down_up
renamed()
{
	ip -n "$a" link set mpc0 down || return 1
	ip -n "$a" link set mpc0 name other || return 1
	ip -n "$a" link set other up || return 1
	busywait 6 ping_one "$a" 10.77.0.2 || return 1
	ip -n "$a" link set other down
	ip -n "$a" link set other name mpc0
	ip -n "$a" link set mpc0 up
	busywait 6 ping_one "$a" 10.77.0.2
}
check "renamed, traffic flows under the new name" renamed

bulk()
{
	bg n "$a" ping -q -f -s 1000 10.77.0.2
	xfer=$(helper xfer)
	bg "$xfer" tcp "$a" "$b" 10.77.0.2 7000 1000000000
	busywait 5 sent_much
}
sent_much()
{
	[ "$(peer_field "$a" mpc0 "${PUB[2]}" tx)" -gt 300000 ]
}
check "bulk flows" bulk
check "a peer is removed meanwhile" peer_del "$b" mpc0 "${PUB[1]}"
check "a link is removed meanwhile" link_del "$a" mpc0
check "the other link is removed" link_del "$b" mpc0
check "the kernel log is clean" klog_clean
finish
