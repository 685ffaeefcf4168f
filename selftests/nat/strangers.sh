#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Strangers who forge STUN, while a session looks for its addresses (its server
# is silent, which the user is told) and while it is up; and beside them a link
# that nobody uses, behind a NAT that forgets soon.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source-path=SCRIPTDIR source=pair.sh
. "$(dirname "$0")/pair.sh"

READY=60			# seconds; one CPU, emulated
IDLE_S=30
FORGED=45.45.66.66:6666		# the address that forge.c lies about

#
# What users are told
#

# ticket WORD...: of two parties
ticket()
{
	mpcnetctl session new parties 2 name lab "$@"
}

#
# A server that is silent
#

silent_stun_begins()
{
	kill -STOP "${LAB_PID[stun1]}"
	session_start "$(ticket stun "$LAB_STUN")" a.1 b.1
}

# silent_stun: forged answers meanwhile are no answers either
silent_stun()
{
	check "forged answers come while it gathers" forged_answers "$LAB_STUN"
	check "a STUN server that is silent: no link" session_cards a.1 b.1
	check "it is told which server" session_told b.1 \
		"^STUN: $LAB_STUN does not answer: it is down, or UDP is blocked here"
	check "and what comes of it" session_told b.1 \
		'failed: UDP is blocked here, or the STUN servers are down, and there is no relay'
	check "no candidate came of what was forged" knows_nothing_forged a.1 b.1
	check "nothing stays of the silence" session_end a.1 b.1
	kill -CONT "${LAB_PID[stun1]}"
}

#
# Strangers
#

# port_of KEY: of its session
port_of()
{
	n "${NS[$1]}" ss -Huln | awk '$4 ~ /^\*:/ { sub(".*:", "", $4); print $4; exit }'
}

has_port()
{
	[ -n "$(port_of "$1")" ]
}

# stranger: on the Internet, with a server's address beside its own
stranger()
{
	lab_server stranger
	addr "${NS[stranger]}" lo "${LAB_ADDR[stun1]}/32"
	nft_rules "${NS[b.1]}" <<-RULES
	table inet t {
		counter forged { }
		chain in {
			type filter hook input priority 0;
			ip saddr ${LAB_ADDR[stun1]} udp length 40 counter name forged
		}
	}
	RULES
}

# forged_answers SERVER: as if they came from there; they arrive
forged_answers()
{
	local before

	busywait 5 has_port b.1 || return 1
	before=$(nft_count "${NS[b.1]}" forged)
	forge_answers "$1" || return 1
	more "$(nft_count "${NS[b.1]}" forged)" "$before"
}

forge_answers()
{
	n "${NS[stranger]}" "$FORGE" answers "${1%:*}" "${1#*:}" "${LAB_ADDR[b]}" "$(port_of b.1)"
}

# forged_checks checks|copies PATTERN: so many of them are answered
forged_checks()
{
	expect "$2" n "${NS[stranger]}" "$FORGE" "$1" "${LAB_ADDR[stranger]}" 5000 \
		"${LAB_ADDR[b]}" "$(port_of b.1)" "$(cat "$TMP/check")"
}

overhear()
{
	n "${NS[b.1]}" timeout 10 "$FORGE" overhear eth0 >"$TMP/check"
}

# knows_nothing_forged KEY...: neither by forged answers nor by forged checks
knows_nothing_forged()
{
	local key

	for key; do
		fails session_shows "$key" "${FORGED//./\\.}|${LAB_ADDR[stranger]//./\\.}" . || return 1
	done
}

# path_of KEY: where the kernel sends to
path_of()
{
	peer_json "${NS[$1]}" "$(session_state "$1" .interface)" '.[].endpoint'
}

forgeries()
{
	local before

	before=$(path_of b.1)
	check "a check is overheard" overhear
	check "with a wrong integrity none is answered" forged_checks checks '^0$'
	check "forged answers come while it is up" forged_answers "$LAB_STUN"
	check "no path came of what was forged" knows_nothing_forged a.1 b.1
	check "its new card has none of it" new_card_is_clean
	check "copies of a true check are answered, so they arrive" forged_checks copies '^[1-9]'
	check "but nothing is sent there" same "endpoint" "$before" "$(path_of b.1)"
	check "the session stays up" session_shows b.1 '^ready$' .state
}

new_card_is_clean()
{
	session_cards a.1 b.1 && knows_nothing_forged a.1
}

#
# A NAT that forgets soon
#

idle_begins()
{
	IDLE_FROM=$(now_ms) # should it fail
	session_mesh "$(ticket stun "$LAB_TURN")" a.2 b.2 || return 1
	IDLE_FROM=$(now_ms)
}

first_packet()
{
	n "${NS[b.2]}" ping -n -q -c 1 -W 2 "$(session_address a.2)"
}

idle_ends()
{
	local left=$((IDLE_S * 1000 - $(now_ms) + IDLE_FROM))

	[ "$left" -le 0 ] || sleep "$((left / 1000 + 1))"
	diag "idle for $(($(now_ms) - IDLE_FROM)) ms"
	check "a NAT that forgets after 20 s: the first packet arrives" first_packet
	check "and the link is direct" same "path of a.2" direct "$(session_paths a.2)"
}

plan 21
require jq nft turnserver openssl
need_module
own_only
mkdir -p "$TMP/nat"
FORGE=$(helper nat/forge) || skip_all "forge cannot be built"
klog_mark
lab_start
lab_site a eim-apdf 2
lab_site b eim-eif 2
lab_udp_timeout a 20
stranger
check "a mesh behind a NAT that forgets after 20 s" idle_begins
silent_stun_begins
silent_stun
check "a mesh with a stranger" session_mesh "$(ticket stun "$LAB_STUN")" a.1 b.1
forgeries
check "nothing stays of the mesh" session_end a.1 b.1
idle_ends
check "nothing stays of the idle one" session_end a.2 b.2
check "nothing in the kernel's log" klog_clean
finish
