#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Nothing of a session stays: the machines of its parties, and the broker, are
# before and after it the same, byte for byte, by whichever way it ends.
#
#	parties 1 and 2 end in all ways; 4 and 5 are left to the kernel's deadline,
#	which takes a minute; namespace 3 has the brokers

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=brokers_lib.sh
. "$(dirname "$0")/brokers_lib.sh"
# shellcheck source=sessions_lib.sh
. "$(dirname "$0")/sessions_lib.sh"
# shellcheck source=machine.sh
. "$(dirname "$0")/machine.sh"

SERVER=192.0.2.3
PORT=1883
PORT_DEADLINE=1884		# of parties 4 and 5
EXPIRES=60			# seconds: no ticket may have less
export TMP			# for the commands

#
# Machines and brokers
#

machine_of()
{
	echo "${NS[$1]}" "$TMP/$1.run" "$TMP/$1.state"
}

# machines I...: take their pictures; an identity is there before, and stays
machines()
{
	local i

	for i; do
		machine_make "${NS[$i]}" && party "$i" mpcnetctl id new >/dev/null || return 1
		# shellcheck disable=SC2046 # namespace and folders
		machine_picture $(machine_of "$i") >"$TMP/$i.before"
	done
}

# as_before I...
as_before()
{
	local i bad=0

	for i; do
		# shellcheck disable=SC2046 # namespace and folders
		machine_same "$TMP/$i.before" $(machine_of "$i") >"$TMP/left" && continue
		echo "party $i:"
		cat "$TMP/left"
		bad=1
	done
	return "$bad"
}

# differs I PART...: in all these parts the machine is not what it was
differs()
{
	local i=$1 part

	shift
	# shellcheck disable=SC2046 # namespace and folders
	machine_picture $(machine_of "$i") | diff "$TMP/$i.before" - >"$TMP/during"
	for part; do
		! grep -q "^> $part: " "$TMP/during" || continue
		echo "a session does not show in: $part"
		return 1
	done
}

# kept PORT: topics of what the broker keeps
kept()
{
	n "${NS[3]}" mosquitto_sub -h "$SERVER" -p "$1" -t '#' -W 1 --retained-only -F %t 2>/dev/null
}

keeps()
{
	[ -n "$(kept "$1")" ]
}

# keeps_nothing PORT: what there is in spite of that, is erased for the next one
keeps_nothing()
{
	local topic

	busywait 5 fails keeps "$1" && return 0
	for topic in $(kept "$1"); do
		echo "the broker keeps $topic"
		n "${NS[3]}" mosquitto_pub -h "$SERVER" -p "$1" -t "$topic" -r -n
	done
	return 1
}

#
# Sessions
#

# meet WORD...: parties 1 and 2 are in a session of a ticket with these words
meet()
{
	TICKET=$(ticket 2 "$@")
	join 1 "$TICKET" name alice
	join 2 "$TICKET" name bob
	joined 1 2
}

at_broker()
{
	meet broker "mqtt://$SERVER:$PORT"
}

# half_made: party 1 has said that it is there, and nobody comes
half_made()
{
	party 1 mpcnetctl session join "$(ticket 3 broker "mqtt://$SERVER:$PORT")" name alice &&
		busywait 20 keeps $PORT
}

# What parties run: they are in it at the same time
cat >"$TMP/command" <<'COMMAND'
touch "$TMP/$1.started"
until [ -e "$TMP/go" ]; do sleep 0.05; done
COMMAND

# run I: mpcnetctl session run, which bash would let ignore SIGINT; sets JOIN[I]
run()
{
	party "$1" env --default-signal=INT mpcnetctl session run "$TICKET" \
		-- sh "$TMP/command" "$1" >"$TMP/$1.join" 2>&1 &
	JOIN[$1]=$!
	defer forget_party "$1"
}

