#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# wg(8), a controller that differs in the family's and the kind's name only:
# the same commands to the in-kernel WireGuard and to mpcnet, whose every
# answer, exit status and error text must be equal.
MPCNET_TOOL=wg
. "$(dirname "$0")/lib.sh"

plan 13
require wg
need_module
[ "$MPCNET_KIND" = mpcnet ] || skip_all "compares mpcnet with WireGuard"
modprobe -q wireguard || skip_all "no in-kernel WireGuard to compare with"

setup_ns theirs ours
# shellcheck disable=SC2154 # set by setup_ns
ip -n "$theirs" link add w0 type wireguard || skip_all "no WireGuard"
# shellcheck disable=SC2154
ip -n "$ours" link add w0 type mpcnet || exit 1

# A key of each number, the same on both sides of the comparison.
key()
{
	printf 'mpcnet netlink test key number %s' "$1" | head -c 32 | base64
}

for i in 1 2 3; do
	key "$i" >"$TMP/key$i"
	chmod 600 "$TMP/key$i"
	PEER[i]=$(wg pubkey <"$TMP/key$i")
done

cat >"$TMP/conf" <<CONF
[Interface]
PrivateKey = $(cat "$TMP/key1")
ListenPort = 5151
FwMark = 0x51
[Peer]
PublicKey = ${PEER[2]}
PresharedKey = $(cat "$TMP/key3")
AllowedIPs = 10.0.0.0/8, fd00::/8
Endpoint = [2001:db8::1]:99
PersistentKeepalive = 25
[Peer]
PublicKey = ${PEER[3]}
AllowedIPs = 10.1.0.0/16
CONF

# equal NAME ARG...: wg ARG... says the same on both sides
equal()
{
	local name=$1 a b

	shift
	a=$(n "$theirs" wg "$@" 2>&1; echo "status $?")
	b=$(n "$ours" "$TMP/wg" "$@" 2>&1; echo "status $?")
	[ "$a" = "$b" ] && a=$(n "$theirs" wg show w0 dump 2>&1) &&
		b=$(n "$ours" "$TMP/wg" show w0 dump 2>&1)
	check "$name" same "wg $*" "$a" "$b"
}

equal "empty interface" showconf w0
equal "key, port and mark" set w0 private-key "$TMP/key1" listen-port 4151 \
	fwmark 0x99
equal "peer with everything" set w0 peer "${PEER[2]}" \
	preshared-key "$TMP/key3" endpoint 192.0.2.1:7 \
	persistent-keepalive 9 allowed-ips 10.0.0.0/24,fd00::/64
equal "allowed IPs move" set w0 peer "${PEER[3]}" allowed-ips 10.0.0.0/24
equal "configuration file" setconf w0 "$TMP/conf"
equal "added file" addconf w0 "$TMP/conf"
equal "synced file" syncconf w0 "$TMP/conf"
equal "peer removed" set w0 peer "${PEER[3]}" remove
equal "showconf" showconf w0
equal "no such interface" set nosuch0 listen-port 1
equal "another kind of interface" set lo listen-port 1
equal "all interfaces" show interfaces

# The socket belongs where the request came from, not where the interface went.
# born KIND: the maker's namespace has the socket
born()
{
	ip -n "$ours" link add b0 netns "$theirs" type "$1" &&
		ip -n "$theirs" link set b0 up &&
		n "$ours" ss -Hlun | grep -q . && ! n "$theirs" ss -Hlun | grep -q .
}

ip -n "$theirs" link del w0
ip -n "$ours" link del w0
if born wireguard && ip -n "$theirs" link del b0; then
	check "interface made into another namespace" born mpcnet
else
	skip "interface made into another namespace" "WireGuard differs"
fi
finish
