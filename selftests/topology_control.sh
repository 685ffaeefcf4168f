#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a controller sees of WireGuard's test topology: keys and peers that
# contradict each other, dumps of many parts, and keepalives without traffic.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 12
require nft
need_module
klog_mark
setup_ns zero one two
key_new 1 2

# A keepalive goes out as soon as link and key are there
tx()
{
	peer_field "$one" mpc0 "${PUB[2]}" tx
}
keepalive_up()
{
	link_add "$one" mpc0 private-key "${KEY[1]}" || return 1
	peer_add "$one" mpc0 "${PUB[2]}" endpoint 10.0.0.1:1 keepalive 1 || return 1
	same "sent while down" 0 "$(tx)" || return 1
	ip -n "$one" route add 10.0.0.1/32 dev lo
	ip -n "$one" link set mpc0 up
	busywait 3 sent
}
sent()
{
	[ "$(tx)" -gt 0 ]
}
alone()
{
	veth_pair "$one" v1 "$two" v2
	addr "$one" v1 10.0.0.9/24
}
check "a wire for the next" alone
check "persistent keepalive starts when the link comes up" keepalive_up
link_del "$one" mpc0
keepalive_key()
{
	link_add "$one" mpc0 || return 1
	peer_add "$one" mpc0 "${PUB[2]}" endpoint 10.0.0.1:1 keepalive 1 || return 1
	ip -n "$one" link set mpc0 up
	same "sent without a key" 0 "$(tx)" || return 1
	link_set "$one" mpc0 private-key "${KEY[1]}" || return 1
	busywait 3 sent
}
check "or when the key comes later" keepalive_key
link_del "$one" mpc0

# Points of small order are refused as peers' keys: nothing is sent to them
small_order()
{
	local point

	link_add "$one" mpc0 private-key "${KEY[1]}" || return 1
	for point in AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
		AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
		4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA= \
		X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc= \
		7P///////////////////////////////////////38= \
		7f///////////////////////////////////////38= \
		7v///////////////////////////////////////38=; do
		peer_add "$one" mpc0 "$point" keepalive 1 endpoint 127.0.0.1:1111 || return 1
	done
	nft_rules "$one" <<-RULES
		table inet small {
			counter sent { }
			chain out {
				type filter hook output priority 0;
				udp dport 1111 counter name sent
			}
		}
	RULES
	ip -n "$one" link set mpc0 up
	fails busywait 2 sent_small
}
sent_small()
{
	n "$one" nft list counter inet small sent | grep -q 'packets [1-9]'
}
check "nothing is sent to a key of small order" small_order
link_del "$one" mpc0

# Dumps that need more than one message
many_ips()
{
	local ips

	link_add "$zero" mpc0 || return 1
	ips=$(seq -s, -f 'abcd::%g' 1 197)
	peer_add "$zero" mpc0 "${PUB[1]}" && peer_add "$zero" mpc0 "${PUB[2]}" allowed-ips "$ips" || return 1
	same "ips of the first" "" "$(peer_field "$zero" mpc0 "${PUB[1]}" allowed-ips)" || return 1
	same "ips of the second" 197 \
		"$(peer_field "$zero" mpc0 "${PUB[2]}" allowed-ips | tr ',' '\n' | grep -c /128)"
}
check "197 allowed IPs are shown" many_ips
link_del "$zero" mpc0

many_routes()
{
	link_add "$zero" mpc0 || return 1
	{
		echo "[Interface]"
		echo "PrivateKey = $(cat "${KEY[1]}")"
		echo "[Peer]"
		echo "PublicKey = ${PUB[2]}"
		for i in {1..255}; do
			printf "AllowedIPs = $i.%d.0.0/16,$i::%d/128\n" 1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8
		done
	} >"$TMP/conf"
	chmod 600 "$TMP/conf"
	conf_set "$zero" mpc0 "$TMP/conf" || return 1
	same ips $((255 * 8 * 2)) \
		"$(peer_field "$zero" mpc0 "${PUB[2]}" allowed-ips | tr ',' '\n' | grep -c /)"
}
check "4080 allowed IPs of one peer are shown" many_routes
link_del "$zero" mpc0

refuse "a link that does not exist" link_field "$zero" nowhere listen-port

# Keys, their absence, and a link's own key among its peers
own_key()
{
	link_add "$zero" mpc0 private-key "${KEY[1]}" || return 1
	peer_add "$zero" mpc0 "${PUB[2]}" || return 1
	link_set "$zero" mpc0 private-key "${KEY[2]}" || return 1
	same key "${PUB[2]}" "$(link_field "$zero" mpc0 public-key)" || return 1
	same count 0 "$(peer_count "$zero" mpc0)"
}
check "a peer with the link's new key goes" own_key
own_peer()
{
	peer_add "$zero" mpc0 "${PUB[2]}"
	same count 0 "$(peer_count "$zero" mpc0)" || return 1
	link_set "$zero" mpc0 private-key "${KEY[1]}" || return 1
	peer_add "$zero" mpc0 "${PUB[2]}" || return 1
	same count 1 "$(peer_count "$zero" mpc0)"
}
check "and comes again under another key" own_peer
zero_routes()
{
	peer_set "$zero" mpc0 "${PUB[2]}" allowed-ips \
		0.0.0.0/0,10.0.0.0/8,100.0.0.0/10,172.16.0.0/12,192.168.0.0/16 || return 1
	peer_set "$zero" mpc0 "${PUB[2]}" allowed-ips 0.0.0.0/0 || return 1
	peer_set "$zero" mpc0 "${PUB[2]}" allowed-ips ::/0,1700::/111,5000::/4,e000::/37,9000::/75 || return 1
	peer_set "$zero" mpc0 "${PUB[2]}" allowed-ips ::/0 || return 1
	same ips ::/0 "$(peer_field "$zero" mpc0 "${PUB[2]}" allowed-ips)" || return 1
	peer_del "$zero" mpc0 "${PUB[2]}"
}
check "prefixes of all lengths give way to the default" zero_routes
link_del "$zero" mpc0

# A cached route must not outlive its namespace
cached()
{
	local name

	setup_ns p q
	veth_pair "$p" v "$q" v
	addr "$p" v fd00:aa::1/64
	addr "$q" v fd00:aa::2/64
	ip -n "$p" -6 route add default dev v via fd00:aa::2
	ip -n "$q" -6 route add default dev v via fd00:aa::1
	for name in p q; do
		link_add "${!name}" mpc0 || return 1
	done
	link_set "$p" mpc0 private-key "${KEY[1]}" listen-port 1
	link_set "$q" mpc0 private-key "${KEY[2]}" listen-port 2
	addr "$p" mpc0 fd00::1/112
	addr "$q" mpc0 fd00::2/112
	peer_add "$p" mpc0 "${PUB[2]}" allowed-ips fd00::2/128 endpoint '[fd00:aa::2]:2'
	peer_add "$q" mpc0 "${PUB[1]}" allowed-ips fd00::1/128 endpoint '[fd00:aa::1]:1'
	ip -n "$p" link set mpc0 up
	ip -n "$q" link set mpc0 up
	busywait 6 ping_one "$p" fd00::2 || return 1
	ns_del "$p"
	ns_del "$q"
}
check "namespaces with a cached route go" cached
check "the kernel log is clean" klog_clean
finish
