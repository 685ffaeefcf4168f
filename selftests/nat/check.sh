#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mpcnetctl nat check names each class of router rightly, with one server of
# RFC 5780, and as far as can be told with plain ones. All classes are asked at
# the same time: the silence of a filter takes seconds.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"

LIMIT=12			# seconds: 10, and a busy machine
EIM="endpoint-independent"
ADF="address-dependent"
APDF="address-and-port-dependent"

# ask NAME CLASS SERVER...: what a party of that class finds, into $TMP/NAME.json
ask()
{
	{
		n "${NS[$2.1]}" timeout $LIMIT mpcnetctl -j nat check stun "${@:3}" \
			>"$TMP/$1.json" 2>"$TMP/$1.err" || echo "status $?" >>"$TMP/$1.err"
	} &
	ASKED+=($!)
}

# finds NAME FILTER WANT [FILTER WANT]...: what jq makes of it
finds()
{
	local name=$1 bad=0

	shift
	[ ! -s "$TMP/$name.err" ] || { cat "$TMP/$name.err"; return 1; }
	while [ $# -gt 0 ]; do
		same "$name $1" "$2" "$(jq -r "$1" "$TMP/$name.json")" || bad=1
		shift 2
	done
	return "$bad"
}

# a_class CLASS MAPPING FILTERING [FILTER WANT]...
a_class()
{
	check "$1: mapping $2, filtering $3" \
		finds "$1" .mapping "$2" .filtering "$3" "${@:4}"
}

# mappings: is a port mapped?
mappings()
{
	n "${NS[mapped]}" nft list table inet miniupnpd | grep dnat
}

# a check that is interrupted while the router maps ports
interrupted()
{
	local asker

	ip netns exec "${NS[mapped.1]}" mpcnetctl nat check stun "$DEAD" >/dev/null 2>&1 &
	asker=$!
	busywait 5 mappings || return 1
	stop "$asker"
	busywait 5 fails mappings
}

public_is()
{
	check "$1: the public address" finds "$1" '.public | sub(":[0-9]+$"; "")' "${LAB_ADDR[$1]}"
}

classes()
{
	a_class public none $EIM .behind nothing .ipv6 works .port_preserved true
	a_class eim-eif $EIM $EIM .behind nat .hairpin false .port_preserved true
	a_class eim-adf $EIM $ADF .port_preserved true .allocation null
	a_class eim-apdf $EIM $APDF .hairpin false .port_preserved true .ipv6 "no address"
	a_class eim-apdf-newport $EIM $APDF .port_preserved false
	a_class adm $ADF $APDF .allocation random .port_preserved false
	a_class apdm-random $APDF $APDF .allocation random .step null
	a_class apdm-seq $APDF $APDF .allocation sequential .step 1
	a_class cgn-block $EIM $APDF .port_preserved false
	a_class double $EIM $APDF .behind nat
	a_class hairpin $EIM $EIM .hairpin true
	a_class mapped $EIM $APDF .pcp.mapped true .natpmp.mapped true .upnp.mapped true
	a_class udp-blocked null null .udp false .public null
	a_class v6-only none $APDF .udp true .ipv6 works .behind firewall
	a_class v6-firewall $EIM $APDF .ipv6 works
	a_class host-firewall none $APDF .behind firewall
	check "mapped: the ports are on its public address" finds mapped '[.pcp, .natpmp, .upnp] |
		map(.address | sub(":[0-9]+$"; "")) | unique | join(" ")' "${LAB_ADDR[mapped]}"
	check "mapped: nothing stays mapped" fails mappings
	check "eim-apdf: the router maps nothing" finds eim-apdf \
		'[.pcp, .natpmp, .upnp] | map(.mapped) | any' false
	public_is eim-apdf
	public_is apdm-random
}

# who reaches us how, by two classes that differ
verdicts()
{
	local relayed='[.verdict[] | select(startswith("By a relay")) | test("random port")] | any'

	check "eim-eif: direct with random ports" finds eim-eif "$relayed" false
	check "eim-apdf: relayed with random ports" finds eim-apdf "$relayed" true
	check "mapped: direct with random ports" finds mapped "$relayed" false
	check "udp-blocked: all relayed" finds udp-blocked '.verdict | join(" ") |
		test("UDP is blocked or the servers are down") and test("relay: all parties")' true
}

plain_servers()
{
	check "two plain servers: mapping $EIM" finds two .mapping $EIM .filtering null
	check "two plain servers: mapping dependent" \
		finds two-random .mapping dependent .allocation random
	check "one plain server: not known" finds one .mapping null .filtering null .udp true
	check "a server that does not answer is named" finds dead .mapping $EIM \
		'.servers[] | select(.answered | not) | .name + " " + .reason' \
		"$DEAD no answer within 3 s"
}

plan 30
[ "$(id -u)" -eq 0 ] || skip_all "root is needed"
require nft turnserver openssl miniupnpd jq mpcnetctl
lab_start
lab_server plain
lab_turnserver plain --stun-only --no-tls --no-tcp --no-rfc5780
busywait 20 lab_stun_answers plain || bail "no answer of the plain server"

ASKED=()
for class in $NAT_CLASSES; do
	lab_site "$class" "$class"
	ask "$class" "$class" "$LAB_STUN" "$LAB_TURN6"
done
PLAIN1=${LAB_ADDR[plain]}:3478
PLAIN2=${LAB_ADDR[plain.other]}:3478
DEAD=${LAB_ADDR[stun1]%.*}.9:3478
ask two eim-apdf "$PLAIN1" "$PLAIN2"
ask two-random apdm-random "$PLAIN1" "$PLAIN2"
ask one eim-apdf "$PLAIN1"
ask dead eim-adf "$DEAD" "$LAB_STUN"
wait "${ASKED[@]}"

classes
verdicts
plain_servers
check "an interrupted check leaves no mapping" interrupted
finish
