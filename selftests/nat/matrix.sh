#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Parties behind every pair of classes of router get a link, directly where
# that is possible, and keep nothing of it when they leave.
#
#	matrix.sh [-d MS] [-r N] [-t] [CLASS | CLASS:CLASS | CLASS:lan]...
#
# Pairs are CLASS:CLASS, parties of two sites, and CLASS:lan, two of one site.
# CLASS alone stands for its pairs with itself and with all that are alone too;
# without any, all pairs of nats.sh and hairpin:lan.
#
#	-d MS	delay of each site and server, one way; needs netem; 0
#	-r N	each pair so often, with one ticket; 1
#	-t	end with the medians of the milliseconds from the last card to ready,
#		and a table of them: d or r is direct or relayed

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source-path=SCRIPTDIR source=pair.sh
. "$(dirname "$0")/pair.sh"

declare -A MEDIAN_MS=([direct]=1000 [relay]=2000)	# of all: less than that
READY_S=30		# the longest that a pair may need
BETTER_S=75		# to get better than the relay, from then on: a second try
			# comes after the 30 s that a router remembers the first
BYTES=1000000

usage()
{
	sed -n 's/^#\t\(matrix.sh\)/usage: \1/p; s/^#\t-/  -/p' "$0" >&2
	exit 2
}

options()
{
	local o

	while getopts d:r:t o; do
		case $o in
		d) DELAY=$OPTARG ;;
		r) REPEAT=$OPTARG ;;
		t) TABLE=1 ;;
		*) usage ;;
		esac
	done
	[[ $DELAY.$REPEAT =~ ^[0-9]+\.[1-9][0-9]*$ ]] || usage
}

#
# Pairs
#

# all_pairs CLASS...: each with itself and with those behind it
all_pairs()
{
	while [ $# -gt 0 ]; do
		PAIRS+=("${@/#/$1:}")
		shift
	done
}

# choose WORD...: sets PAIRS
choose()
{
	local word alone=()

	for word; do
		case $word in
		*:*) PAIRS+=("$word") ;;
		*) alone+=("$word") ;;
		esac
	done
	# shellcheck disable=SC2086 # a list of names
	[ $# -gt 0 ] || { all_pairs $NAT_CLASSES; PAIRS+=(hairpin:lan); }
	all_pairs "${alone[@]}"
	for word in "${PAIRS[@]}"; do
		nat_class_known "${word%:*}" || usage
		[ "${word#*:}" = lan ] || nat_class_known "${word#*:}" || usage
	done
}

# ends PAIR: sets A and B, its parties
ends()
{
	A=${1%:*}.1
	case $1 in
	*:lan) B=${1%:*}.2 ;;
	"${1%:*}:${1%:*}") B=${1%:*}-2.1 ;;
	*) B=${1#*:}.1 ;;
	esac
}

# build: the laboratory that PAIRS need
build()
{
	local pair key

	lab_start
	for pair in "${PAIRS[@]}"; do
		ends "$pair"
		for key in "$A" "$B"; do
			[ -n "${NS[$key]-}" ] || site "${key%.*}"
		done
	done
	for key in stun1 coturn "${!LAB_CLASS[@]}"; do
		[ "$DELAY" -eq 0 ] || lab_delay "$key" "$DELAY"
	done
}

site()
{
	local count=1

	[[ " ${PAIRS[*]} " != *" $1:lan "* ]] || count=2
	lab_site "$1" "${1%-2}" $count
}

# expected PAIR: direct or relay
expected()
{
	if [ "${1#*:}" = lan ]; then
		echo direct
	else
		lab_expected "${1%:*}" "${1#*:}"
	fi
}

#
# One pair
#

# paths: both sides name the same kind; sets FOUND to direct or relay
paths()
{
	session_look "$A" "$B" || return 1
	FOUND=${SESSION_PATHS[$A]/relayed/relay}
	same "path of $A and $B" "${SESSION_PATHS[$A]}" "${SESSION_PATHS[$B]}"
}

reached()
{
	paths && [ "$FOUND" = "$1" ]
}

# traffic: an echo and a stream, each byte of it compared
traffic()
{
	session_ping "$A" "$B" &&
		tcp_ok "${NS[$B]}" "${NS[$A]}" "${SESSION_ADDRESS[$A]}" "$BYTES"
}

connect()
{
	session_start "$TICKET" "$A" "$B" &&
		session_cards "$A" "$B" &&
		session_ready $READY_S "$A" "$B"
}

# judge WANT: a link was got as good as wanted, and works
judge()
{
	FOUND=failed READY_MS=- BETTER=
	connect && busywait 5 paths || return 1
	if [ "$1$FOUND" = directrelay ] && busywait $BETTER_S reached direct; then
		BETTER=$(($(now_ms) - CARDS_AT))
	fi
	traffic || return 1
	[ "$FOUND" = direct ] || same path "$1" "$FOUND"
}

# nothing_stays: beside what session_end looks at, on the relay and the routers
nothing_stays()
{
	local site

	session_end "$A" "$B" || return 1
	busywait 5 lab_coturn_idle || return 1
	for site in "${A%.*}" "${B%.*}"; do
		[ "${LAB_CLASS[$site]}" != mapped ] || busywait 5 lab_mapped_none "$site" || return 1
	done
}

