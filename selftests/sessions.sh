#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sessions on one network, without any server: one ticket, one command each. The
# parties find each other, mean the same group, know when all links are up, and
# are told which is not.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=sessions_lib.sh
. "$(dirname "$0")/sessions_lib.sh"

plan 39
require jq nft
need_module
own_only
klog_mark
wires 4 || skip_all "no network"

three()
{
	local ticket

	ticket=$(ticket 3)
	join 1 "$ticket" name alice "${@:1}"
	join 2 "$ticket" name bob "${@:1}"
	join 3 "$ticket" "${@:1}"
}

#
# The mesh
#

start=$(now_ms)
three
check "three join, and the mesh is ready" joined 1 2 3
diag "ready after $(($(now_ms) - start)) ms"
check "all have the same roster" same_for .roster 1 2 3
check "all read the same string" same_for .sas 1 2 3
check "each reaches each" echoes 1 2 3
check "the second join is refused" fails party 1 mpcnetctl session join "$(ticket 2)"
check "nothing stays" leave 1 2 3

#
# Who the others are
#

three verify sas
string_is_there()
{
	busywait 20 state_is "$1" '.sas | length' 7
}
check "a string to compare" string_is_there 1
check "another string is refused" expect "the string here is another" \
	party 1 mpcnetctl session verify 000000
check "until it was compared nobody is ready" state_is 1 .state verifying
compare()
{
	local i string

	for i; do
		string_is_there "$i" || return 1
		string=$(state "$i" .sas)
		party "$i" mpcnetctl session verify "$string" || return 1
	done
}
compare 1 2
check "two have compared it: the third keeps them back" state_is 1 .state connecting
check "the third has, too" compare 3
check "the mesh is ready" joined 1 2 3
leave 1 2 3
three verify keys
check "known parties need no string" joined 1 2 3
leave 1 2 3
ticket=$(ticket 2)
join 4 "$ticket" verify keys
join 1 "$ticket" verify ticket
check "an unknown party is named" refused 4 "party [01] is not known here: .* mpcnetctl id know did:key:"
check "and nothing stays of it" busywait 8 gone 4
forget_party 1
wait "${JOIN[1]}"

# join_at_terminal I TICKET WORD...: what is typed there comes by descriptor 8
join_at_terminal()
{
	mkfifo "$TMP/typed"
	party "$1" script -qefc "mpcnetctl session join $2 wait 120 ${*:3}" /dev/null \
		<"$TMP/typed" >"$TMP/$1.join" 2>&1 &
	JOIN[$1]=$!
	defer forget_party "$1"
	exec 8>"$TMP/typed"
}

told()
{
	busywait 20 grep -q "$2" "$TMP/$1.join" || { cat "$TMP/$1.join"; return 1; }
}
ticket=$(ticket 2)
join_at_terminal 4 "$ticket" verify sas
join 1 "$ticket"
check "at a terminal the string is asked for" told 4 "read the same, type it here"
echo 000000 >&8
check "another is refused, and nothing is lost" told 4 "the string here is another"
state 4 .sas >&8
check "the right one makes the mesh ready" joined 1 4
exec 8>&-
leave 1 4

#
# A link that is missing
#

cut_link 2 3
ticket=$(ticket 3)
for i in 1 2 3; do
	party $i mpcnetctl session join "$ticket" index $((i - 1)) wait 40 >"$TMP/$i.join" 2>&1 &
	JOIN[$i]=$!
done
check "one link is missing: a party with all of its own is told which" \
	refused 1 "not all links are up after 40 s: party 1 and party 2: "
check "so are the others" refused 2 "not all links are up after 40 s: party 2"
refused 3 "" >/dev/null
mend_link 2
check "it is there again: all are ready" busywait 60 state_is 1 .state ready
leave 1 2 3

#
# Too many, or the same twice
#

ticket=$(ticket 2)
join 1 "$ticket" name alice
join 2 "$ticket" name bob
joined 1 2
join 3 "$ticket" name carol
check "one party too many is told so" refused 3 "more than the 2 parties of the ticket"
check "nothing stays of it" busywait 8 gone 3
check "the others go on" state_is 1 .state ready
leave 1 2
ticket=$(ticket 3)
join 1 "$ticket" name alice index 0
busywait 20 state_is 1 '.parties | length' 1
join 2 "$ticket" name alice
check "a name that is taken" refused 2 'two parties want the name "alice"'
join 2 "$ticket" index 0
check "an index that is taken" refused 2 "two parties want index 0"
join 3 "$ticket" name carol
join 4 "$ticket" name dave
check "the place of who left is free" joined 1 3 4
leave 1 3 4
# one socket, links over IPv4 and over IPv6
n "${NS[3]}" ip addr del 192.0.2.3/24 dev eth0
three
check "a party that has IPv6 only" joined 1 2 3
check "each reaches each, by either family" echoes 1 2 3
leave 1 2 3
n "${NS[3]}" ip addr add 192.0.2.3/24 dev eth0
# one identity on two machines
ticket=$(ticket 3)
join 1 "$ticket"
busywait 20 state_is 1 '.parties | length' 1
rm -rf "$TMP/4.state"
cp -r "$TMP/1.state" "$TMP/4.state"
join 4 "$ticket"
check "the same party twice" refused 1 "another machine has joined as this party"
forget_party 4
rm -r "$TMP/4.state"

#
# A firewall of the machine, that lets in answers only
#

n "${NS[1]}" nft -f - <<-RULES
	table inet host {
		chain input {
			type filter hook input priority filter; policy drop;
			iifname != "mpc*" accept
			ct state established,related accept
		}
	}
RULES
ticket=$(ticket 2)
join 1 "$ticket"
join 2 "$ticket"
check "a firewall is in the way of programs: the links are up" joined 1 2
check "and it is told" busywait 20 state_says 1 .firewall \
	'^what the other parties send comes to mpc0, and is dropped there: let the firewall'
check "there only" state_is 2 .firewall null
n "${NS[1]}" nft add rule inet host input iifname '"mpc*"' accept
check "it lets in: it is told no more" busywait 40 state_is 1 .firewall null
n "${NS[1]}" nft delete table inet host
leave 1 2 >/dev/null

#
# What is refused at once
#

addr "${NS[1]}" eth0 10.9.8.1/24
check "addresses that this machine has already" expect '10\.9\.8\.0/24' \
	party 1 mpcnetctl session join "$(ticket 2 network 10.9.8.0/24)"
unprivileged()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups mpcnetctl session join "$(ticket 2)"
}
check "no permission" expect 'only root may start it: use sudo' unprivileged
check "and nothing stays" gone 1

#
# The end, when nobody says so
#

ticket=$(ticket 2)
for i in 1 2; do
	party $i mpcnetctl session run "$ticket" -- sleep 1000 >"$TMP/$i.join" 2>&1 &
	JOIN[$i]=$!
done
busywait 60 state_is 1 .state ready
pkill -9 -x mpcnetctl
check "mpcnetctl session run is killed: nothing stays of its session" busywait 20 gone 1
busywait 20 gone 2
pkill -x sleep
check "the kernel log is clean" klog_clean
finish
