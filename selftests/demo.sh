#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demonstration: three parties behind three NATs run the ballot and get the
# right result, the wiretap sees no plaintext, nothing stays, and each check of
# the demonstration fails where it must.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

DEMO=$SELFTESTS/demo
PYTHON=${PYTHON:-$SELFTESTS/../.build/venv/bin/python}
export PYTHON TIMEOUT=200 CAPTURES=$TMP/captures

# complaints COUNT: there are so many
complaints()
{
	same complaints "$1" "$(wc -l <"$TMP/complaints")" || { cat "$TMP/complaints"; return 1; }
}

# complains WHAT: on stderr, in a line of its own
complains()
{
	grep -qx "demo: $1" "$TMP/complaints" && return 0
	cat "$TMP/complaints"
	tail -n 30 "$TMP/bad"
	return 1
}

# wiretap_says STATUS WORDS WIRE
wiretap_says()
{
	"$TAP" "$3" "$CAPTURES"/inner*.pcap >"$TMP/out" 2>&1
	same status "$1" $? && grep "$2" "$TMP/out" && return 0
	cat "$TMP/out"
	return 1
}

# leak BYTES: into the last frame of a copy of the wire, which is a ping, copy
# bytes that the parties exchanged inside; each frame of inner0 ends in payload
leak()
{
	local end
	end=$(stat -c %s "$CAPTURES/wire.pcap")
	cp "$CAPTURES/wire.pcap" "$TMP/leak.pcap"
	tail -c "$1" "$TMP/secret" |
		dd of="$TMP/leak.pcap" bs=1 seek=$((end - $1)) conv=notrunc status=none
}

# secret: the payload of an inner packet that has one of sixteen bytes or more
secret()
{
	tcpdump -nr "$CAPTURES/inner0.pcap" -c 1 -w "$TMP/one.pcap" \
		'tcp and greater 140' 2>/dev/null
	tail -c 16 "$TMP/one.pcap" >"$TMP/secret"
	[ "$(wc -c <"$TMP/secret")" -eq 16 ]
}

# sides HOW: of how many links the table says so
sides()
{
	grep -cE "^  (alice|bob|carol) +(alice|bob|carol) +$1 " "$TMP/ballot"
}

# surroundings: namespaces, and processes that the demonstration starts
surroundings()
{
	ip netns list | sort
	pgrep -fa '^(tcpdump|mpcnetd|mosquitto|turnserver) |[b]allot\.py' | sort
}

plan 16
own_only
need_module
require tcpdump nft turnserver openssl jq mosquitto mosquitto_sub
compgen -G "${PYTHON%/bin/*}/lib/python3*/site-packages/mpyc" >/dev/null ||
	skip_all "$PYTHON has no MPyC"
mkdir -p "$CAPTURES"
TAP=$(helper wiretap) || skip_all "wiretap.c does not build"
before=$(surroundings)

"$DEMO/parties" "$DEMO/ballot.py" >"$TMP/ballot" 2>&1
check "ballot of three parties behind three NATs" same status 0 $? ||
	diag "$(cat "$TMP/ballot")"
check "the right candidate won" \
	test "$(grep -c 'result: 1. Emmy' "$TMP/ballot")" -eq 3
check "wiretap saw no plaintext" \
	grep -E 'no plaintext found: [1-9][0-9]* inner payloads searched in [1-9]' "$TMP/ballot"
check "two links are direct, at both sides" same sides 4 "$(sides direct)"
check "one is relayed" same sides 2 "$(sides relayed)"
check "and was seen so" grep -E '[1-9][0-9]* of both by the relay' "$TMP/ballot"
check "three machines are what they were" same machines 3 \
	"$(grep -cE ': nothing: [1-9][0-9]{2,} lines are what they were' "$TMP/ballot")"

secret && leak 16
check "wiretap finds what leaks" wiretap_says 1 '^plaintext found:' "$TMP/leak.pcap"
head -c $(($(stat -c %s "$CAPTURES/wire.pcap") - 9)) "$CAPTURES/wire.pcap" >"$TMP/cut.pcap"
check "wiretap refuses a broken capture" wiretap_says 2 'ends within' "$TMP/cut.pcap"
tcpdump -nr "$CAPTURES/wire.pcap" -c 100 -w "$TMP/part.pcap" 2>/dev/null
check "wiretap refuses a capture of a part" wiretap_says 2 'not captured' "$TMP/part.pcap"

# What is said to alice inside is said outside as well, an address stays with
# her, and bob fails.
cat >"$TMP/bad.py" <<'PROGRAM'
import socket
import subprocess
import sys
SECRET = b'a share of a secret'
host, port = sys.argv[sys.argv.index('-P') + 1].split(':')
me = sys.argv[sys.argv.index('-I') + 1]
if me == '0':
    subprocess.run('ip address add 192.0.2.7/32 dev lo', shell=True, check=True)
    server = socket.create_server((host, int(port)))
    for other in [server.accept()[0] for _ in range(2)]:
        other.recv(100)
        other.sendall(SECRET)
else:
    client = socket.socket()
    while client.connect_ex((host, int(port))):
        client = socket.socket()
    client.sendall(SECRET)
    client.recv(100)
    socket.socket(type=socket.SOCK_DGRAM).sendto(SECRET, ('45.45.1.2', 9))
    if me == '1':
        sys.exit('no share')
PROGRAM
CAPTURES='' "$DEMO/parties" "$TMP/bad.py" >"$TMP/bad" 2>"$TMP/complaints"
check "what goes wrong is found out" same status 1 $?
check "a party that fails is named" complains "bob failed with status 1: no share"
check "so is plaintext" complains "plaintext was found between the parties"
check "and a machine that is not what it was" complains \
	"the machine of alice is not what it was"
check "and nothing else" complaints 3
check "nothing is left" same surroundings "$before" "$(surroundings)"
finish
