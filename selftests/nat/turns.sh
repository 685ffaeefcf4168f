#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# TURN over TLS: parties that have no UDP to the outside, only TCP to port 443,
# get their links all the same, and get them again when the server comes back.
# Nobody else's certificate is taken.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source-path=SCRIPTDIR source=pair.sh
. "$(dirname "$0")/pair.sh"

READY=60			# seconds; one CPU, emulated
MEGABYTE=1048576

plan 18
require jq nft turnserver openssl
need_module
own_only
klog_mark
export MPCNET_CA=$LAB_CA
lab_start
lab_site a udp-blocked 2
lab_site b eim-apdf
TURNS=turns:$LAB_TURN_USER:$LAB_TURN_PASSWORD@$LAB_TURNS

relayed()
{
	same "path of $1" relayed "$(session_paths "$1")"
}

# by_tls KEY: the kernel sends to the daemon's end of a TLS connection
by_tls()
{
	local device

	device=$(session_state "$1" .interface)
	expect '^127\.0\.0\.1:' peer_json "${NS[$1]}" "$device" '.[].relay // empty'
}

# by_udp KEY: the relay is asked without TLS
by_udp()
{
	same "TLS connections of $1" "" "$(n "${NS[$1]}" ss -Htn 'dport = 443')"
}

# bulk FROM TO: 1 MB of TCP
bulk()
{
	tcp_ok "${NS[$1]}" "${NS[$2]}" "$(session_address "$2")" "$MEGABYTE"
}

# says KEY PATTERN: why it has no relay
says()
{
	expect "$2" session_state "$1" '.relay // empty'
}

# what a rendezvous does: cards of now, until the path is there
again()
{
	session_cards "$@" >/dev/null 2>&1 && session_ping "$1" "$2" >/dev/null
}

blocked_and_nat()
{
	check "udp-blocked and eim-apdf: ready" \
		session_mesh "$(session_ticket 2 turn "$TURNS")" a.1 b.1
	diag "ready $READY_MS ms after the cards"
	check "its kernel sends to 127.0.0.1" by_tls a.1
	check "who has UDP uses no TLS" by_udp b.1
	check "it is relayed" relayed a.1
	check "an echo" session_ping a.1 b.1
	check "1 MB from it" bulk a.1 b.1
	check "1 MB to it" bulk b.1 a.1
}

server_restarts()
{
	lab_coturn_stop
	check "the server is gone: it says so" \
		busywait 20 says a.1 'closed the connection|lost|cannot connect'
	# shellcheck disable=SC2119 # not this script's arguments
	lab_coturn_start
	check "the server is back: so is the link" busywait 60 again a.1 b.1
	check "1 MB by the new connection" bulk a.1 b.1
	check "nothing stays" session_end a.1 b.1
}

both_blocked()
{
	check "udp-blocked twice, only turns: in the ticket: ready" \
		session_mesh "$(mpcnetctl session new parties 2 name tls turn "$TURNS")" a.1 c.1
	check "an echo by two relays" session_ping a.1 c.1
	check "1 MB by two relays" bulk a.1 c.1
	check "nothing stays of that" session_end a.1 c.1
}

# a daemon that trusts another authority
wrong_authority()
{
	LAB_CA=$TMP/other-ca.pem lab_certificate
	export MPCNET_CA=$TMP/other-ca.pem
	session_start "$(session_ticket 2 turn "$TURNS")" a.2
	check "another authority: the sentence" busywait 20 says a.2 \
		"^the certificate of ${LAB_TURNS//./\\.} is not valid: self-signed certificate"
	check "nothing stays of it" session_end a.2
}

blocked_and_nat
server_restarts
lab_site c udp-blocked
both_blocked
wrong_authority
check "nothing in the kernel's log" klog_clean
finish
