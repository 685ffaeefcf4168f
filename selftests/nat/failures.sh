#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What goes wrong outside of mpcnet, each with the sentence that tells the user:
# servers that are missing, refuse, or have no address, no network, a clock that
# is wrong. A server that is silent is in strangers.sh.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source-path=SCRIPTDIR source=pair.sh
. "$(dirname "$0")/pair.sh"

READY=60			# seconds; one CPU, emulated
NAME=stun.lab:3478
NAME_PATTERN='the name "stun\.lab" has no address: correct it in the ticket'

#
# What users are told
#

# ticket WORD...: of two parties
ticket()
{
	mpcnetctl session new parties 2 name lab "$@"
}

# cards TICKET KEY...: they have each other's cards, whatever comes of it
cards()
{
	session_start "$@" && session_cards "${@:2}"
}

# refused PATTERN COMMAND...: it fails, with that sentence
refused()
{
	fails "${@:2}" >"$TMP/refused" 2>&1 || return 1
	expect "$1" cat "$TMP/refused"
}

#
# Servers
#

no_stun_no_turn()
{
	check "no server in the ticket: no link" cards "$(ticket)" a.1 b.1
	check "the STUN server is missed" session_told a.1 \
		'^party .*: failed: no STUN server has told the .* address .*\(stun HOST:PORT'
	check "and so is the relay" session_told a.1 'there is no relay: name one \(turn URL\) in the ticket'
	check "nothing stays of it" session_end a.1 b.1
}

no_turn_begins()
{
	session_start "$(ticket "${STUN[@]}")" a.1 b.1
}

no_turn()
{
	check "no TURN server where one is needed: no link" session_cards a.1 b.1
	check "it is told which NAT is to blame, and what to do" session_told a.1 \
		"failed: the other's NAT gives each destination a port .*name one \(turn URL\)"
	check "nothing stays of that" session_end a.1 b.1
}

wrong_credentials()
{
	check "wrong TURN credentials: no link" cards "$(ticket "${STUN[@]}" \
		turn "turn:$LAB_TURN_USER:wrong@$LAB_TURN")" a.1 b.1
	check "it is told who is refused" session_told a.1 \
		"^no relay: $LAB_TURN: the TURN server refused user \"$LAB_TURN_USER\": check user"
	check "and that no relay works" session_told a.1 'failed: .*no relay of the ticket works'
	check "session show says so too" session_shows a.1 'refused user' .relay
	check "nothing stays of these" session_end a.1 b.1
}

#
# Clocks
#

# clock OFFSET: words for env: what it runs has a clock that is off, others not
clock()
{
	CLOCK=("LD_PRELOAD=$FAKETIME_LIB" "FAKETIME=$1" FAKETIME_DONT_FAKE_MONOTONIC=1)
}

# slow_daemon KEY: its clock is a day behind
slow_daemon()
{
	[ -n "$FAKETIME_LIB" ] || return 0
	clock -1d
	mkdir -p "$TMP/$1.run"
	lab_daemon "$1.mpcnetd" "$1" env "MPCNET_RUNDIR=$TMP/$1.run" \
		"MPCNET_STATEDIR=$TMP/$1.state" "${CLOCK[@]}" mpcnetd
	busywait 10 [ -S "$TMP/$1.run/control" ]
}

day_ahead()
{
	local name="a clock a day ahead: the ticket is refused, and the clock doubted"

	[ -n "$FAKETIME_LIB" ] || { clocks_skipped "$name"; return; }
	clock +1d
	check "$name" refused 'the ticket has expired, or the clock of this machine is wrong' \
		party a.1 env "${CLOCK[@]}" mpcnetctl session join "$(ticket)"
}

day_behind()
{
	[ -n "$FAKETIME_LIB" ] || { clocks_skipped "a clock a day behind"; return; }
	check "a clock a day behind: the link is up, and it is told" session_told c.1 \
		'^clocks: the clock of party a-2 is (23\.9|24\.0) h ahead of the one here: set'
}

clocks_skipped()
{
	skip "$1" "libfaketime is not installed"
}

#
# Networks and names
#

# etc KEY: names of its own; no name server answers
etc()
{
	local dir=/etc/netns/${NS[$1]}

	mkdir -p "$dir" || return 1
	defer rm -r "$dir"
	echo 127.0.0.1 localhost >"$dir/hosts"
	echo nameserver 127.0.0.1 >"$dir/resolv.conf"
}

# network KEY down, network KEY up GATEWAY
network()
{
	ip -n "${NS[$1]}" link set eth0 "$2"
	[ "$2" = down ] || ip -n "${NS[$1]}" route add default via "$3"
}

no_name_no_network_begins()
{
	GATEWAY=$(ip -n "${NS[c.1]}" -j route show default | jq -r '.[0].gateway')
	etc a.2
	etc c.1
	network c.1 down
	slow_daemon c.1
	session_start "$(ticket stun $NAME turn "turn:u:p@$NAME")" a.2 c.1
}

no_name_no_network()
{
	check "no network at the start: it waits for one" session_told c.1 \
		'^waits for a network: this machine has no address yet'
	check "a name without an address: it waits for it" session_told a.2 \
		'^waits for the address of stun\.lab'
	check "and then goes on without, and says so" session_told a.2 "^STUN: $NAME_PATTERN"
	check "of the relay, too" session_told a.2 "^no relay: $NAME_PATTERN"
	echo "${LAB_ADDR[stun1]} stun.lab" |
		tee -a "/etc/netns/${NS[a.2]}/hosts" "/etc/netns/${NS[c.1]}/hosts" >/dev/null
	check "when there is an address, nothing is amiss" busywait 15 session_shows a.2 '^null$' .stun
	network c.1 up "$GATEWAY"
	check "when there is a network, the links come up" came_up a.2 c.1
	day_behind
	check "nothing stays of them" session_end a.2 c.1
}

came_up()
{
	session_cards "$@" && session_ready "$READY" "$@"
}

in_vain()
{
	check "who waits in vain is told for what" refused \
		'not all links are up after 3 s: waits for the cards of 1 of 2 parties' \
		party a.1 mpcnetctl session join "$(ticket)" wait 3
	party a.1 mpcnetctl session leave
}

plan 23
require jq nft turnserver openssl
need_module
own_only
FAKETIME_LIB=$(compgen -G '/usr/lib/*/faketime/libfaketime.so.1')
klog_mark
lab_start
STUN=(stun "$LAB_TURN" stun "${LAB_ADDR[coturn.other]}:3478")
lab_site a eim-apdf 2
lab_site b apdm-random
lab_site c eim-eif

no_turn_begins
no_name_no_network_begins
no_turn
wrong_credentials
no_name_no_network
no_stun_no_turn
day_ahead
in_vain
check "nothing in the kernel's log" klog_clean
finish
