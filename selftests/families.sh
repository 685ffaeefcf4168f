#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# IPv4 and IPv6 inside, over IPv4 and IPv6 outside, with every byte checked.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 26
need_module
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}

# over FAMILY: move both ends to it
over()
{
	peer_set "$a" mpc0 "${PUB[2]}" endpoint "$(hostport "$(outer "$1" 2)" 5002)" &&
		peer_set "$b" mpc0 "${PUB[1]}" endpoint "$(hostport "$(outer "$1" 1)" 5001)"
}

sizes()
{
	local size

	for size in 8 9 15 16 17 31 32 33 100 1000 $((1420 - $2)) $((1421 - $2)) 8000; do
		udp_ok "$a" "$b" "$1" 20 "$size" || return 1
	done
}

both_ways()
{
	udp_ok "$a" "$b" "$2" 200 500 && udp_ok "$b" "$a" "$1" 200 500
}

for out in 4 6; do
	check "the outer family is IPv$out" over $out
	for in in 4 6; do
		name="IPv$in in IPv$out:"
		one=$(inner $in 1)
		two=$(inner $in 2)
		check "$name ping" ping_ok "$a" "$two"
		check "$name ping back" ping_ok "$b" "$one"
		check "$name TCP" tcp_ok "$a" "$b" "$two" 400000
		check "$name TCP back" tcp_ok "$b" "$a" "$one" 400000
		check "$name UDP both ways" both_ways "$one" "$two"
		header=$((in == 4 ? 28 : 48))
		check "$name UDP of many sizes" sizes "$two" $header
	done
done
finish
