#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sessions by brokers, of which none is needed once the mesh is ready; and brokers
# that are not who they should be, each with the sentence that tells the user.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=brokers_lib.sh
. "$(dirname "$0")/brokers_lib.sh"
# shellcheck source=sessions_lib.sh
. "$(dirname "$0")/sessions_lib.sh"

WITHOUT_S=60			# of a session, without a broker
SERVER=192.0.2.100

plan 28
require jq nft ping mosquitto openssl ss
need_module
own_only
klog_mark
wires 3 || skip_all "no network"
addr "$switch" br0 $SERVER/24

#
# They are killed
#

# stream FROM TO: echoes, ten a second, for as long as there is no broker
stream()
{
	local address

	address=$(state "$2" '.parties[.self].address')
	n "${NS[$1]}" ping -n -q -i 0.1 -w $WITHOUT_S "$address" >"$TMP/stream" 2>&1 &
	STREAM=$!
}

# stream_ends: none was lost, on the way to the end
stream_ends()
{
	wait "$STREAM"
	cat "$TMP/stream"
	grep -q ' 0% packet loss' "$TMP/stream"
}

# daemon I: its process; its children are called the same
daemon()
{
	local pid

	for pid in $(ip netns pids "${NS[$1]}"); do
		grep -qsx mpcnetd "/proc/$pid/comm" || continue
		grep -qsx mpcnetd "/proc/$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")/comm" ||
			echo "$pid"
	done
}

# die I: the daemon is killed
die()
{
	local pid

	pid=$(daemon "$1")
	kill -KILL "$pid" && busywait 5 [ ! -e "/proc/$pid" ]
}

trouble_everywhere()
{
	local i

	for i in 1 2 3; do
		busywait 20 state_says "$i" .rendezvous \
			"the broker $SERVER:188[34] .* \(of 2 brokers, 2 do not work\)" ||
			{ state "$i" .rendezvous; return 1; }
	done
}

nothing_amiss()
{
	local i

	for i in 1 2 3; do
		same "what party $i says" null "$(state "$i" .rendezvous)" || return 1
	done
}

all_ready()
{
	state_is 1 .state ready && state_is 2 .state ready && state_is 3 .state ready
}

# started_again I: the next command of its user does that, and it knows the session
started_again()
{
	busywait 30 state_is "$1" .state ready || { state "$1" .; return 1; }
	more "$(daemon "$1")" 1
}

for port in 1883 1884; do
	broker_start "$switch" $SERVER $port || bail "mosquitto does not start"
done
ticket=$(ticket 3 broker mqtt://$SERVER:1883 broker mqtt://$SERVER:1884)
for i in 1 2 3; do
	join $i "$ticket"
done
check "three join by two brokers, and the mesh is ready" joined 1 2 3
check "no broker is amiss" nothing_amiss
roster=$(state 1 .roster)
stream 1 2
broker_stop 1883 1884
check "both brokers are killed: all parties say so" trouble_everywhere
check "and are ready" all_ready
check "a daemon is killed" die 3
check "links go on without" echoes 1 2
check "it is started again" started_again 3
check "all are ready, without a broker" all_ready
check "of the same group" same roster "$roster" "$(state 3 .roster)"
check "and reach each other" echoes 1 2 3
check "no echo was lost in $WITHOUT_S s" stream_ends
check "and all are ready" all_ready
check "nothing stays" leave 1 2 3

#
# They are not who they should be
#

# broker_tls PORT NAME: with that certificate
broker_tls()
{
	broker_start "$switch" $SERVER "$1" "allow_anonymous true" "certfile $TMP/$2.crt" \
		"keyfile $TMP/$2.key"
}

# told WHAT PORT PATTERN: party 1 is, of the broker at that port, in three ways
told()
{
	local place=$SERVER:$2 why

	why="the certificate of ${place//./\\.} is not valid: $3"
	party 1 mpcnetctl session join "$(ticket 2 broker "mqtts://$place")" wait 5 \
		>"$TMP/1.join" 2>&1
	check "$1: who waits is told" expect "^rendezvous: $why" cat "$TMP/1.join"
	check "$1: session show tells" expect "$why" party 1 mpcnetctl session show
	check "$1: programs, too" expect "^$why" state 1 .rendezvous
	check "$1: nothing stays" leave 1
}

certificate ca -subj "/CN=authority"
certificate self -subj "/CN=broker" -addext "subjectAltName=IP:$SERVER"
certificate other -subj "/CN=broker" -addext "subjectAltName=DNS:broker.lab" \
	-CA "$TMP/ca.crt" -CAkey "$TMP/ca.key"
certificate good -subj "/CN=broker" -addext "subjectAltName=IP:$SERVER" \
	-CA "$TMP/ca.crt" -CAkey "$TMP/ca.key"
broker_tls 8883 self
broker_tls 8884 good
broker_tls 8885 other
told "signed by itself" 8883 ".*; if its authority is your own, .*MPCNET_CA"
told "of an unknown authority" 8884 ".*; if its authority is your own, .*MPCNET_CA"
export MPCNET_CA=$TMP/ca.crt
told "of another name" 8885 ".*; name the broker in the ticket as its certificate does"
ticket=$(ticket 2 broker mqtts://$SERVER:8884)
join 1 "$ticket"
join 2 "$ticket"
check "of our own authority: the mesh is ready" joined 1 2
check "and nothing stays" leave 1 2

check "the kernel log is clean" klog_clean
finish
