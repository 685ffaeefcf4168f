#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What sessions have to be good for, and what was found, a line each:
#
#	targets.sh [PARTIES...]
#
# PARTIES are the sizes of meshes, with 40 ms of round trip; 3, 10 and 50. Times
# mean something where the clock counts instructions, as in the VM of nat/run; all
# parties share that one processor.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=brokers_lib.sh
. "$(dirname "$0")/brokers_lib.sh"
# shellcheck source=sessions_lib.sh
. "$(dirname "$0")/sessions_lib.sh"
# shellcheck source=machine.sh
. "$(dirname "$0")/machine.sh"

declare -A MESH_MS=([3]=2000 [10]=5000 [50]=60000)	# by parties: less than that
SIZES=(3 10 50)
[ $# -eq 0 ] || SIZES=("$@")
ONE_WAY=20			# milliseconds from each party to each other
WITHOUT_S=60			# of a session, without a broker
SERVER=192.0.2.200
WAYS=(leave command kill terminate crash expire)
MACHINE_PARTS=${MACHINE_PARTS/sysctls/}	# they are many: session_ends.sh looks at them

# line WHAT TARGET FOUND
line()
{
	printf '%-58s %9s %9s' "$@"
}

# target WHAT LESS-THAN FOUND
target()
{
	check "$(line "$1" "< $2" "${3:--}")" more "$2" "${3:-$2}"
}

# largest NUMBER...
largest()
{
	printf '%s\n' "$@" | sort -n | tail -n 1
}

#
# From the last party's join to a mesh that is ready
#

# join_timed I TICKET: when it is ready, $TMP/I.ready has the time
join_timed()
{
	rm -f "$TMP/$1.ready"
	{
		party "$1" mpcnetctl session join "$2" wait 300 >"$TMP/$1.join" 2>&1 &&
			now_ms >"$TMP/$1.ready"
	} &
	JOIN[$1]=$!
	defer forget_party "$1"
}

# all_but_one N: the others are there, and wait
all_but_one()
{
	local i

	for ((i = 1; i < $1; i++)); do
		busywait 120 grep -q "cards of 1 of $1 parties" "$TMP/$i.join" || return 1
	done
}

# mesh_ms N: sets FOUND to how long it took the last of them, empty if not all are
mesh_ms()
{
	local i start ticket

	FOUND=
	ticket=$(ticket "$1")
	for ((i = 1; i < $1; i++)); do
		join_timed "$i" "$ticket"
	done
	all_but_one "$1" || diag "not all are there"
	start=$(now_ms)
	join_timed "$1" "$ticket"
	joined $(seq "$1") >/dev/null || return
	FOUND=$(($(largest "$(cat "$TMP"/*.ready)") - start))
}

# children included, which take some seconds where no broker answers
no_daemons()
{
	! pgrep mpcnetd >/dev/null
}

# leave_at_once I...: one after the other would have the rest agree anew each time
leave_at_once()
{
	local i jobs=()

	for i; do
		party "$i" mpcnetctl session leave >/dev/null 2>&1 &
		jobs+=($!)
	done
	wait "${jobs[@]}"
	busywait 60 no_daemons
}

meshes()
{
	local parties

	for parties in "${SIZES[@]}"; do
		mesh_ms "$parties"
		target "$parties parties, from the last join to ready, ms" \
			"${MESH_MS[$parties]:-60000}" "$FOUND"
		leave_at_once $(seq "$parties")
	done
}

#
# Without brokers
#

# echoes_lost FROM TO: sets FOUND, of ten a second, while there is no broker
echoes_lost()
{
	local address echoes=$((WITHOUT_S * 10)) ping

	address=$(state "$2" '.parties[.self].address')
	n "${NS[$1]}" ping -n -q -i 0.1 -c $echoes -W 2 "$address" >"$TMP/stream" 2>&1 &
	ping=$!
	broker_stop 1883 1884
	wait $ping
	FOUND=$((echoes - $(sed -nE 's/.* ([0-9]+) received.*/\1/p' "$TMP/stream")))
}

# not_ready I...: how many of them are not
not_ready()
{
	local i count=0

	for i; do
		state_is "$i" .state ready || count=$((count + 1))
	done
	echo "$count"
}

brokers()
{
	local ticket i

	for i in 1883 1884; do
		broker_start "$switch" $SERVER $i || bail "mosquitto does not start"
	done
	ticket=$(ticket 3 broker mqtt://$SERVER:1883 broker mqtt://$SERVER:1884)
	for i in 1 2 3; do
		join "$i" "$ticket"
	done
	joined 1 2 3 || bail "no mesh by brokers"
	echoes_lost 1 2
	target "brokers killed: echoes lost in $WITHOUT_S s" 1 "$FOUND"
	target "brokers killed: parties of 3 that are not ready" 1 "$(not_ready 1 2 3)"
	leave 1 2 3
}

#
# What stays
#

# picture I: of the machine of party I
picture()
{
	machine_picture "${NS[$1]}" "$TMP/$1.run" "$TMP/$1.state"
}

# differences I: lines that the picture has now, or had; they are in $TMP/left
differences()
{
	picture "$1" | diff "$TMP/$1.before" - | grep '^[<>]' | tee -a "$TMP/left" | wc -l
}

is_as_before()
{
	[ "$(differences "$1")" = 0 ]
}

# pids_of NAME I: processes of party I
pids_of()
{
	local pid

	for pid in $(ip netns pids "${NS[$2]}"); do
		! grep -qsx "$1" "/proc/$pid/comm" || echo "$pid"
	done
}

# program I TICKET COMMAND...: what a party types
program()
{
	TYPED=$((TYPED + 1))
	party "$1" mpcnetctl session run "$2" name "p$1" -- "${@:3}" >"$TMP/$1.join" 2>&1 &
	JOIN[$1]=$!
}

# two COMMAND...: each of two parties runs it in a session
two()
{
	local i ticket

	ticket=$(ticket 2)
	TYPED=0
	rm -f "$TMP"/*.runs
	for i in 1 2; do
		program "$i" "$ticket" sh -c ": >$TMP/$i.runs; $1"
	done
	busywait 60 [ -e "$TMP/1.runs" ] && busywait 60 [ -e "$TMP/2.runs" ]
}

two_join()
{
	local i ticket

	ticket=$(ticket 2 "$@")
	for i in 1 2; do
		join "$i" "$ticket"
	done
	joined 1 2
}

# Ways to end; each leaves nothing to be done
end_leave()
{
	two_join && party 1 mpcnetctl session leave && party 2 mpcnetctl session leave
}

end_command()
{
	two "until [ -e $TMP/1.runs -a -e $TMP/2.runs ]; do sleep 0.05; done"
}

# end_signal SIGNAL PROGRAM: both get it
end_signal()
{
	local i

	for i in 1 2; do
		# shellcheck disable=SC2046 # each a word
		kill "$1" $(pids_of "$2" "$i")
	done
}

end_kill()
{
	two "exec sleep 1000"
	end_signal -KILL mpcnetctl
	end_signal -TERM sleep
}

end_terminate()
{
	two_join
	end_signal -TERM mpcnetd
}

end_crash()
{
	two_join
	end_signal -KILL mpcnetd
	party 1 mpcnetctl session leave
	party 2 mpcnetctl session leave
}

end_expire()
{
	two_join expires 60
}

declare -A WAY_TEXT=([leave]="session leave" [command]="the command of session run ends"
	[kill]="session run is killed" [terminate]="mpcnetd is told to end"
	[crash]="mpcnetd is killed, then session leave" [expire]="the ticket expires")

# what_stays: of parties that were in sessions before, and have an identity
what_stays()
{
	local way i

	busywait 10 no_daemons
	for i in 1 2; do
		machine_make "${NS[$i]}"
		picture $i >"$TMP/$i.before"
	done
	for way in "${WAYS[@]}"; do
		"end_$way" >"$TMP/way" 2>&1
		for i in 1 2; do
			busywait 90 gone $i && busywait 5 is_as_before $i
		done
		: >"$TMP/left"
		target "${WAY_TEXT[$way]}: differences left" 1 \
			$(($(differences 1) + $(differences 2)))
		sed 's/^/# /' "$TMP/left"
		[ "$way" != command ] || COMMANDS=$((TYPED / 2))
	done
	target "commands that a party types, up to its program's end" 2 "$COMMANDS"
}

plan $((${#SIZES[@]} + 2 + ${#WAYS[@]} + 1))
require jq nft ping pgrep mosquitto ss tc
need_module
own_only
ulimit -n 65536
# The neighbours of all namespaces are in one table, by default of 1024.
for family in ipv4 ipv6; do
	for i in 1 2 3; do
		sysctl -qw "net.$family.neigh.default.gc_thresh$i=65536"
	done
done
PARTIES=$(largest 3 "${SIZES[@]}")
wires "$PARTIES" || bail "no network"
addr "$switch" br0 $SERVER/24
for ((i = 1; i <= PARTIES; i++)); do
	n "${NS[i]}" tc qdisc add dev eth0 root netem delay ${ONE_WAY}ms limit 10000
done
diag "$(line "" target found)"
meshes
brokers
what_stays
finish
