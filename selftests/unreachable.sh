#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A peer without a session: packets wait while a handshake is under way, and
# when it is given up the sender is told, so that programs try again.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 14
require nft socat
need_module
klog_mark
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}
time_scale 5 && scaled=1

nft_rules "$b" <<-RULES
	table inet t {
		counter handshakes { }
		chain in {
			type filter hook prerouting priority -450;
		}
	}
RULES
# silent: what party 1 sends is counted and lost; heard: it arrives again
silent()
{
	nft_rules "$b" <<-RULES
		reset counters table inet t
		add rule inet t in udp dport 5002 counter name handshakes drop
	RULES
}
heard()
{
	n "$b" nft flush chain inet t in
}
handshakes()
{
	[ "$(nft_count "$b" handshakes)" -ge "$1" ]
}
listening()
{
	n "$b" ss -Huln 'sport = 7000' | grep -q .
}
# fresh: no session, as if the two had never met
fresh()
{
	peer_del "$a" mpc0 "${PUB[2]}"
	peer_add "$a" mpc0 "${PUB[2]}" allowed-ips 10.77.0.2/32,fd77::2/128 \
		endpoint 192.0.2.2:5002
}
# send FIRST LAST: a datagram with each number
send()
{
	n "$a" bash -c "exec 3>/dev/udp/10.77.0.2/7000
		for ((i = $1; i <= $2; i++)); do echo \$i >&3; done"
}
got_last()
{
	[ "$(tail -n 1 "$TMP/got")" = "$1" ]
}
# collect: what arrives from now on goes to a file, a line each
collect()
{
	: >"$TMP/got"
	stop "${collector:-}"
	bg n "$b" socat -u UDP4-RECV:7000 "OPEN:$TMP/got,append"
	collector=$BG_PID
	busywait 5 listening
}

in_order()
{
	collect && silent || return 1
	send 1 50
	busywait 3 handshakes 1 || return 1
	heard
	busywait 12 got_last 50 || return 1
	seq 50 | diff - "$TMP/got"
}
check "50 packets wait for the handshake, and arrive in order" in_order

bounded()
{
	fresh && collect && silent || return 1
	send 1 1000
	heard
	busywait 12 got_last 1000 || return 1
	sort -n -c "$TMP/got" || return 1
	more 300 "$(wc -l <"$TMP/got")"
}
check "of 1000 only the newest are kept, in order" bounded
dropped()
{
	more "$(peer_counter "$a" mpc0 "${PUB[2]}" queue-full)" 600
}
check_own "the others are counted" dropped
stop "${collector:-}"

resent()
{
	fresh && silent || return 1
	send 1 1
	busywait 12 handshakes 2 || return 1
	heard
}
check "the initiation is repeated" resent

late()
{
	local transfer

	fresh
	ip -n "$b" link set mpc0 down
	tcp_ok "$a" "$b" 10.77.0.2 1000 7001 &
	transfer=$!
	busywait 5 under_way || return 1
	ip -n "$b" link set mpc0 up
	wait "$transfer"
}
under_way()
{
	[ "$(peer_field "$a" mpc0 "${PUB[2]}" tx)" -gt 0 ]
}
check "a connect that began before the other was up succeeds" late

program()
{
	local rounds result

	rounds=$(helper rounds) || return 1
	peer_del "$a" mpc0 "${PUB[2]}"
	peer_del "$b" mpc0 "${PUB[1]}"
	"$rounds" 5 16 "$a=10.77.0.1" "$b=10.77.0.2" &
	result=$!
	defer kill "$result"
	busywait 5 refused || return 1
	mesh_peer 1 2 4 && mesh_peer 2 1 4 || return 1
	wait "$result"
}
refused()
{
	[ "$(link_stat "$a" mpc0 tx errors)" -gt "$errors" ]
}
errors=$(link_stat "$a" mpc0 tx errors)
check "a program that began before the peer was there succeeds" program

# Giving up takes 90 seconds: with the times divided by 30, three
given_up_tests()
{
	check_own "the sender is told when the handshake is given up" told
	check_own "also over IPv6" told6
	check_own "a connect fails, it does not hang" connect_fails
	check_own "what had waited is counted" more \
		"$(peer_counter "$a" mpc0 "${PUB[2]}" unreachable)" 0
	check_own "the state is shown" unreachable_shown
	heard
	time_scale 5
	check_own "the other answers again: traffic returns" busywait 6 ping_one "$a" 10.77.0.2
	check_own "it is no longer unreachable" same state session \
		"$(peer_field "$a" mpc0 "${PUB[2]}" state)"
}
told()
{
	expect 'From 10.77.0.1 .*Destination Host Unreachable' \
		n "$a" ping -n -c 16 -i 0.5 -W 1 10.77.0.2
}
told6()
{
	expect 'From fd77::1 .*Address unreachable' n "$a" ping -n -c 16 -i 0.5 -W 1 fd77::2
}
connect_fails()
{
	local begun

	begun=$(now_ms)
	expect 'No route to host' n "$a" socat -u /dev/null TCP4:10.77.0.2:7005 || return 1
	more 8000 $(($(now_ms) - begun))
}
unreachable_shown()
{
	busywait 6 state_is unreachable
}
state_is()
{
	[ "$(peer_field "$a" mpc0 "${PUB[2]}" state)" = "$1" ]
}
if [ -n "${scaled:-}" ] && time_scale 30; then
	fresh
	silent
	given_up_tests
else
	for name in 1 2 3 4 5 6 7; do
		skip "given up, $name of 7" "needs a debug build of mpcnet"
	done
fi
check "the kernel log is clean" klog_clean
finish
