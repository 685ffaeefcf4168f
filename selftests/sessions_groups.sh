#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who holds the ticket, and still must not come between: a man in the middle, who
# keeps the parties' postings from each other and joins towards each as another,
# and two groups that one ticket has made in two halves of a network.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=sessions_lib.sh
. "$(dirname "$0")/sessions_lib.sh"

plan 38
require jq nft ping socat ss
need_module
own_only
klog_mark
wires 5 || skip_all "no network"

# postings A:B...: only these pairs hear each other's; all else passes
postings()
{
	local pair rules=

	for pair; do
		rules+="iifname p${pair%:*} oifname p${pair#*:} accept;"
		rules+="iifname p${pair#*:} oifname p${pair%:*} accept;"
	done
	nft_rules "$switch" <<-RULES
	table bridge man {
		chain postings {
			type filter hook forward priority 0;
			$rules
			udp dport 21678 drop
		}
	}
	RULES
}

# halves: 1 and 2 are in one, 3 and 4 in the other, and nothing passes
halves()
{
	nft_rules "$switch" <<-RULES
	table bridge man {
		chain halves {
			type filter hook forward priority 0;
			iifname { p1, p2 } oifname { p3, p4 } drop
			iifname { p3, p4 } oifname { p1, p2 } drop
		}
	}
	RULES
}

nobody_between()
{
	n "$switch" nft delete table bridge man
}

string_is_there()
{
	busywait 60 state_is "$1" '.sas | length' 7
}

strings_are_there()
{
	local i

	for i; do
		string_is_there "$i" || { state "$i" .; return 1; }
	done
}

# compare I...: with what its own session shows
compare()
{
	local i

	for i; do
		party "$i" mpcnetctl session verify "$(state "$i" .sas)" || return 1
	done
}

gone_both()
{
	busywait 8 gone "$1" && busywait 8 gone "$2"
}

differ()
{
	[ "$1" != "$2" ] || { echo "both are $1"; return 1; }
}

did()
{
	party "$1" mpcnetctl id show | grep -o 'did:key:[[:alnum:]]*'
}

# states_are WANT I...
states_are()
{
	local i

	for i in "${@:2}"; do
		same "state of party $i" "$1" "$(state "$i" .state)" || return 1
	done
}

# address I: of that party in its session
address()
{
	state "$1" '.parties[.self].address'
}

# connects FROM TO: a program of the one to a program of the other
connects()
{
	local ret

	bg n "${NS[$2]}" socat -u TCP-LISTEN:9000,reuseaddr OPEN:/dev/null
	busywait 5 listens "$2"
	n "${NS[$1]}" socat -u /dev/null "TCP:$(address "$2"):9000,connect-timeout=3"
	ret=$?
	stop "$BG_PID"
	return "$ret"
}

# shut_out FROM TO: a connection does not come about, though there is a link
shut_out()
{
	n "${NS[$1]}" ping -n -q -c 1 -w 5 "$(address "$2")" &&
		fails connects "$@"
}

listens()
{
	n "${NS[$1]}" ss -Htln "sport = 9000" | grep -q .
}

# peers I: of its interface, as the kernel has them
peers()
{
	peer_json "${NS[$1]}" "$(state "$1" .interface)" '.[].public_key' | sort
}

#
# A man in the middle: 3 is bob for alice, and 4 is alice for bob
#

between()
{
	local ticket

	ticket=$(ticket 2)
	join 1 "$ticket" name alice verify "$1"
	join 2 "$ticket" name bob verify "$1"
	join 3 "$ticket" name bob verify "${2-$1}"
	join 4 "$ticket" name alice verify "${2-$1}"
}

