#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Batches: many messages go down as one UDP GSO packet, and are taken whole
# where they arrive so. What is in them stays whole and unchanged whatever lies
# below, and while peers, links and processors come and go.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 34
require nft ethtool nstat
need_module
own_only
klog_mark
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}
segments=$(helper segments) || skip_all "segments cannot be built"
BULK=600000

nft_rules "$a" <<-RULES
	table inet t {
		counter down { }
		chain out {
			type filter hook output priority 300;
			udp dport 5002 counter name down
		}
	}
RULES

batch()
{
	link_set "$a" mpc0 batch "$1" && link_set "$b" mpc0 batch "$2"
}

# taken: what UDP gave to the receiver, a batch counts as one
taken()
{
	n "$b" nstat -asz Udp6InDatagrams UdpInDatagrams |
		awk '/InDatagrams/ { sum += $2 } END { print sum }'
}

# few FOUND ALL: at most three in five. A slow TCP sends short GSO packets.
few()
{
	[ $(($1 * 5)) -le $(($2 * 3)) ] && return 0
	echo "expected $1 to be at most 3/5 of $2"
	return 1
}

nearly_all()
{
	[ "$1" -ge $(($2 * 9 / 10)) ] && return 0
	echo "expected $1 to be nearly $2"
	return 1
}

# counted DOWN UP COMMAND...: while the command runs, DOWN (few or nearly_all of
# the messages) is true of what goes down, and UP of what UDP gives up
counted()
{
	local down=$1 up=$2 down0 up0 rx0 rx

	down0=$(nft_count "$a" down) up0=$(taken) rx0=$(link_stat "$b" mpc0 rx packets)
	"${@:3}" || return 1
	rx=$(($(link_stat "$b" mpc0 rx packets) - rx0))
	more "$rx" $((BULK / 1500)) || return 1
	"$down" $(($(nft_count "$a" down) - down0)) "$rx" &&
		"$up" $(($(taken) - up0)) "$rx"
}

bulk()
{
	tcp_ok "$a" "$b" "${1:-10.77.0.2}" "${2:-$BULK}"
}

# mixed ROUNDS [WORD...]: datagrams of many sizes, over both families
mixed()
{
	"$segments" "$a" "$b" 10.77.0.2 7003 "$1" "$RANDOM" "${@:2}" &&
		"$segments" "$a" "$b" fd77::2 7003 "$1" "$RANDOM" "${@:2}"
}

on()
{
	n "$1" ethtool -K "${@:2}"
}

ping_ok "$a" 10.77.0.2 >/dev/null

#
# Down and up in batches, or not
#

check "batches go down, and up" counted few few bulk
batch off on
check "off at the sender: one by one" counted nearly_all nearly_all bulk
batch on off
check "off at the receiver: down in batches, up one by one" counted few nearly_all bulk
batch on on

check "datagrams of any size and number" mixed 30
check "a checksum of zero is sent as ones" mixed 20 zero
check "a kept copy of the wire: nothing changes, nothing shows" mixed 20 tap eth0

#
# Sizes
#

# sizes MTU OUTER: the link's and the wire's MTU
sizes()
{
	local most=$(($1 - 48))

	ip -n "$a" link set mpc0 mtu "$1" && ip -n "$b" link set mpc0 mtu "$1" || return 1
	ip -n "$a" link set eth0 mtu "$2" && ip -n "$b" link set eth0 mtu "$2" || return 1
	bulk 10.77.0.2 300000 && mixed 4 max $((most < 30000 ? most : 30000))
}

# over FAMILY: the outer packets are of this one
over()
{
	peer_set "$a" mpc0 "${PUB[2]}" endpoint "$(hostport "$(outer "$1" 2)" 5002)" &&
		peer_set "$b" mpc0 "${PUB[1]}" endpoint "$(hostport "$(outer "$1" 1)" 5001)"
}

# 65472 is the longest that fits into an outer packet
for mtu in "1280 1500" "1281 1500" "1500 1500" "4000 1500" "9000 65535" "65472 65535"; do
	# shellcheck disable=SC2086
	check "MTU inside and outside: $mtu" sizes $mtu
done
sizes 1420 1500 >/dev/null

over6()
{
	over 6 && counted few few bulk && mixed 10
}
check "outside by IPv6" over6
over 4

#
# Offloads below and inside
#

offload()
{
	on "$a" eth0 "$@" && on "$b" eth0 "$@"
}

both_kinds()
{
	counted "$1" "$2" bulk && mixed 5
}
check "no segmentation below" offload tso off gso off tx-udp-segmentation off
check "still down in batches, up one by one" both_kinds few nearly_all
check "no checksums below" offload tx off
check "the same without checksums below" both_kinds few nearly_all
check "merged below (GRO)" offload gro on
check "down in batches, merged again" both_kinds few few
check "kept copies of what is merged: nothing shows" mixed 10 tap eth0
batch off on
check "down one by one, merged" both_kinds nearly_all few
batch on off
check "down in batches, not merged" both_kinds few nearly_all
batch on on
offload tx on tso on gso on tx-udp-segmentation on gro off

inside()
{
	on "$a" mpc0 "$@" && on "$b" mpc0 "$@"
}

inside_ok()
{
	inside "$@" && bulk || return 1
	# without checksums inside Linux 6.1 refuses UDP_SEGMENT
	[ "$1" = tx ] || mixed 5
}
check "no segmentation inside" inside_ok tso off gso off
check "no checksums inside" inside_ok tx off
inside tx on tso on gso on >/dev/null

