# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# Sessions among parties of the laboratory, for tests to source after lab.sh.
# A party is named as in lab.sh (SITE.1) and has a daemon of its own, with run
# folder $TMP/KEY.run and log $TMP/KEY.mpcnetd.log, which stays until the test
# ends. A party is in one session at a time:
#
#	session_start "$(session_ticket 2)" a.1 b.1 &&
#		session_cards a.1 b.1 && session_ready 30 a.1 b.1
#	session_ping a.1 b.1
#	session_end a.1 b.1
#
#	READY_MS	from the last card to the state ready, of the last party;
#			what mpcnetctl waits in steps of 50 ms adds to it
#	PING_MS		the same, and what the first echo of session_ping took
#	SESSION_ADDRESS	by party, from the first session_look on: its address
#	SESSION_PATHS	and at the last one how it reaches the others

declare -A SESSION_ADDRESS SESSION_PATHS
declare -A SESSION_JOIN		# by party: the process that waits for ready

# party KEY COMMAND...: run it as that party
party()
{
	MPCNET_RUNDIR=$TMP/$1.run MPCNET_STATEDIR=$TMP/$1.state n "${NS[$1]}" "${@:2}"
}

# session_ticket PARTIES [WORD...]: of a session that knows the laboratory's servers
session_ticket()
{
	mpcnetctl session new parties "$1" name lab \
		stun "$LAB_STUN" stun "${LAB_ADDR[stun1.other]}:3478" \
		turn "turn:$LAB_TURN_USER:$LAB_TURN_PASSWORD@$LAB_TURN" "${@:2}"
}

# session_daemon KEY: unless it runs already
session_daemon()
{
	local pid=${LAB_PID[$1.mpcnetd]-}

	[ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null || return 0
	mkdir -p "$TMP/$1.run"
	lab_daemon "$1.mpcnetd" "$1" env "MPCNET_RUNDIR=$TMP/$1.run" \
		"MPCNET_STATEDIR=$TMP/$1.state" mpcnetd
	busywait 10 [ -S "$TMP/$1.run/control" ] || { cat "$TMP/$1.mpcnetd.log"; return 1; }
}

# session_start TICKET KEY...: each of them joins, and waits for ready
session_start()
{
	local key

	for key in "${@:2}"; do
		rm -f "$TMP/$key.ready"
		SESSION_ADDRESS[$key]=
		session_daemon "$key" || return 1
		{
			party "$key" mpcnetctl session join "$1" name "${key//./-}" wait 300 \
				>"$TMP/$key.join" 2>&1 && now_ms >"$TMP/$key.ready"
		} &
		SESSION_JOIN[$key]=$!
	done
}

# session_cards KEY...: each gets the cards of all others, all at the same time
session_cards()
{
	session_each card_out "$@" || return 1
	session_each card_in "$@" || return 1
	CARDS_AT=$(latest cards "$@")
}

# latest SUFFIX KEY...: the last of the times in $TMP/KEY.SUFFIX
latest()
{
	local key at last=0

	for key in "${@:2}"; do
		at=$(<"$TMP/$key.$1")
		((at < last)) || last=$at
	done
	echo "$last"
}

# session_each FUNCTION KEY...: FUNCTION KEY KEY..., at the same time
session_each()
{
	local key jobs=() bad=0

	for key in "${@:2}"; do
		"$1" "$key" "${@:2}" &
		jobs+=($!)
	done
	for key in "${jobs[@]}"; do
		wait "$key" || bad=1
	done
	return $bad
}

# a card is not there before the party has joined, and knows where it is
card_out()
{
	busywait 30 card_written "$1" || { cat "$TMP/$1.join" "$TMP/$1.err"; return 1; }
}

card_written()
{
	party "$1" mpcnetctl session card show >"$TMP/$1.card" 2>"$TMP/$1.err"
}

card_in()
{
	local key

	for key in "${@:2}"; do
		[ "$key" = "$1" ] || cat "$TMP/$key.card"
	done | party "$1" mpcnetctl session card add - && now_ms >"$TMP/$1.cards"
}

# session_ready SECONDS KEY...: all links of all of them are up; what they say if not
session_ready()
{
	local key

	for key in "${@:2}"; do
		busywait "$1" session_waited "$key"
		[ ! -s "$TMP/$key.ready" ] || continue
		session_state "$key" '.error // empty, (.parties[] | select(.state != "self") |
			.state + ": " + .reason)'
		return 1
	done
	READY_MS=$(($(latest ready "${@:2}") - CARDS_AT))
	# Parties of one network have each other's cards before.
	[ $READY_MS -ge 0 ] || READY_MS=0
}

session_waited()
{
	! kill -0 "${SESSION_JOIN[$1]}" 2>/dev/null
}

# session_state KEY FILTER: what jq makes of session show
session_state()
{
	party "$1" mpcnetctl -j session show | jq -r "$2"
}

# session_mesh TICKET KEY...: a session of these parties, up within READY seconds
session_mesh()
{
	session_start "$@" && session_cards "${@:2}" && session_ready "$READY" "${@:2}"
}

# session_told KEY PATTERN: session join ... wait says so, within READY seconds
session_told()
{
	busywait "$READY" grep -Eq -- "$2" "$TMP/$1.join" && return 0
	echo "expected $2 in:"
	cat "$TMP/$1.join"
	return 1
}

# session_shows KEY PATTERN FILTER: session show says so
session_shows()
{
	expect "$2" session_state "$1" "$3"
}

# session_address KEY: of that party in the session
session_address()
{
	[ -n "${SESSION_ADDRESS[$1]-}" ] || session_look "$1"
	echo "${SESSION_ADDRESS[$1]}"
}

# session_paths KEY: how it reaches the others: direct, relayed
session_paths()
{
	session_look "$1"
	echo "${SESSION_PATHS[$1]}"
}

# session_look KEY...: set SESSION_ADDRESS and SESSION_PATHS of them, in one go
session_look()
{
	local key files=()

	for key; do
		files+=("$TMP/$key.show")
		party "$key" mpcnetctl -j session show >"$TMP/$key.show" || return 1
	done
	for key; do
		read -r "SESSION_ADDRESS[$key]" "SESSION_PATHS[$key]" || return 1
	done < <(jq -r '(.parties | map(select(.state == "self").address)[0]) + " " +
		([.parties[] | select(.state != "self").state] | unique | join(" "))' "${files[@]}")
}

# session_ping FROM TO: an echo comes back
session_ping()
{
	local address start

	address=$(session_address "$2")
	start=$(now_ms)
	n "${NS[$1]}" ping -n -q -c 1 -i 0.2 -w 5 "$address" >"$TMP/$1.ping" ||
		{ cat "$TMP/$1.ping"; return 1; }
	PING_MS=$((READY_MS + $(now_ms) - start))
}

# session_end KEY...: they leave, and nothing stays
session_end()
{
	local key bad=0

	session_each leave "$@" || bad=1
	for key; do
		wait "${SESSION_JOIN[$key]-}" 2>/dev/null
		session_gone "$key" || bad=1
	done
	return $bad
}

leave()
{
	party "$1" mpcnetctl session leave
}

# of a daemon that still runs, so its namespace is asked by way of it
session_gone()
{
	same "interfaces of $1" "" "$(grep -o '^ *mpc[^:]*' "/proc/${LAB_PID[$1.mpcnetd]}/net/dev")" &&
		same "files of $1" control "$(ls -A "$TMP/$1.run")"
}
