# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sessions of parties on one network, for tests to source after lib.sh. Parties
# are numbers; each has a namespace NS[I], made by wires, and a run and a state
# folder of its own. mpcnetctl starts their daemons, which end with the session.
#
#	party 1 mpcnetctl session show
#	join 1 "$TICKET" name alice; join 2 "$TICKET" name bob
#	joined 1 2 && leave 1 2

declare -A JOIN			# by party: the process that joins

# party I COMMAND...: run it as that party
party()
{
	MPCNET_RUNDIR=$TMP/$1.run MPCNET_STATEDIR=$TMP/$1.state n "${NS[$1]}" "${@:2}"
}

# ticket PARTIES [WORD...]: of a session named t
ticket()
{
	mpcnetctl session new parties "$1" name t "${@:2}"
}

# join I TICKET [WORD...]: in the background, until the mesh is ready
join()
{
	party "$1" mpcnetctl session join "$2" wait 120 "${@:3}" >"$TMP/$1.join" 2>&1 &
	JOIN[$1]=$!
	defer forget_party "$1"
}

forget_party()
{
	party "$1" mpcnetctl session leave >/dev/null 2>&1
}

# joined I...: all of them say that the mesh is ready
joined()
{
	local i

	for i; do
		wait "${JOIN[$i]}" || { echo "party $i:"; cat "$TMP/$i.join"; return 1; }
	done
}

# refused I PATTERN: its join ends, and its last line is such a sentence
refused()
{
	! wait "${JOIN[$1]}" || { echo "it was let in"; return 1; }
	tail -n 1 "$TMP/$1.join" | grep -E "$2" || { cat "$TMP/$1.join"; return 1; }
}

# state I FILTER: what jq makes of its session
state()
{
	party "$1" mpcnetctl -j session show | jq -r "$2"
}

# state_is I FILTER WANT
state_is()
{
	[ "$(state "$1" "$2" 2>/dev/null)" = "$3" ]
}

# state_says I FILTER PATTERN
state_says()
{
	state "$1" "$2" 2>/dev/null | grep -Eq -- "$3"
}

# echoes I...: every one of them reaches every other, by the address it is shown
echoes()
{
	local i address

	for i; do
		for address in $(state "$i" '.parties[] | select(.state != "self").address'); do
			n "${NS[$i]}" ping -n -q -c 1 -w 5 "$address" >"$TMP/ping" ||
				{ cat "$TMP/ping"; return 1; }
		done
	done
}

# same_for FILTER I...: it is the same for all, and there
same_for()
{
	local i first

	first=$(state "$2" "$1")
	if [ -z "$first" ] || [ "$first" = null ]; then
		echo "party $2 has none"
		return 1
	fi
	for i in "${@:3}"; do
		same "$1 of party $i" "$first" "$(state "$i" "$1")" || return 1
	done
}

# cut_link I J: of J, nothing reaches I but what is said to the whole network
cut_link()
{
	n "${NS[$1]}" nft -f - <<-RULES
	table netdev cut {
		chain cut {
			type filter hook ingress device eth0 priority 0
			ip saddr 192.0.2.$2 udp dport != 21678 drop
			ip6 saddr { 2001:db8::$2, fe80::/10 } udp dport != 21678 drop
		}
	}
	RULES
}

mend_link()
{
	n "${NS[$1]}" nft delete table netdev cut
}

# leave I...: nothing of the session stays
leave()
{
	local i bad=0

	for i; do
		party "$i" mpcnetctl session leave || bad=1
	done
	for i; do
		busywait 8 gone "$i" || { gone_not "$i"; bad=1; }
	done
	return $bad
}

gone()
{
	[ ! -e "$TMP/$1.run" ] && [ -z "$(n "${NS[$1]}" ip -br link show type mpcnet)" ] &&
		[ -z "$(n "${NS[$1]}" nft list tables)" ]
}

gone_not()
{
	echo "left of party $1:"
	ls -la "$TMP/$1.run"
	n "${NS[$1]}" ip -br link
	n "${NS[$1]}" nft list tables
}
