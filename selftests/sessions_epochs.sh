#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Epochs: a party leaves, is lost, or comes in place of another, and the links of
# the others go on meanwhile, with other keys.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=sessions_lib.sh
. "$(dirname "$0")/sessions_lib.sh"

plan 26
require jq nft
need_module
own_only
klog_mark
wires 4 || skip_all "no network"

# epoch_is WANT I...: ready in that epoch, all of them
epoch_is()
{
	local i

	for i in "${@:2}"; do
		busywait 60 state_is "$i" '"\(.epoch) \(.state)"' "$1 ready" && continue
		echo "party $i:"
		state "$i" '.epoch, .state, .waits, .notice, .missing'
		return 1
	done
}

# oldest_key I: when the first of its links had its last handshake, in seconds since 1970
oldest_key()
{
	n "${NS[$1]}" mpcnetctl -j peer show mpc0 | jq -r '.. | .latest_handshake? // empty' |
		sort -n | head -n 1
}

# stream_begins FROM TO: a flow of packets, each of which has to arrive
stream_begins()
{
	n "${NS[$1]}" ping -n -i 0.05 -c 100000 "$(address "$2")" >"$TMP/stream" 2>&1 &
	STREAM=$!
	busywait 10 grep -q 'icmp_seq=3 ' "$TMP/stream"
}

stream_lost_none()
{
	pkill -INT -x ping
	wait "$STREAM"
	grep ' 0% packet loss' "$TMP/stream" || { tail -n 3 "$TMP/stream"; return 1; }
}

# address I: of that party inside
address()
{
	state "$1" '.parties[] | select(.state == "self").address'
}

place()
{
	state "$1" .self
}

vacant()
{
	state "$1" '[.parties[] | select(.state == "left").index] | join(" ")'
}

#
# One leaves
#

ticket=$(ticket 3)
join 1 "$ticket" name alice lost 10
join 2 "$ticket" name bob lost 10
join 3 "$ticket" name carol lost 10
check "three join" joined 1 2 3
before=$(state 1 .roster)
hers=$(address 3) place=$(place 3)
check "a stream begins" stream_begins 1 2
since=$(date +%s)
sleep 6
check "one leaves: nothing of it stays" leave 3
check "the others are ready, in the next epoch" epoch_is 1 1 2
check "its place is vacant" same places "$place" "$(vacant 1)"
check "it is another roster" fails same roster "$before" "$(state 1 .roster)"
check "the same for both" same_for .roster 1 2
check "who has left is no peer any more" same peers 1 \
	"$(n "${NS[1]}" mpcnetctl -j peer show mpc0 | grep -c '"public_key"')"
new_keys()
{
	[ "$(oldest_key "$1")" -gt "$since" ]
}
check "the others' link has other keys" busywait 20 new_keys 1
check "it has lost nothing" stream_lost_none

#
# Another comes
#

check "a stream again" stream_begins 2 1
join 4 "$ticket" name dave lost 10
check "another takes the place" joined 4
check "all are ready in the epoch behind" epoch_is 2 1 2 4
check "it is the place that was vacant" same address "$hers" "$(address 4)"
check "all have the same roster" same_for .roster 1 2 4
check "each reaches each" echoes 1 2 4
check "its name is known" grep -E "^$hers .*dave" /etc/hosts
check "the stream has lost nothing" stream_lost_none

#
# One is lost for good
#

n "${NS[4]}" ip link set eth0 down
check "who is silent is lost after a while: the others go on" epoch_is 3 1 2
without=$(state 1 .roster)
n "${NS[4]}" ip link set eth0 up
all_again()
{
	[ "$(state 1 .roster)" != "$without" ] && epoch_is "$(state 1 .epoch)" 1 2 4
}
check "who comes back is taken in again" busywait 60 all_again
check "each reaches each again" echoes 1 2 4
leave 1 2 4

#
# One leaves before the mesh was ready
#

# links I WANT: so many of its links are up
links()
{
	busywait 30 state_is "$1" '[.parties[] | select(.state == "direct")] | length' "$2"
}
waits_for_another()
{
	busywait 20 state_is "$1" .waits "others to take the places of those that have left"
}
cut_link 2 3
ticket=$(ticket 3)
for i in 1 2 3; do
	join $i "$ticket"
done
check "three, of whom two have no link" links 1 2
check "one of them leaves" leave 3
check "those who are left say what they wait for" waits_for_another 1
mend_link 2
join 4 "$ticket"
check "another comes: all are ready" joined 1 2 4
check "the kernel log is clean" klog_clean
finish
