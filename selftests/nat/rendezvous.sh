#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Postings of the parties reach each other: by brokers (mosquitto; three of
# nats-server as a cluster; false ones of a few lines), and by multicast.
#
#	parties and brokers in one namespace, on 127.0.0.1
#	lan1 192.0.2.1 -- bridge -- lan2 192.0.2.2, lan3 192.0.2.3

# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=../brokers_lib.sh
. "$(dirname "$0")/../brokers_lib.sh"

declare -A PARTY INPUT		# of a party, by its name: process, descriptor
NODE=()				# of a node of the cluster: process
PORT=1883
TLS=8883
USERS=1884
LOSING=1885

# Sets TEST_PARTY, a program with nothing of the daemon but its rendezvous.
find_party()
{
	TEST_PARTY=$(command -v test-rendezvous) && return 0
	TEST_PARTY=$SELFTESTS/../.build/tools/test-rendezvous
	[ ! -x "$TEST_PARTY" ] || return 0
	TEST_PARTY=$TMP/out/test-rendezvous
	make -s -C "$SELFTESTS/../tools" OUT="$TMP/out" "$TEST_PARTY" >"$TMP/cc.out" 2>&1
}

#
# Parties
#

# party_start NAME NS [URL...]
party_start()
{
	local name=$1 ns=$2 fd

	shift 2
	rm -f "$TMP/$name.in"
	mkfifo "$TMP/$name.in"
	ip netns exec "$ns" "$TEST_PARTY" "${SAME[@]}" "$name" "$@" <"$TMP/$name.in" \
		>"$TMP/$name.out" 2>&1 &
	PARTY[$name]=$!
	defer kill "${PARTY[$name]}"
	exec {fd}>"$TMP/$name.in"
	INPUT[$name]=$fd
}

say()
{
	echo "$2" >&"${INPUT[$1]}"
}

# party_end NAME end|close|kill
party_end()
{
	local fd=${INPUT[$1]}

	if [ "$2" = kill ]; then
		kill -KILL "${PARTY[$1]}"
	else
		say "$1" "$2"
	fi
	exec {fd}>&-
	wait "${PARTY[$1]}" 2>/dev/null
	return 0
}

prints()
{
	grep -Eqx -- "$2" "$TMP/$1.out"
}

# hears NAME SECONDS LINE...: extended regular expressions, all of them are printed
hears()
{
	local name=$1 seconds=$2 line

	shift 2
	for line; do
		busywait "$seconds" prints "$name" "$line" && continue
		echo "$name does not print: $line"
		tail -n 8 "$TMP/$name.out"
		return 1
	done
}

forget()
{
	local name

	for name; do
		: >"$TMP/$name.out"
	done
}

lines()
{
	grep -c -- "$2" "$TMP/$1.out"
}

#
# Brokers
#

# What the broker at $PORT is told, "TOPIC MESSAGE" a line, goes to $TMP/told; its
# topics are erased by a message "(null)".
broker_watch()
{
	: >"$TMP/told"
	n "$host" mosquitto_sub -h 127.0.0.1 -p $PORT -t '#' -v >"$TMP/told" 2>/dev/null &
	defer kill $!
}

# keeps MESSAGE: of its topic it is the last, retained or not
keeps()
{
	local topic

	topic=$(sed -n "s/ $1\$//p" "$TMP/told" | tail -n 1)
	[ "$topic" ] && grep "^$topic " "$TMP/told" | tail -n 1 | grep -q "$1"
}

# kept MESSAGE [PORT]: it is retained
kept()
{
	n "$host" mosquitto_sub -h 127.0.0.1 -p "${2:-$PORT}" -t '#' -W 1 --retained-only \
		>"$TMP/retained" 2>/dev/null
	grep -qx "$1" "$TMP/retained"
}

children()
{
	pgrep -P "${PARTY[$1]}" -f worker=broker
}

#
# Tests
#