# run_both: up to where both are in their commands
run_both()
{
	local i

	rm -f "$TMP/go" "$TMP"/*.started
	TICKET=$(ticket 2 broker "mqtt://$SERVER:$PORT")
	for i in 1 2; do
		run $i
	done
	for i in 1 2; do
		busywait 60 [ -e "$TMP/$i.started" ] || { cat "$TMP/$i.join"; return 1; }
	done
}

# ran I STATUS
ran()
{
	local status

	wait "${JOIN[$1]}"
	status=$?
	same "status of party $1" "$2" $status || { cat "$TMP/$1.join"; return 1; }
}

# of_party I PROGRAM WORD...: processes of its machine that were started so
of_party()
{
	local pid

	for pid in $(ip netns pids "${NS[$1]}"); do
		[ "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -d' ' -f"2-$(($# - 1))")" = "${*:3}" ] &&
			[ "$(<"/proc/$pid/comm")" = "$2" ] && echo "$pid"
	done 2>/dev/null
}

# tell I SIGNAL: its mpcnetd, which is then gone
tell()
{
	local pid

	pid=$(of_party "$1" mpcnetd -d)
	[ -n "$pid" ] || { echo "party $1 has no mpcnetd"; return 1; }
	kill "-$2" "$pid"
	busywait 15 [ ! -e "/proc/$pid" ]
}

# after WAY: the machines and the broker
after()
{
	check "$1: the machines are what they were" as_before 1 2
	check "$1: the broker keeps nothing" keeps_nothing $PORT
	forget_party 1
	forget_party 2
}

#
# Ways to end
#

by_leave()
{
	check "without a broker: a session" meet
	check "it shows in all that is compared" differs 1 links addresses routes firewall \
		hosts folders sockets processes multicast sysctls
	party 1 mpcnetctl session leave
	party 2 mpcnetctl session leave
	check "left without a broker: the machines are what they were" as_before 1 2
	check "with a broker: a session" at_broker
	check "the broker keeps something of it" keeps $PORT
	party 1 mpcnetctl session leave
	party 2 mpcnetctl session leave
	after "left"
}

by_command()
{
	check "run: a session" run_both
	touch "$TMP/go"
	check "its command ends" ran 1 0
	ran 2 0 >/dev/null
	after "a command that ends"
	run_both >/dev/null
	kill -INT "$(of_party 1 mpcnetctl session run "$TICKET" -- sh "$TMP/command" 1)"
	check "run: Ctrl-C" ran 1 130
	touch "$TMP/go"
	ran 2 0 >/dev/null
	after "Ctrl-C"
}

by_term()
{
	at_broker >/dev/null
	check "SIGTERM to mpcnetd" tell 1 TERM
	party 2 mpcnetctl session leave
	after "SIGTERM to mpcnetd"
}

of_half()
{
	check "half made: one of three" half_made
	party 1 mpcnetctl session leave
	after "half made, left"
	half_made >/dev/null
	tell 1 KILL >/dev/null
	check "half made, mpcnetd killed: the next is in the session" \
		state_is 1 .state gathering
	party 1 mpcnetctl session leave
	after "half made, mpcnetd killed, left"
}

by_kill()
{
	at_broker >/dev/null
	check "SIGKILL to mpcnetd" tell 1 KILL
	check "the next one is in the session" busywait 30 state_is 1 .state ready
	party 1 mpcnetctl session leave
	tell 2 KILL >/dev/null
	check "the other is killed, and the next one told to leave" party 2 mpcnetctl session leave
	after "SIGKILL to mpcnetd"

	run_both >/dev/null
	check "SIGKILL to mpcnetd while a command runs" tell 1 KILL
	touch "$TMP/go"
	check "the command ends well" ran 1 0
	ran 2 0 >/dev/null
	after "SIGKILL to mpcnetd while a command runs"
}

#
# The kernel's deadline
#

deadline_begins()
{
	TICKET=$(ticket 2 broker "mqtt://$SERVER:$PORT_DEADLINE" expires "$EXPIRES")
	join 4 "$TICKET" name dave
	join 5 "$TICKET" name eve
	joined 4 5 && tell 4 KILL && tell 5 KILL
}

# kernel_ended I: no link is up, and none has a peer
kernel_ended()
{
	[ -z "$(ip -n "${NS[$1]}" -br link show up type mpcnet)" ] &&
		[ "$(party "$1" mpcnetctl -j link show | jq '[.[].peers[]?] | length')" = 0 ]
}

deadline()
{
	check "nobody starts mpcnetd again: the kernel ends it" busywait $((EXPIRES + 10)) \
		kernel_ended 4
	check "for the other as well" busywait 10 kernel_ended 5
	party 4 mpcnetctl session show >/dev/null 2>&1
	party 5 mpcnetctl session show >/dev/null 2>&1
	check "the next mpcnetd: the machines are what they were" as_before 4 5
	check "the next mpcnetd: the broker keeps nothing" keeps_nothing $PORT_DEADLINE
}

plan 38
require jq nft tc mosquitto mosquitto_sub mosquitto_pub ss
need_module
own_only
klog_mark
wires 5 || skip_all "no network"
machines 1 2 4 5 || bail "no machines"
for port in $PORT $PORT_DEADLINE; do
	broker_start "${NS[3]}" "$SERVER" "$port" || bail "mosquitto does not start"
done

check "two sessions whose mpcnetd is killed" deadline_begins
by_leave
by_command
by_term
of_half
by_kill
deadline
check "the kernel log is clean" klog_clean
finish
