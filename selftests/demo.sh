#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demonstration in short: three parties run the ballot over the tunnel and
# get the right result, the wiretap sees no plaintext, and each check of the
# demonstration fails where it must. Takes a minute on an emulated processor.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

DEMO=$SELFTESTS/demo
PYTHON=${PYTHON:-$SELFTESTS/../.build/venv/bin/python}
export PYTHON TIMEOUT=120 CAPTURES=$TMP/captures

# parties_fail LINE PROGRAM: over plain wires; LINE is the one line on stderr
parties_fail()
{
	local line

	line=$(CAPTURES='' MPCNET_KIND=plain "$DEMO/parties" "$2" 2>&1 >"$TMP/out")
	same status 1 $? && same stderr "demo: $1" "$line"
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

nothing_left()
{
	same namespaces "$1" "$(ip netns list | sort)" &&
		! grep -s '^tcpdump$' /proc/[0-9]*/comm &&
		! grep -lsa '[b]allot.py' /proc/[0-9]*/cmdline
}

plan 10
[ "$MPCNET_KIND" = plain ] || need_module
require tcpdump
compgen -G "${PYTHON%/bin/*}/lib/python3*/site-packages/mpyc" >/dev/null ||
	skip_all "$PYTHON has no MPyC"
mkdir -p "$CAPTURES"
TAP=$(helper wiretap) || skip_all "wiretap.c does not build"
before=$(ip netns list | sort)

"$DEMO/parties" "$DEMO/ballot.py" >"$TMP/ballot" 2>&1
check "ballot of three parties over the tunnel" same status 0 $? ||
	diag "$(cat "$TMP/ballot")"
check "the right candidate won" \
	test "$(grep -c 'result: 1. Emmy' "$TMP/ballot")" -eq 3
check "wiretap saw no plaintext" \
	grep -E 'no plaintext found: [1-9][0-9]* inner payloads searched in [1-9]' "$TMP/ballot"
check "six sides of links in the table" \
	test "$(grep -cE '192\.0\.2\.[123]:500.* s ago .* ms$' "$TMP/ballot")" -eq 6

secret && leak 16
check "wiretap finds what leaks" wiretap_says 1 '^plaintext found:' "$TMP/leak.pcap"
head -c $(($(stat -c %s "$CAPTURES/wire.pcap") - 9)) "$CAPTURES/wire.pcap" >"$TMP/cut.pcap"
check "wiretap refuses a broken capture" wiretap_says 2 'ends within' "$TMP/cut.pcap"
tcpdump -nr "$CAPTURES/wire.pcap" -c 100 -w "$TMP/part.pcap" 2>/dev/null
check "wiretap refuses a capture of a part" wiretap_says 2 'not captured' "$TMP/part.pcap"

cat >"$TMP/plain.py" <<'PROGRAM'
import socket
import sys
host, port = sys.argv[sys.argv.index('-P') + 1].split(':')
if sys.argv[sys.argv.index('-I') + 1] == '0':
    server = socket.create_server((host, int(port)))
    for _ in range(2):
        server.accept()[0].recv(100)
else:
    client = socket.socket()
    while client.connect_ex((host, int(port))):
        client = socket.socket()
    client.sendall(b'a share of a secret')
PROGRAM
check "plain wires are found out" parties_fail \
	"plaintext was found between the parties" "$TMP/plain.py"
cat >"$TMP/bad.py" <<'PROGRAM'
import sys
if sys.argv[sys.argv.index('-I') + 1] == '1':
    sys.exit('no share')
PROGRAM
check "a party that fails is named" parties_fail \
	"party 1 failed with status 1: no share" "$TMP/bad.py"
check "nothing is left" nothing_left "$before"
finish