plain()
{
	local url=mqtt://127.0.0.1:$PORT child

	broker_watch
	party_start ann "$host" "$url"
	say ann "will ann is silent"
	say ann "post ann 1"
	check "plain: the broker takes a posting" hears ann 5 reached
	party_start bob "$host" "$url"
	say bob "post bob 1"
	check "plain: each hears the other" hears bob 5 "got ann 1"
	check "plain: and the other way round" hears ann 5 "got bob 1"
	say ann "post ann 2"
	check "plain: a later posting" hears bob 5 "got ann 2"
	party_start eve "$host" "$url"
	check "plain: who comes late hears the latest" hears eve 5 "got ann 2" "got bob 1"
	check "plain: and nothing else" same postings 2 "$(lines eve got)"
	say bob "long 2048"
	check "plain: the longest posting" hears eve 5 "got x+\.\.\. of 2048"
	say bob "long 2049"
	say bob "post bob 2"
	check "plain: what is longer is not sent" hears eve 5 "got bob 2"
	check "plain: indeed" same postings 4 "$(lines eve got)"

	child=$(children ann)
	check "plain: the child is nobody" same user 65534 "$(stat -c %u "/proc/$child")"
	check "plain: and has no more than it needs" same descriptors "0 1 2" \
		"$(find "/proc/$child/fd" -lname '/dev/null' -o -lname 'socket:*' |
			sed 's/.*\///' | sort -n | head -n 3 | paste -sd' ')"
	refuse "plain: nor arguments that tell anything" \
		grep -aq "$PORT\|mpcnet/" "/proc/$child/cmdline" "/proc/$child/environ"

	forget ann bob eve
	kill -KILL "$child"
	check "will: it is said when the child is killed" hears bob 5 "got ann is silent"
	check "will: another child says what was said last" hears bob 5 "got ann 2"
	forget bob
	party_end ann kill
	check "will: it is said when the daemon is killed" hears bob 5 "got ann is silent"
	check "will: the posting stays" kept "ann 2"

	party_start ann "$host" "$url"
	say ann "post ann 3"
	hears eve 5 "got ann 3"
	forget eve
	party_end bob end
	check "end: the posting is erased" busywait 3 fails keeps "bob 2"
	check "end: the other's is not" keeps "ann 3"
	check "end: no will is said" same postings 0 "$(lines eve got)"
	party_end ann close
	check "close: the posting stays" kept "ann 3"
	party_end eve end
}

again()
{
	local url=mqtt://127.0.0.1:$PORT

	party_start ann "$host" "$url"
	party_start bob "$host" "$url"
	say ann "post ann 1"
	hears bob 5 "got ann 1"
	broker_stop $PORT
	check "again: that the broker is gone is said" hears bob 5 \
		"trouble the broker 127\.0\.0\.1:$PORT .*(closed the connection|refused)"
	say ann "post ann 2"
	forget ann bob
	broker_start "$host" 127.0.0.1 $PORT
	check "again: what was posted meanwhile comes" hears bob 8 "got ann 2"
	check "again: and there is no trouble" hears bob 3 "no trouble"
	party_end ann end
	party_end bob end
}

