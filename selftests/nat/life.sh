#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What happens to links while they are used: NATs forget, addresses change,
# relays and paths go and come back, the helper is killed, strangers shout.
# TCP has to live through all of it. It takes some five minutes: make nat runs it.
# shellcheck disable=SC2119 # lab_coturn_start without arguments

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source-path=SCRIPTDIR source=pair.sh
. "$(dirname "$0")/pair.sh"

plan 21
require jq iperf3 nft conntrack
need_module
klog_mark
mkdir -p "$TMP/nat"
helper nat/probe
lab_start

# mesh KEY...: a session of these parties, up
mesh()
{
	session_start "$(session_ticket $#)" "$@" && session_cards "$@" && session_ready 60 "$@"
}

# stream FROM TO SECONDS: a TCP flow in the background, and echoes beside it
stream()
{
	local address

	address=$(session_address "$2")
	n "${NS[$2]}" iperf3 -s -1 -B "$address" >"$TMP/server" 2>&1 &
	busywait 5 listening "$2" || return 1
	n "${NS[$1]}" iperf3 -c "$address" -t "$3" -b 2M --connect-timeout 5000 \
		>"$TMP/stream" 2>&1 &
	STREAM=$!
	n "${NS[$1]}" ping -n -D -i 0.1 -w "$3" "$address" >"$TMP/echoes" 2>&1 &
}

listening()
{
	n "${NS[$1]}" ss -Hltn 'sport = 5201' | grep -q .
}

stream_ends()
{
	wait "$STREAM" || { cat "$TMP/stream"; return 1; }
}

# outage MS: the longest time without an echo was no longer
outage()
{
	local longest

	longest=$(awk -F '[][]' '/bytes from/ { if (last && $2 - last > most) most = $2 - last
		last = $2 } END { printf "%d", most * 1000 }' "$TMP/echoes")
	diag "longest time without an echo: $longest ms"
	[ "$longest" -le "$1" ] || { echo "$longest ms without an echo"; return 1; }
}

# is PATHS KEY...: all links of each are of that kind
is()
{
	local key

	for key in "${@:2}"; do
		[ "$(session_paths "$key")" = "$1" ] || { session_state "$key" .; return 1; }
	done
}
becomes()
{
	busywait "$1" is "${@:2}"
}

#
# A NAT that gives other ports afterwards, before one that lets anybody in
#

lab_site a eim-apdf-newport
lab_site b eim-eif
check "a mesh of two" mesh a.1 b.1
check "direct" is direct a.1 b.1
stream a.1 b.1 12
sleep 2
lab_rebind a
check "TCP goes on when the NAT has forgotten its mappings" stream_ends
check "who talks is heard at once" outage 2000
stream a.1 b.1 20
sleep 2
lab_new_wan a
check "TCP goes on when the public address has changed" stream_ends
check "the link is direct" becomes 30 direct a.1 b.1

#
# The helpers die
#

kill_helpers()
{
	local key

	for key; do
		kill -9 "${LAB_PID[$key.mpcnetd]}"
	done
	for key; do
		busywait 5 fails kill -0 "${LAB_PID[$key.mpcnetd]}" || return 1
		unset "LAB_PID[$key.mpcnetd]"
	done
}
start_helpers()
{
	local key

	for key; do
		session_daemon "$key" || return 1
	done
}
is_ready()
{
	local key

	for key; do
		[ "$(session_state "$key" .state)" = ready ] || return 1
	done
}
stream a.1 b.1 15
sleep 1
check "both helpers are killed" kill_helpers a.1 b.1
sleep 3
check "they are started again" start_helpers a.1 b.1
check "and know their session" busywait 30 is_ready a.1 b.1
check "TCP went on" stream_ends
check "without a gap" outage 700

#
# Strangers
#

# flood: datagrams that are none of ours, to the port of a session
flood()
{
	local port

	port=$(ip netns exec "${NS[b.1]}" mpcnetctl -j link show |
		jq -r '[.. | .listen_port? // empty] | first')
	timeout 6 ip netns exec "${NS[b]}" iperf3 -u -c "${LAB_ADDR[b.1]}" -p "$port" -b 20M -t 5 \
		>/dev/null 2>&1
	timeout 6 ip netns exec "${NS[b]}" socat -u -b 1000 /dev/zero \
		"udp-sendto:${LAB_ADDR[b.1]}:$port" 2>/dev/null
	[ $? = 124 ]
}
stream a.1 b.1 10
check "a flood of foreign datagrams" flood
check "hurts no data" stream_ends
check "nor the session" is_ready a.1 b.1
session_end a.1 b.1

#
# Relays and direct paths go and come back
#

lab_site c apdm-random
lab_site d apdm-random
check "a mesh by relay" mesh c.1 d.1
becomes 5 relayed c.1 d.1
# A relay started again has other addresses: cards tell them, as a rendezvous would.
new_cards()
{
	session_cards c.1 d.1 && is_ready c.1 d.1
}
stream c.1 d.1 60
sleep 2
lab_coturn_stop
sleep 2
lab_coturn_start
check "the mesh is up again when the relay was started again" busywait 45 new_cards
check "TCP goes on" stream_ends
session_end c.1 d.1

# between on|off: core lets datagrams from one site to the other
between()
{
	if [ "$1" = off ]; then
		ip netns exec "${NS[core]}" nft -f - <<-RULES
		table inet cut {
			chain cut {
				type filter hook forward priority 0;
				ip saddr ${LAB_ADDR[e]} ip daddr ${LAB_ADDR[f]} drop
				ip saddr ${LAB_ADDR[f]} ip daddr ${LAB_ADDR[e]} drop
			}
		}
		RULES
	else
		ip netns exec "${NS[core]}" nft delete table inet cut
	fi
}
lab_site e eim-apdf
lab_site f eim-apdf
mesh e.1 f.1
becomes 10 direct e.1 f.1
stream e.1 f.1 110
between off
check "a direct path that is lost is replaced by a relay" becomes 15 relayed e.1 f.1
between on
check "and comes back" becomes 85 direct e.1 f.1
check "TCP went on meanwhile" stream_ends
session_end e.1 f.1
check "the kernel log is clean" klog_clean
finish