#
# What lies between
#

tapped()
{
	bg n "$a" tcpdump -i any -w /dev/null
	busywait 10 grep -q listening "$TMP/bg.out" || return 1
	bulk && stop "$BG_PID"
}
if command -v tcpdump >/dev/null; then
	check "under tcpdump" tapped
else
	skip "under tcpdump" "tcpdump is missing"
fi

# Another way from party to party: by a router with NAT and a bridge
setup_ns router switch
veth_pair "$a" eth1 "$router" west
veth_pair "$router" east "$switch" p0
veth_pair "$b" eth1 "$switch" p1
ip -n "$switch" link add br0 type bridge
ip -n "$switch" link set br0 up
ip -n "$switch" link set p0 master br0
ip -n "$switch" link set p1 master br0
addr "$a" eth1 198.51.100.1/24
addr "$router" west 198.51.100.2/24
addr "$router" east 203.0.113.1/24
addr "$b" eth1 203.0.113.2/24
ip -n "$a" route add 203.0.113.0/24 via 198.51.100.2
n "$router" sysctl -qw net.ipv4.ip_forward=1
nft_rules "$router" <<-RULES
	table inet t {
		chain forward {
			type filter hook forward priority 0; policy drop;
			ct state invalid drop
			ct state established,related accept
			iifname west accept
		}
		chain post {
			type nat hook postrouting priority srcnat;
			oifname east masquerade
		}
	}
RULES
behind_nat()
{
	peer_set "$a" mpc0 "${PUB[2]}" endpoint 203.0.113.2:5002 || return 1
	busywait 15 ping_one "$a" 10.77.0.2 || return 1
	expect '^203.0.113.1:' peer_field "$b" mpc0 "${PUB[1]}" endpoint || return 1
	counted few few bulk && mixed 10 && tcp_ok "$b" "$a" 10.77.0.1 "$BULK"
}
check "by a router with NAT and a bridge" behind_nat
check "kept copies of what is routed: nothing shows" mixed 10 tap eth1
over 4

#
# While sessions, peers, links and processors come and go
#

handshake_time()
{
	peer_json "$a" mpc0 '.[0].latest_handshake'
}

xfer=$(helper xfer) || skip_all "xfer cannot be built"
load()
{
	bg forever nice -n 19 timeout 20 "$xfer" tcp "$a" "$b" 10.77.0.2 7000 500000000
	LOAD=("$BG_PID")
	bg forever nice -n 19 timeout 20 "$xfer" tcp "$b" "$a" fd77::1 7001 500000000
	LOAD+=("$BG_PID")
}

# flows SECONDS: data comes all the time, with no gap above 2.5 seconds
flows()
{
	local end=$(($(now_ms) + $1 * 1000)) now last=0 rx=0 again

	while now=$(now_ms) && [ "$now" -lt "$end" ]; do
		again=$(link_stat "$b" mpc0 rx packets)
		if [ "$again" -gt $((rx + 20)) ]; then
			rx=$again last=$now
		elif [ "$last" -gt 0 ] && [ "$now" -gt $((last + 2500)) ]; then
			echo "nothing for $((now - last)) ms"
			return 1
		fi
		sleep 0.1
	done
}

# rekeyed: sessions of two seconds, all data in one stream
rekeyed()
{
	local first

	first=$(handshake_time)
	flows 6 || return 1
	more "$(handshake_time)" $((first + 3))
}

peers()
{
	local i

	for ((i = 0; i < 2; i++)); do
		peer_del "$b" mpc0 "${PUB[1]}" && mesh_peer 2 1 4 || return 1
		busywait 25 ping_one "$a" 10.77.0.2 || return 1
	done
}

links()
{
	local i

	for ((i = 0; i < 2; i++)); do
		link_del "$b" mpc0 || return 1
		link_add "$b" mpc0 private-key "${KEY[2]}" listen-port 5002 || return 1
		addr "$b" mpc0 10.77.0.2/24 fd77::2/64
		mesh_peer 2 1 4 && ip -n "$b" link set mpc0 up || return 1
		busywait 25 ping_one "$a" 10.77.0.2 || return 1
	done
}

switches()
{
	local i

	for ((i = 0; i < 2; i++)); do
		batch off on && batch on off && batch on on || return 1
	done
	flows 1
}

CPU=/sys/devices/system/cpu/cpu1/online
processors()
{
	local i

	defer eval "echo 1 > $CPU"
	for ((i = 0; i < 2; i++)); do
		echo 0 >"$CPU" && flows 1 && echo 1 >"$CPU" && flows 1 || return 1
	done
}

load
if time_scale 60; then
	check "new sessions in the midst of it" rekeyed
	echo 1 >/sys/module/mpcnet/parameters/time_scale
else
	skip "new sessions in the midst of it" "the module has no time_scale"
fi
check "batches go off and on" switches
if [ -w $CPU ]; then
	check "a processor goes off and on" processors
else
	skip "a processor goes off and on" "there is but one"
fi
check "a peer goes and comes" peers
check "a link goes and comes" links
stop "${LOAD[0]}"
stop "${LOAD[1]}"
check "after all of it, batches still pass" busywait 20 counted few few bulk
check "the kernel log is clean" klog_clean
finish
