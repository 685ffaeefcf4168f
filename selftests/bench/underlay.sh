# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What lies below every kind of tunnel: N parties, each a namespace pI with a
# device eth0 that has the address 10.0.0.(I+1), joined by a veth pair if there
# are two, else by a bridge. A kind (kind/NAME.sh) defines
#
#	kind_available	status 0, or prints in one sentence why not
#	kind_up N	the underlay of N is there; afterwards 10.1.0.(I+1) is
#			reached in pI from all others, encrypted, and every pair
#			has met (parties_meet N does that)
#	kind_down	ends daemons and the like; namespaces vanish anyway
#
# and may use what is below, and $TMP for files. All of it runs in a VM of its
# own, so that names need not be unique.

# n I COMMAND...: run in party I's namespace
n() {
	ip netns exec "p$1" "${@:2}"
}

# outer I, inner I: the addresses of party I
outer() {
	echo "10.0.0.$(($1 + 1))"
}

inner() {
	echo "10.1.0.$(($1 + 1))"
}

# inner_add I DEV: give party I's inner address to its device and turn it on
inner_add() {
	ip -n "p$1" addr add "$(inner "$1")/24" dev "$2" &&
		ip -n "p$1" link set "$2" up
}

# underlay_up N
underlay_up() {
	local i

	for ((i = 0; i < $1; i++)); do
		party_add "p$i" || return
	done
	if [ "$1" = 2 ]; then
		ip -n p0 link add eth0 type veth peer name eth0 netns p1 || return
	else
		bridge_add "$1" || return
	fi
	for ((i = 0; i < $1; i++)); do
		ip -n "p$i" addr add "$(outer $i)/24" dev eth0 &&
			ip -n "p$i" link set eth0 up || return
	done
}

# IPv6 would send its own packets now and then; what TCP learnt of the one
# kind must not help or hurt the next measure.
party_add() {
	ip netns add "$1" &&
		ip netns exec "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.default.rp_filter=0 net.ipv4.tcp_no_metrics_save=1 &&
		ip -n "$1" link set lo up
}

bridge_add() {
	local i

	party_add wires && ip -n wires link add br0 type bridge mcast_snooping 0 &&
		ip -n wires link set br0 up || return
	for ((i = 0; i < $1; i++)); do
		ip -n wires link add "w$i" type veth peer name eth0 netns "p$i" &&
			ip -n wires link set "w$i" master br0 up || return
	done
}

underlay_down() {
	local ns pid

	for ns in $(ip netns list | awk '{ print $1 }'); do
		for pid in $(ip netns pids "$ns"); do
			kill "$pid" 2> /dev/null
		done
		ip netns del "$ns"
	done
}

# parties_meet N: each pair exchanges a packet
parties_meet() {
	local i j

	for ((i = 0; i < $1; i++)); do
		for ((j = i + 1; j < $1; j++)); do
			pair_meets $i $j || return
		done
	done
}

pair_meets() {
	local tries=30

	until n "$1" ping -n -q -c 1 -W 1 "$(inner "$2")" > "$TMP/ping" 2>&1; do
		[ $((tries--)) -gt 0 ] || {
			cat "$TMP/ping" >&2
			echo "p$1 does not reach p$2 at $(inner "$2")" >&2
			return 1
		}
	done
}