# forget: the routers begin anew with the next pair, but not in the midst of it
forget()
{
	local key jobs=()

	for key in $(lab_routers "${A%.*}") $(lab_routers "${B%.*}"); do
		n "${NS[$key]}" conntrack -F 2>/dev/null &
		jobs+=($!)
	done
	wait "${jobs[@]}"
}

# try PAIR: one line of KTAP, and one of $TMP/found
try()
{
	local name=${1/:/ } want out=$TMP/try.out good=1

	ends "$1"
	want=$(expected "$1")
	judge "$want" >"$out" 2>&1 || good=0
	[ $good -eq 1 ] || explain >>"$out" 2>&1
	nothing_stays >>"$out" 2>&1 || good=0
	forget
	echo "$1 $FOUND $READY_MS" >>"$TMP/found"
	name+=": $FOUND"
	[ "$READY_MS" = - ] || name+=", $READY_MS ms"
	[ -z "$BETTER" ] || name+=", direct at $BETTER ms"
	[ "$FOUND" != direct ] || [ "$want" = direct ] || name+=", better than expected"
	if [ $good -eq 1 ]; then
		ok "$name"
	else
		sed 's/^/#   /' "$out"
		not_ok "$name" "expected: $want"
	fi
}

# explain: what both sides tried, what their daemons said, and what their routers
# remember of it
explain()
{
	local key

	for key in $(lab_routers "${A%.*}") $(lab_routers "${B%.*}"); do
		echo "$key:"
		n "${NS[$key]}" conntrack -L -p udp 2>/dev/null
	done
	for key in "$A" "$B"; do
		echo "$key:"
		session_state "$key" '.state, .error // empty, .relay // empty, (.parties[] |
			select(.state != "self") | .state + ": " + .reason, ((.paths // [])[] |
			[.via, .remote, .candidate, .class, .sent, .answered, .result] |
			map(tostring) | join(" ")))'
		tail -n 8 "$TMP/$key.mpcnetd.log"
	done
}

#
# Medians and table
#

# kinds: direct, relay, or both, of what is expected of PAIRS
kinds()
{
	local pair

	for pair in "${PAIRS[@]}"; do
		expected "$pair"
	done | sort -u
}

# medians_by FIELD: of the lines of $TMP/found that have the same in field 1 or 2
medians_by()
{
	sort -k3,3n "$TMP/found" | awk -v by="$1" '
		$3 != "-" { ms[$by, ++n[$by]] = $3 }
		END {
			for (key in n)
				print key, int((ms[key, int((n[key] + 1) / 2)] + ms[key, int(n[key] / 2) + 1]) / 2)
		}'
}

medians()
{
	local kind ms

	for kind in $KINDS; do
		ms=$(medians_by 2 | sed -n "s/^$kind //p")
		check "median of all that are $kind: ${ms:-none} ms, less than ${MEDIAN_MS[$kind]}" \
			more "${MEDIAN_MS[$kind]}" "${ms:-0}"
	done
}

# table: of $TMP/found; of what was tried several times the worst kind
table()
{
	awk '
		function cell(a, b, pair) {
			pair = (a ":" b) in worst ? a ":" b : b ":" a
			if (!(pair in worst))
				return ""
			return worst[pair] == "failed" ? "-" : substr(worst[pair], 1, 1) " " median[pair]
		}
		file == "medians" {
			median[$1] = $2
			next
		}
		{
			split($1, end, ":")
			if (end[2] == "lan")
				end[2] = end[1]
			for (i = 1; i <= 2; i++)
				if (!seen[end[i]]++)
					name[++names] = end[i]
			if (!($1 in worst) || $2 == "failed" || worst[$1] == "direct")
				worst[$1] = $2
		}
		END {
			for (i = 0; i <= names; i++) {
				line = sprintf("| %-16s", i ? name[i] : "")
				for (j = 1; j <= names; j++)
					line = line sprintf(" | %-" (length(name[j]) > 7 ? length(name[j]) : 7) "s",
						i ? cell(name[i], name[j]) : name[j])
				print line " |"
				if (!i) {
					gsub(/[^|]/, "-", line)
					print line "-|"
				}
			}
			for (i = 1; i <= names; i++)
				if ((name[i] ":lan") in worst)
					print "Two parties of one " name[i] ": " cell(name[i], "lan")
		}' file=medians <(medians_by 1) file=found "$TMP/found"
}

DELAY=0 REPEAT=1 TABLE=0 PAIRS=()
options "$@"
shift $((OPTIND - 1))
choose "$@"
need_module
own_only
require nft conntrack turnserver openssl miniupnpd jq mpcnetd
helper xfer >/dev/null || skip_all "xfer.c does not build"
export MPCNET_CA=$LAB_CA
KINDS=
[ $TABLE -eq 0 ] || KINDS=$(kinds)
plan $((${#PAIRS[@]} * REPEAT + $(wc -w <<<"$KINDS")))
build
USER=$LAB_TURN_USER:$LAB_TURN_PASSWORD
MORE=(stun "[${LAB_ADDR6[stun1]}]:3478" turn "turn:$USER@$LAB_TURN6" turn "turns:$USER@$LAB_TURNS")
for pair in "${PAIRS[@]}"; do
	TICKET=$(session_ticket 2 "${MORE[@]}")
	for ((i = 0; i < REPEAT; i++)); do
		try "$pair"
	done
done
medians
[ $TABLE -eq 0 ] || table
finish