several()
{
	local urls=(mqtt://nobody.invalid:1 "mqtt://127.0.0.1:$PORT" mqtt://127.0.0.1:9)

	party_start ann "$host" "${urls[@]}"
	party_start bob "$host" "${urls[@]}"
	say ann "post ann 1"
	check "several: one that works is enough" hears bob 5 "got ann 1"
	check "several: what does not work is said" hears bob 15 \
		"trouble the name of the broker nobody\.invalid:1 does not resolve: .* \(of 3 brokers, 2 do not work\)"
	party_end ann end
	party_end bob end
}

# Who may not write is told by MQTT 3.1.1 that it was taken all the same.
losing()
{
	echo "topic read #" >"$TMP/acl"
	broker_start "$host" 127.0.0.1 $LOSING "allow_anonymous true" "acl_file $TMP/acl"
	party_start ann "$host" "mqtt://127.0.0.1:$LOSING"
	say ann "post ann 1"
	check "losing: a broker takes what it does not keep" hears ann 5 reached
	refuse "losing: indeed" kept "ann 1" $LOSING
	echo "topic readwrite #" >"$TMP/acl"
	kill -HUP "${BROKER[$LOSING]}"
	check "losing: it is left there again" busywait 10 kept "ann 1" $LOSING
	party_end ann end
}

users()
{
	mosquitto_passwd -b -c "$TMP/users" alice 'se:cr@t' 2>/dev/null
	broker_start "$host" 127.0.0.1 $USERS "allow_anonymous false" "password_file $TMP/users"
	party_start ann "$host" "mqtt://alice:se:cr@t@127.0.0.1:$USERS"
	say ann "post ann 1"
	check "users: the right password" hears ann 5 reached
	party_start bob "$host" "mqtt://alice:other@127.0.0.1:$USERS"
	check "users: a wrong one" hears bob 5 \
		"trouble the broker 127\.0\.0\.1:$USERS does not admit us: .*"
	party_end ann end
	party_end bob end
}

tls()
{
	local why="trouble the certificate of"

	certificate ca -subj "/CN=authority"
	certificate other -subj "/CN=another authority"
	certificate broker -subj "/CN=broker" -addext "subjectAltName=DNS:localhost" \
		-CA "$TMP/ca.crt" -CAkey "$TMP/ca.key"
	broker_start "$host" 127.0.0.1 $TLS "allow_anonymous true" "certfile $TMP/broker.crt" \
		"keyfile $TMP/broker.key"
	export MPCNET_CA=$TMP/ca.crt
	party_start ann "$host" "mqtts://localhost:$TLS"
	party_start bob "$host" "mqtts://localhost:$TLS"
	say ann "post ann 1"
	check "tls: a broker of our authority" hears bob 5 "got ann 1"
	party_end ann end
	party_end bob end
	party_start ann "$host" "mqtts://127.0.0.1:$TLS"
	check "tls: another name" hears ann 5 "$why 127\.0\.0\.1:$TLS is not valid: .*mismatch; .*"
	party_end ann end
	MPCNET_CA=$TMP/other.crt
	party_start ann "$host" "mqtts://localhost:$TLS"
	say ann "post ann 1"
	check "tls: another authority" hears ann 5 \
		"$why localhost:$TLS is not valid: .*; if its authority is your own, .*MPCNET_CA.*"
	party_end ann end
	MPCNET_CA=$TMP/none
	party_start ann "$host" "mqtts://localhost:$TLS"
	check "tls: no file of that name" hears ann 5 "trouble MPCNET_CA: no certificates .*"
	party_end ann end
	unset MPCNET_CA
	party_start ann "$host" "mqtts://localhost:$PORT"
	check "tls: a broker without" hears ann 5 "trouble .*localhost:$PORT .*TLS.*"
	party_end ann end
	party_start ann "$host" "mqtt://localhost:$TLS"
	check "tls: and the other way round" hears ann 12 \
		"trouble the broker localhost:$TLS closed the connection at once.*"
	party_end ann end
}

#
# A cluster
#

node_conf()
{
	cat <<-CONF
	server_name: node$1
	listen: 127.0.0.1:400$1
	jetstream { store_dir: "$TMP/node$1", max_file: 100M, max_mem: 50M }
	mqtt { listen: 127.0.0.1:500$1 }
	cluster {
		name: test
		listen: 127.0.0.1:600$1
		routes: [nats://127.0.0.1:6001, nats://127.0.0.1:6002, nats://127.0.0.1:6003]
	}
	CONF
}

# It takes its time to begin, and to go on without a node: others are tested
# meanwhile.
cluster_start()
{
	local i

	for i in 1 2 3; do
		node_conf $i >"$TMP/node$i.conf"
		ip netns exec "$host" nats-server -c "$TMP/node$i.conf" >/dev/null 2>&1 &
		NODE[i]=$!
		defer kill "${NODE[i]}"
	done
	SAME=(-s)
	party_start Ann "$host" mqtt://127.0.0.1:5001
	party_start Bob "$host" mqtt://127.0.0.1:5003
	say Ann "post Ann 1"
	say Bob "post Bob 1"
	SAME=()
}

kept_by_others()
{
	local port message

	for port in 5002 5003; do
		for message in "Ann 1" "Bob 1" "Eve 1"; do
			kept "$message" "$port" || return 1
		done
	done
}

cluster_node_dies()
{
	SAME=(-s)
	check "cluster: from node to node" hears Bob 25 "got Ann 1"
	check "cluster: and back" hears Ann 10 "got Bob 1"
	party_start Eve "$host" mqtt://127.0.0.1:5001 mqtt://127.0.0.1:5002 mqtt://127.0.0.1:5003
	say Eve "post Eve 1"
	check "cluster: who comes late, on all nodes" hears Eve 10 "got Ann 1" "got Bob 1"
	hears Bob 5 "got Eve 1"
	busywait 30 kept_by_others || bail "the cluster does not keep what it took"
	kill -KILL "${NODE[1]}"
	wait "${NODE[1]}" 2>/dev/null
	forget Bob Eve
	say Eve "post Eve 2"
	party_start Dan "$host" mqtt://127.0.0.1:5002
	SAME=()
}

cluster_goes_on()
{
	local name

	check "cluster: without one of its nodes" hears Bob 25 "got Eve 2"
	check "cluster: what was left there is not lost" hears Dan 25 "got Ann 1" "got Bob 1" \
		"got Eve 2"
	check "cluster: that a node is gone is said" hears Ann 5 "trouble the broker .*"
	for name in Ann Bob Eve Dan; do
		party_end $name end
	done
}

#
# The local network
#

lan_wires()
{
	local i ns

	setup_ns lan1 lan2 lan3 bridge
	ip -n "$bridge" link add br0 type bridge mcast_snooping 0
	ip -n "$bridge" link set br0 up
	for i in 1 2 3; do
		ns=lan$i
		lan_wire "$i" "${!ns}"
	done
}

# lan_wire I NS
lan_wire()
{
	veth_pair "$bridge" "p$1" "$2" eth0
	ip -n "$bridge" link set "p$1" master br0
	addr "$2" eth0 "192.0.2.$1/24" "fe80::$1/64"
}

lan()
{
	local before name

	lan_wires
	SAME=(-s)
	party_start ann "$lan1"
	party_start bob "$lan2"
	say ann "post ann 1"
	say bob "post bob 1"
	check "lan: each hears the other" hears ann 5 "got bob 1"
	check "lan: and the other way round" hears bob 5 "got ann 1" reached
	party_start abe "$lan1"
	say abe "post abe 1"
	check "lan: two of one host" hears abe 5 "got ann 1" "got bob 1"
	check "lan: and back" hears ann 5 "got abe 1"

	ip -n "$bridge" link del p2
	lan_wire 2 "$lan2"
	forget bob
	check "lan: an interface that went and came" hears bob 10 "got ann 1"
	say bob "post bob 2"
	check "lan: is sent to as well" hears ann 5 "got bob 2"

	busywait 10 is_quiet ann
	forget ann bob abe
	before=$(now_ms)
	party_start eve "$lan3"
	say eve "post eve 1"
	check "lan: who comes late hears all" hears eve 5 "got ann 1" "got bob 2" "got abe 1"
	check "lan: within 1 s" more 1000 $(($(now_ms) - before))
	say eve "long 2048"
	check "lan: the longest posting" hears bob 5 "got x+\.\.\. of 2048"
	lan_flood
	ip -n "$lan1" link set eth0 down
	check "lan: no network" hears ann 8 "trouble there is no local network.*"
	for name in ann bob abe eve; do
		party_end $name end
	done
	SAME=()
}

# Nothing has come for 1.5 s: postings are repeated at long intervals only.
is_quiet()
{
	local last

	last=$(stat -c %.3Y "$TMP/$1.out")
	[ $(($(now_ms) - ${last/./})) -gt 1500 ]
}

# flood_lan HEADER: 20000 datagrams of 40 bytes to the group
flood_lan()
{
	awk -v header="$1" 'BEGIN {
		for (i = 0; i < 20000; i++)
			printf "%s%08d%s", header, i % 300, "strange"
	}' | tr '@' '\0' | n "$lan1" socat -u -b 39 - \
		"UDP4-DATAGRAM:239.255.77.67:21678,ip-multicast-if=192.0.2.1"
}

lan_flood()
{
	local before after

	forget bob
	flood_lan mpcnet2@ssssssssssssssss
	flood_lan mpcnet1@tttttttttttttttt
	say ann "post ann 4"
	hears bob 5 "got ann 4"
	check "lan flood: what is of no session is nobody's" same postings 0 "$(lines bob strange)"
	before=$(now_ms)
	flood_lan mpcnet1@ssssssssssssssss
	say ann "post ann 5"
	check "lan flood: a party is heard all the same" hears bob 8 "got ann 5"
	after=$(now_ms)
	check "lan flood: something of it comes" more "$(lines bob strange)" 100
	check "lan flood: but not more than 1000, and 200 a second" \
		more $((1000 + (after - before) / 5 + 50)) "$(lines bob strange)"
}

#
# Those who mean no good
#

# flood TOPIC-PREFIX TOPICS COUNT RETAIN [BYTES]: a client that does no good
flood()
{
	LC_ALL=C awk -v prefix="$1" -v topics="$2" -v count="$3" -v retain="$4" -v size="${5:-20}" '
	function number(n) { printf "%c%c", int(n / 256), n % 256 }
	function varint(n) {
		while (n > 127) {
			printf "%c", n % 128 + 128
			n = int(n / 128)
		}
		printf "%c", n
	}
	BEGIN {
		printf "%c%c", 16, 17
		number(4)
		printf "MQTT%c%c%c%c", 4, 2, 0, 60
		number(5)
		printf "flood"
		for (body = "junk "; length(body) < size; )
			body = body body
		body = substr(body, 1, size)
		for (i = 0; i < count; i++) {
			topic = prefix sprintf("%016x", i % topics)
			printf "%c", 48 + retain
			varint(2 + length(topic) + size)
			number(length(topic))
			printf "%s%s", topic, body
		}
		printf "%c%c", 224, 0
	}' | n "$host" socat -t 0.2 - "TCP4:127.0.0.1:$PORT" >/dev/null
}

hostile()
{
	local url=mqtt://127.0.0.1:$PORT prefix before after child passed

	party_start ann "$host" "$url"
	party_start bob "$host" "$url"
	say ann "post ann 1"
	say bob "post bob 1"
	hears bob 5 "got ann 1"
	hears ann 5 "got bob 1"
	prefix=$(n "$host" mosquitto_sub -h 127.0.0.1 -p $PORT -t 'mpcnet/1/+/+' -v -W 1 2>/dev/null |
		sed -n 's/ ann 1$//p' | tail -n 1)
	prefix=${prefix%/*}/
	child=$(children bob)

	before=$(now_ms)
	flood "$prefix" 1 20000 0
	flood "$prefix" 5000 20000 0
	say ann "post ann 2"
	check "flood: a party is heard all the same" hears bob 3 "got ann 2"
	flood "$prefix" 5000 5000 1
	flood "$prefix" 3 30 0 1000000
	flood "$prefix" 3 30 1 100000
	say ann "post ann 3"
	check "flood: with long ones" hears bob 3 "got ann 3"
	after=$(now_ms)
	passed=$(lines bob junk)
	check "flood: something of it comes" more "$passed" 100
	check "flood: but not more than 1000, and 200 a second" \
		more $((1000 + (after - before) / 5 + 50)) "$passed"
	check "flood: not of more than 256 topics" more 257 \
		"$(sort -u "$TMP/bob.out" | wc -l)"
	check "flood: the child is the same" same child "$child" "$(children bob)"
	check "flood: it has not grown" more 40000 \
		"$(awk '/VmData/ { print $2 }' "/proc/$child/status")"
	forget bob
	flood "${prefix}x/" 100 1000 0
	flood "mpcnet/1/" 100 1000 0
	flood "${prefix%?}" 100 1000 0
	say ann "post ann 4"
	hears bob 3 "got ann 4"
	check "flood: other topics are nobody's" same postings 0 "$(lines bob junk)"
	party_end ann end
	party_end bob end
}

# false_broker PORT BYTES: by printf, what it says to whoever comes
false_broker()
{
	cat >"$TMP/false$1" <<-SCRIPT
	head -c 10 >/dev/null
	printf '$2'
	exec cat >/dev/null
	SCRIPT
	bg ip netns exec "$host" socat "TCP4-LISTEN:$1,bind=127.0.0.1,reuseaddr,fork" \
		EXEC:"bash $TMP/false$1"
	busywait 5 listens "$host" "$1"
}

false_brokers()
{
	local admit='\x20\x02\x00\x00\x90\x03\x00\x01\x01' child

	false_broker 7001 "HTTP/1.1 400 Bad Request\\r\\n\\r\\n<html>$(printf '%0120d' 0)</html>"
	false_broker 7002 "$admit"'\x30\xff\xff\xff\x7f'
	false_broker 7003 "$admit"'\x30\x05\xff\xff\xff\xff\xff'
	party_start ann "$host" mqtt://127.0.0.1:7001
	party_start bob "$host" mqtt://127.0.0.1:7002
	party_start eve "$host" mqtt://127.0.0.1:7003
	check "false broker: it speaks HTTP" hears ann 12 "trouble the broker .* speaks no MQTT .*"
	check "false broker: a packet of 256 MB" hears bob 5 \
		"trouble the broker .* sends more at once than any party does"
	check "false broker: garbage" hears eve 5 "trouble the broker .* (speaks no MQTT|closed).*"
	child=$(children bob)
	check "false broker: the child lives on" more "${child:-0}" 0
	party_end ann end
	party_end bob end
	party_end eve end
}

plan 68
require mosquitto mosquitto_sub mosquitto_passwd nats-server openssl socat ss
[ "$(id -u)" -eq 0 ] || skip_all "root is needed"
find_party || skip_all "the party cannot be built: $(grep -m 1 error "$TMP/cc.out")"
setup_ns host
SAME=()

broker_start "$host" 127.0.0.1 $PORT || bail "mosquitto does not start"
cluster_start
plain
again
several
losing
users
tls
cluster_node_dies
hostile
false_brokers
lan
cluster_goes_on
finish
