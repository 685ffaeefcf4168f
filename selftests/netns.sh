#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Network namespaces: a link moves, its socket stays where the link was born.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 20
need_module
klog_mark
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}
setup_ns inside

# move FROM TO DEV: a move takes the addresses away
move()
{
	ip -n "$1" link set "$3" netns "$2" || return 1
	addr "$2" "$3" 10.77.0.1/24 fd77::1/64
	ip -n "$2" link set "$3" up
}

listens()
{
	expect 5001 n "$1" ss -Huln 'sport = 5001'
}

check "before the move" ping_ok "$a" 10.77.0.2
check "the link moves" move "$a" "$inside" mpc0
check "traffic from its new place" busywait 6 ping_ok "$inside" 10.77.0.2
check "TCP from its new place" tcp_ok "$inside" "$b" 10.77.0.2 200000
check "TCP back to it" tcp_ok "$b" "$inside" fd77::1 200000
check "the socket listens where the link was born" listens "$a"
refuse "and not where it is" listens "$inside"
refuse "its new place has no other way out" ping_one "$inside" 192.0.2.2
configured()
{
	link_set "$inside" mpc0 listen-port 5001 || return 1
	peer_set "$inside" mpc0 "${PUB[2]}" keepalive 21 || return 1
	same keepalive 21 "$(peer_field "$inside" mpc0 "${PUB[2]}" keepalive)" || return 1
	peer_set "$inside" mpc0 "${PUB[2]}" keepalive off
}
check "it is configured where it is" configured
refuse "it is not found where it was born" peer_field "$a" mpc0 "${PUB[2]}" endpoint
port_moves()
{
	link_set "$inside" mpc0 listen-port 5005 || return 1
	expect 5005 n "$a" ss -Huln 'sport = 5005' || return 1
	link_set "$inside" mpc0 listen-port 5001 || return 1
	busywait 6 ping_one "$inside" 10.77.0.2
}
check "a new port opens where it was born" port_moves
back()
{
	move "$inside" "$a" mpc0 && busywait 6 ping_ok "$a" 10.77.0.2
}
check "it comes home" back

one_step()
{
	ip -n "$b" link add mpc5 netns "$inside" type "$MPCNET_KIND" || return 1
	link_set "$inside" mpc5 listen-port 5055 || return 1
	ip -n "$inside" link set mpc5 up || return 1
	expect 5055 n "$b" ss -Huln 'sport = 5055' || return 1
	link_del "$inside" mpc5
}
check "made for another namespace, its socket is the maker's" one_step

move "$a" "$inside" mpc0
check "away again" busywait 6 ping_ok "$inside" 10.77.0.2
birth_deleted()
{
	ns_del "$a"
	busywait 5 fails ping_one "$inside" 10.77.0.2 || return 1
	ip -n "$inside" link show mpc0
}
check "the birth place is deleted: silence, the link stays" birth_deleted
refuse "it does not come up again without it" sh -c \
	"ip -n $inside link set mpc0 down && ip -n $inside link set mpc0 up"
check "it is still configured" peer_set "$inside" mpc0 "${PUB[2]}" keepalive 5
check "its present place is deleted" ns_del "$inside"

# Two links, each born where the other lives: no ring of references
ring()
{
	setup_ns p q
	ip -n "$p" link add mpc1 type "$MPCNET_KIND" || return 1
	ip -n "$q" link add mpc2 type "$MPCNET_KIND" || return 1
	ip -n "$p" link set mpc1 netns "$q"
	ip -n "$q" link set mpc2 netns "$p"
	ip -n "$p" link set mpc2 up
	ip -n "$q" link set mpc1 up
	ns_del "$p"
	ns_del "$q"
	busywait 10 all_gone
}
# The namespaces are gone when nothing of the kind is left in the kernel
all_gone()
{
	setup_ns probe
	ip -n "$probe" link add mpc1 type "$MPCNET_KIND"
}
check "namespaces that hold each other's links go" ring
check "the kernel log is clean" klog_clean
finish