postings 1:3 2:4
between sas
check "the man stands between: all have a string" strings_are_there 1 2 3 4
check "his is the one that alice reads" same string "$(state 3 .sas)" "$(state 1 .sas)"
check "and the one that bob reads" same string "$(state 4 .sas)" "$(state 2 .sas)"
check "alice and bob read different ones" differ "$(state 1 .sas)" "$(state 2 .sas)"
check "he compares with himself" compare 3 4
check "alice and bob are not ready for that" states_are verifying 1 2
check "his programs reach none of alice's" shut_out 3 1
check "nor do hers reach his" shut_out 1 3
check "alice is refused the string that bob reads" expect "the string here is another" \
	party 1 mpcnetctl session verify "$(state 2 .sas)"
check "and bob the one that alice reads" expect "the string here is another" \
	party 2 mpcnetctl session verify "$(state 1 .sas)"
check "alice and bob are as before" states_are verifying 1 2
check "nothing stays" leave 1 2 3 4
nobody_between

postings 1:2
ticket=$(ticket 2)
join 1 "$ticket" name alice verify sas
join 2 "$ticket" name bob verify sas
strings_are_there 1 2
compare 1 2
check "nobody between: alice and bob know each other now" joined 1 2
check "and their programs reach each other" connects 1 2
leave 1 2
nobody_between
postings 1:3 2:4
between keys ticket
check "keys: the man is named to alice" refused 1 "party [01] bob is not known here: .*$(did 3)"
check "and to bob" refused 2 "party [01] alice is not known here: .*$(did 4)"
check "nothing stays of either" gone_both 1 2
for i in 1 2 3 4; do
	forget_party $i
done
nobody_between

#
# Between alice and bob only: carol sees the true ones
#

# join_for SECONDS I TICKET WORD...
join_for()
{
	party "$2" mpcnetctl session join "$3" wait "$1" "${@:4}" >"$TMP/$2.join" 2>&1 &
	JOIN[$2]=$!
	defer forget_party "$2"
}

# told I PATTERN: what its join says meanwhile
told()
{
	grep -E -- "$2" "$TMP/$1.join" || { cat "$TMP/$1.join"; return 1; }
}

postings 1:3 1:4 2:3 2:5
ticket=$(ticket 3)
for party in "1 alice" "2 bob" "3 carol" "4 bob" "5 alice"; do
	read -r i name <<<"$party"
	join_for 30 "$i" "$ticket" name "$name"
done
for i in 1 2 3; do
	check "between two of three: party $i is not ready after 30 s" refused "$i" \
		"not all links are up after 30 s"
	check "and is told that they mean different groups" told "$i" \
		"roster differs: party [012] \(.*\) means another group"
done
check "nothing stays of that" leave 1 2 3 4 5
nobody_between

#
# Two groups of one ticket
#

# members I: who is in its session
members()
{
	state "$1" '.parties[].id' | sort
}

# notice I OTHER...: it is told of one of these, who is not let in
notice()
{
	local dids

	dids=$(for i in "${@:2}"; do did "$i"; done | paste -sd'|')
	busywait 20 state_says "$1" .notice \
		"somebody else holds the ticket, and was not let in: .*($dids)" ||
		{ state "$1" .notice; return 1; }
}

halves
ticket=$(ticket 2)
for i in 1 2 3 4; do
	join $i "$ticket" name "p$i"
done
check "a network in two halves: two groups of two" joined 1 2 3 4
check "of different members" differ "$(members 1)" "$(members 3)"
BEFORE=$(for i in 1 2 3 4; do members $i; peers $i; done)
nobody_between
for i in 1 2; do
	check "the halves are one: party $i is told who else holds the ticket" notice $i 3 4
done
for i in 3 4; do
	check "and so is party $i" notice $i 1 2
done
check "all go on" states_are ready 1 2 3 4
check "members and peers are the same" same "members and peers" "$BEFORE" \
	"$(for i in 1 2 3 4; do members $i; peers $i; done)"
check "each reaches the other of its group" echoes 1 2 3 4
check "one group ends" leave 1 2
check "the other goes on" states_are ready 3 4
check "and its two reach each other" echoes 3 4
check "nothing stays of it" leave 3 4
check "the kernel log is clean" klog_clean
finish
