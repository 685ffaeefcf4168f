#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mpcnetctl session run: what the command gets to know, how it ends, and that
# nothing of the session stays, whatever ends it.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

DEMO=$SELFTESTS/demo
PYTHON=${PYTHON:-$SELFTESTS/../.build/venv/bin/python}
JOB=()		# by party: mpcnetctl
export TMP	# for the commands

#
# Parties, from 1 on; each starts its own daemon, which ends with the session
#

# party I COMMAND...: run it as that party
party()
{
	MPCNET_RUNDIR=$TMP/$1.run MPCNET_STATEDIR=$TMP/$1.state n "${NS[$1]}" "${@:2}"
}

# ticket N: for that many parties
ticket()
{
	rm -f "$TMP"/*.started "$TMP/go"
	TICKET=$(mpcnetctl session new parties "$1" name lab)
}

# run I ARG...: mpcnetctl session run in the background, which bash lets ignore
# SIGINT; sets JOB[I]
run()
{
	(
		unset "${!MPCNET_@}"
		export MPCNET_RUNDIR=$TMP/$1.run MPCNET_STATEDIR=$TMP/$1.state PARTY=$1
		exec ip netns exec "${NS[$1]}" env --default-signal=INT \
			mpcnetctl session run "$TICKET" name "p$1" index $(($1 - 1)) "${@:2}"
	) <"${INPUT:-/dev/null}" >"$TMP/$1.out" 2>"$TMP/$1.err" &
	JOB[$1]=$!
	defer kill "$!"
}

# cards I...: each gets the cards of all others
cards()
{
	local i j

	for i; do
		busywait 30 card_out "$i" || { cat "$TMP/$i.err" "$TMP/$i.card.err"; return 1; }
	done
	for i; do
		for j; do
			[ "$i" = "$j" ] || cat "$TMP/$j.card"
		done | party "$i" mpcnetctl session card add - || return 1
	done
}

card_out()
{
	party "$1" mpcnetctl session card show >"$TMP/$1.card" 2>"$TMP/$1.card.err"
}

# started I...: the commands, which say so
started()
{
	local i

	for i; do
		busywait 60 [ -e "$TMP/$i.started" ] ||
			{ cat "$TMP/$i.err"; party "$i" mpcnetctl session show; return 1; }
	done
}

# all of them go on: who ends before another has begun takes its link along
go()
{
	started "$@" && touch "$TMP/go"
}

# ended I STATUS: and nothing of the session stays
ended()
{
	local status

	wait "${JOB[$1]}"
	status=$?
	same "status of $1" "$2" $status && gone "$1" && return 0
	cat "$TMP/$1.err" "$TMP/$1.out"
	return 1
}

gone()
{
	busywait 10 [ ! -e "$TMP/$1.run" ] || { ls -lA "$TMP/$1.run"; return 1; }
	same "interfaces of $1" "" "$(ip -n "${NS[$1]}" -o link show type mpcnet)" &&
		same "files of $1" "" "$(ls -d /tmp/mpcnet.??????/mp-spdz 2>/dev/null)"
}

# said I LINES: on standard output, and nothing else
said()
{
	same "what $1 said" "$2" "$(<"$TMP/$1.out")"
}

# address I: of that party in the session
address()
{
	sed -n 's/^MPCNET_ADDRESS=//p' "$TMP/$1.out"
}

# one_line I: one sentence on standard error, behind what was waited for
one_line()
{
	same "sentences of $1" 1 "$(grep -c '^mpcnetctl: ' "$TMP/$1.err")"
}

# Commands: what they wait for is there before they do anything else
cat >"$TMP/meet" <<'COMMAND'
touch "$TMP/$PARTY.started"
until [ -e "$TMP/go" ]; do sleep 0.05; done
COMMAND
cat >"$TMP/tell" <<'COMMAND'
#!/bin/sh
. "$TMP/meet"
env | grep ^MPCNET_ | grep -v DIR= | sort
echo "arguments: $*"
cat
COMMAND
cat >"$TMP/reach" <<'COMMAND'
#!/bin/sh
. "$TMP/meet"
ip -4 -o address show dev "$MPCNET_INTERFACE" | grep -q "inet $MPCNET_ADDRESS/" || exit 1
for address in $(echo "$MPCNET_ADDRESSES,$MPCNET_ADDRESSES6" | tr , ' '); do
	ping -n -q -c 1 -i 0.2 -w 5 "$address" || exit 2
done
touch "$TMP/$PARTY.reached"
for i in $(seq "$MPCNET_PARTIES"); do
	until [ -e "$TMP/$i.reached" ]; do sleep 0.05; done
done
COMMAND
# Its name makes it Python
cat >"$TMP/arguments.py" <<'COMMAND'
#!/bin/sh
. "$TMP/meet"
env | grep ^MPCNET_ADDRESS= 
echo "$@"
COMMAND
cat >"$TMP/spdz" <<'COMMAND'
#!/bin/sh
. "$TMP/meet"
env | grep ^MPCNET_ADDRESS=
[ "$1 $2 $4 $5" = "prog --ip-file-name -p $MPCNET_INDEX" ] && [ "$3" = "$MPCNET_CONFIG" ] || exit 9
[ "$(stat -c %a "$3" "${3%/*}" | xargs)" = "600 700" ] || exit 8
cat "$3"
COMMAND
# The shell ends while the kernel still has most of it to send
cat >"$TMP/send" <<'COMMAND'
#!/bin/bash
. "$TMP/meet"
until exec 3<>"/dev/tcp/${MPCNET_ADDRESSES#*,}/9000"; do sleep 0.1; done 2>/dev/null
head -c 300000 /dev/zero >&3
COMMAND
cat >"$TMP/receive" <<'COMMAND'
#!/bin/sh
. "$TMP/meet"
socat -u -T 15 TCP-LISTEN:9000,reuseaddr STDOUT | wc -c
COMMAND
chmod +x "$TMP/send" "$TMP/receive" "$TMP/tell" "$TMP/reach" "$TMP/arguments.py" "$TMP/spdz"

plan 30
own_only
need_module
require perl ping script socat tc
klog_mark
wires 3 || bail "no network"

#
# What it gets to know
#

# two COMMAND1 -- COMMAND2: parties 1 and 2 run these, up to where both have begun
two()
{
	local i first=()

	while [ "$1" != ---- ]; do
		first+=("$1")
		shift
	done
	shift
	ticket 2
	run 1 "${first[@]}"
	run 2 "$@"
	cards 1 2
}

echo "from standard input" >"$TMP/in"
INPUT=$TMP/in two -- "$TMP/tell" 'a b' c ---- -- "$TMP/tell"
check "two parties" go 1 2
check "the first ends" ended 1 0
check "the second ends" ended 2 0
ONE=$(address 1)
TWO=$(address 2)
SIX=$(sed -n 's/^MPCNET_ADDRESSES6=//p' "$TMP/1.out")
DEV=$(sed -n 's/^MPCNET_INTERFACE=//p' "$TMP/1.out")
check "its environment, arguments and input" said 1 "MPCNET_ADDRESS=$ONE
MPCNET_ADDRESSES6=$SIX
MPCNET_ADDRESSES=$ONE,$TWO
MPCNET_HOSTS=$ONE:11365,$TWO:11366
MPCNET_INDEX=0
MPCNET_INTERFACE=$DEV
MPCNET_NAMES=p1,p2
MPCNET_PARTIES=2
MPCNET_PORT=11365
MPCNET_SESSION=lab
arguments: a b c
from standard input"
check "the other's says the same of both" same hosts "$(grep -E 'HOSTS|ADDRESSES|NAMES' "$TMP/1.out")" \
	"$(grep -E 'HOSTS|ADDRESSES|NAMES' "$TMP/2.out")"

two port 4000 -- "$TMP/arguments.py" x ---- format mp-spdz port 4000 -- "$TMP/spdz" prog
go 1 2
check "Python gets MPyC's arguments" ended 1 0
check "MP-SPDZ gets a file, which is gone afterwards" ended 2 0
ONE=$(address 1)
TWO=$(address 2)
check "the arguments" said 1 "MPCNET_ADDRESS=$ONE
x -M 2 -I 0 -P $ONE:4000 -P $TWO:4001"
check "the file" said 2 "MPCNET_ADDRESS=$TWO
$ONE:4000
$TWO:4001"

ticket 3
rm -f "$TMP"/*.reached
for i in 1 2 3; do
	run $i -- "$TMP/reach"
done
cards 1 2 3
check "three parties" go 1 2 3
for i in 1 2 3; do
	check "party $i reaches all others" ended $i 0
done

#
# How it ends
#

# shellcheck disable=SC2016 # for the commands' shells
two -- sh -c '. "$TMP/meet"; exit 7' ---- -- sh -c '. "$TMP/meet"; kill -9 $$'
go 1 2
check "the command's status" ended 1 7
check "a command that is killed" ended 2 137

two -- "$TMP/send" ---- -- "$TMP/receive"
started 1 2
n "${NS[1]}" tc qdisc replace dev eth0 root netem delay 200ms
touch "$TMP/go"
check "a command that ends with data on its way" ended 1 0
ended 2 0 >/dev/null
check "which arrives all the same" said 2 300000
n "${NS[1]}" tc qdisc del dev eth0 root

# shellcheck disable=SC2016
two -- sh -c 'trap "echo got it; exit 3" INT; . "$TMP/meet"' \
	---- -- sh -c 'trap "echo told >>$TMP/told" TERM; . "$TMP/meet"'
started 1 2
kill -INT "${JOB[1]}"
check "a signal is passed on" ended 1 3
check "once" said 1 "got it"
kill -TERM "${JOB[2]}"
busywait 10 [ -s "$TMP/told" ]
kill -INT "${JOB[2]}"
check "a second one kills" ended 2 137

# It ends with how many it got
cat >"$TMP/count" <<'COMMAND'
sub touch { open(my $file, ">", "$ENV{TMP}/$_[0]") or die }
$SIG{INT} = sub { $count++; touch("int") };
touch("$ENV{PARTY}.started");
select(undef, undef, undef, 0.05) until -e "$ENV{TMP}/go";
exit $count;
COMMAND

# ctrl_c I: party I in a terminal of its own, where somebody presses Ctrl-C
ctrl_c()
{
	mkfifo "$TMP/keys"
	exec 8<>"$TMP/keys"
	cat >"$TMP/terminal" <<-COMMAND
	exec mpcnetctl session run "$TICKET" name p$1 index $(($1 - 1)) -- perl "$TMP/count"
	COMMAND
	PARTY=$1 party "$1" script -qec "exec sh $TMP/terminal" /dev/null \
		<"$TMP/keys" >"$TMP/$1.out" 2>"$TMP/$1.err" &
	JOB[$1]=$!
}
ticket 2
ctrl_c 1
# shellcheck disable=SC2016
run 2 -- sh -c '. "$TMP/meet"'
cards 1 2
started 1 2
printf '\003' >&8
check "Ctrl-C in a terminal" busywait 10 [ -e "$TMP/int" ]
touch "$TMP/go"
check "reaches the command once" ended 1 1
ended 2 0 >/dev/null

ticket 2
run 1 -- true
busywait 30 card_out 1
kill -INT "${JOB[1]}"
check "a signal ends the waiting" ended 1 130
check "with a sentence" one_line 1
run 1 wait 1 -- true
check "nobody comes" ended 1 1
check "which is said" one_line 1
check "no such command" same status 127 "$(party 1 mpcnetctl session run "$TICKET" -- \
	nosuch >"$TMP/1.out" 2>"$TMP/1.err"; echo $?)"
check "which is found before anybody joins" [ ! -e "$TMP/1.run" ]

#
# MPyC itself
#

# ballot: three parties count votes; MPyC does not ask for what it can do without
ballot()
{
	local i

	export PYTHONDONTWRITEBYTECODE=1 MPYC_NONUMPY=1 MPYC_NOGMPY=1

	ticket 3
	for i in 1 2 3; do
		run $i -- "$PYTHON" "$DEMO/ballot.py"
	done
	cards 1 2 3 || return 1
	for i in 1 2 3; do
		ended "$i" 0 || return 1
		grep -q '^result: 1. Emmy$' "$TMP/$i.out" || { cat "$TMP/$i.out"; return 1; }
	done
}
if compgen -G "${PYTHON%/bin/*}/lib/python3*/site-packages/mpyc" >/dev/null; then
	check "MPyC" ballot
else
	skip "MPyC" "$PYTHON has none"
fi
check "kernel log" klog_clean
finish
