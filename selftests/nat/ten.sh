#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ten parties behind ten different NATs: 45 links are up soon, each directly
# where that is possible, and nothing stays of them.
#
# The time to the mesh means something on a real processor, or where the clock
# counts instructions, as in the VM of `run ten`: an emulated processor by the
# clock on the wall is some 20 times too slow for ten daemons.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source-path=SCRIPTDIR source=pair.sh
. "$(dirname "$0")/pair.sh"

CLASSES=(eim-eif eim-adf eim-apdf eim-apdf-newport adm apdm-random apdm-seq double mapped
	udp-blocked)
KEYS=("${CLASSES[@]/%/.1}")
DELAY=20		# milliseconds from each of them to the core, and back
MESH_MS=5000		# from the last card until all are ready
READY_S=150		# the same where the processor is slow: two tries
BETTER_S=75		# to get better than the relay: a second try comes after the
			# 30 s that a router remembers the first
declare -A LINK		# A:B: how A reaches B

plan 6
require nft conntrack turnserver openssl miniupnpd jq mpcnetd
need_module
own_only
klog_mark
export MPCNET_CA=$LAB_CA

build()
{
	local class name

	lab_start
	for class in "${CLASSES[@]}"; do
		lab_site "$class" "$class"
	done
	for name in stun1 coturn "${CLASSES[@]}"; do
		lab_delay "$name" $DELAY
	done
}

connect()
{
	local ticket turns=turns:$LAB_TURN_USER:$LAB_TURN_PASSWORD@$LAB_TURNS

	ticket=$(session_ticket $# turn "$turns") && session_start "$ticket" "$@" &&
		session_cards "$@" && session_ready "$READY_S" "$@"
}

in_time()
{
	[ "$READY_MS" -le "$MESH_MS" ] || { echo "$READY_MS ms"; return 1; }
}

# links: sets LINK, to a state and a round trip
links()
{
	local pair how

	session_look "${KEYS[@]}" || return 1
	while read -r pair how; do
		LINK[$pair]=$how
	done < <(cd "$TMP" && jq -r '(.parties[] | select(.state == "self").name[:-2]) as $from |
		.parties[] | select(.state != "self") |
		"\($from):\(.name[:-2]) \(.state) \(.rtt_ms)"' "${KEYS[@]/%/.show}")
}

# each_pair FUNCTION: FUNCTION A B of all 45; fails if one of them does
each_pair()
{
	local i j bad=0

	for ((i = 0; i < ${#CLASSES[@]}; i++)); do
		for ((j = i + 1; j < ${#CLASSES[@]}; j++)); do
			"$1" "${CLASSES[i]}" "${CLASSES[j]}" || bad=1
		done
	done
	return "$bad"
}

# expected A B: direct or relay. The few ports that are foreseen of apdm-seq are
# taken by checks to all the others: it is as good as apdm-random.
expected()
{
	lab_expected "${1/%apdm-seq/apdm-random}" "${2/%apdm-seq/apdm-random}"
}

# good A B: both say the same, and it is as good as expected
good()
{
	local there=${LINK[$1:$2]% *} back=${LINK[$2:$1]% *}

	same "path of $1 and $2" "$there" "$back" || return 1
	[ "$there" = direct ] || same "path of $1 and $2" "$(expected "$1" "$2")" \
		"${there/relayed/relay}"
}

all_good()
{
	links && each_pair good
}

# A look takes longer than to sleep, where only instructions make time.
good_at_last()
{
	all_good || { sleep "$BETTER_S"; all_good; }
}

# echoes KEY KEY...: to the first from each of the others
echoes()
{
	local key

	for key in "${@:2}"; do
		[ "$key" = "$1" ] || session_ping "$1" "$key" || return 1
	done
}

# table: d or r (direct, relayed), and the milliseconds of a round trip
table()
{
	local from to how row

	row=$(printf '%-16s' '')
	for to in "${!CLASSES[@]}"; do
		row+=$(printf ' %7s' "$to")
	done
	diag "$row"
	for from in "${!CLASSES[@]}"; do
		row=$(printf '%d %-14s' "$from" "${CLASSES[from]:0:14}")
		for to in "${CLASSES[@]}"; do
			how=${LINK[${CLASSES[from]}:$to]-}
			row+=$(printf ' %7s' "${how:0:1}${how#* }")
		done
		diag "$row"
	done
}

nothing_stays()
{
	session_end "${KEYS[@]}" && busywait 5 lab_coturn_idle && busywait 5 lab_mapped_none mapped
}

build
check "10 parties, 45 links: all up" connect "${KEYS[@]}"
READY_MS=${READY_MS:-999999}
diag "ready $READY_MS ms after the last card"
check "that took less than $((MESH_MS / 1000)) s" in_time
check "each is direct where it has to be" good_at_last
table
check "an echo over each of them, both ways" session_each echoes "${KEYS[@]}"
check "nothing stays of it" nothing_stays
check "nothing in the kernel's log" klog_clean
finish
