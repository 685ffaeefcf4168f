#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# WireGuard's files of configuration: set, add, sync and show.

# Commands in single quotes are for eval.
# shellcheck disable=SC2016
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=ctl_lib.sh
. "$(dirname "$0")/ctl_lib.sh"

plan 36
require jq
need_module
own_only
klog_mark
setup_ns a
key_new 1 2 3 4
psk_new p
umask 077
export MPCNET_ENDPOINT_RESOLUTION_RETRIES=0

whole_file()
{
	cat <<-CONF
	# a comment
	[interface]
	privatekey = $(<"${KEY[1]}")
	ListenPort = 5001	# another
	FwMark = 0x20

	[Peer]
	PublicKey = ${PUB[2]}
	PresharedKey = $(<"${KEY[p]}")
	Endpoint = 192.0.2.2:5002
	AllowedIPs = 10.0.0.2/32, fd00::2
	AllowedIPs = 10.2.0.0/16
	PersistentKeepalive = 25
	[PEER]
	PublicKey = ${PUB[3]}
	Endpoint = [2001:db8::3]:5003
	AllowedIPs = 10.0.0.3/32
	CONF
}

field()
{
	ctl -j link show mpc0 | jq -c ".[0]$1"
}

is()
{
	same "$1" "$2" "$(field "$1")"
}

peer_is()
{
	same "$2" "$3" "$(field ".peers | map(select(.public_key == \"$1\"))[0] | $2")"
}

# applies VERB TEXT: the file is taken from standard input
applies()
{
	printf '%b' "$2" | ctl conf "$1" mpc0
}

# refused VERB PATTERN TEXT: one line that says which line of the file and why,
# and nothing has changed
refused()
{
	local before status

	before=$(ctl conf show mpc0 private-key)
	printf '%b' "$3" | ctl conf "$1" mpc0 2>"$TMP/err"
	status=$?
	cat "$TMP/err"
	same status 1 "$status" && same lines 1 "$(wc -l <"$TMP/err")" || return 1
	grep -Eq -- "$2" "$TMP/err" || return 1
	same file "$before" "$(ctl conf show mpc0 private-key)"
}

whole_file >"$TMP/whole.conf"
check "no interface to set" expect 'no interface mpc0' ctl conf set mpc0 "$TMP/whole.conf"
ctl link add mpc0 || bail "no interface"
check "a whole file is set" ctl conf set mpc0 "$TMP/whole.conf"
check "the interface is as it says" is '|[.public_key,.listen_port,.fwmark]' "[\"${PUB[1]}\",5001,32]"
check "it has both peers" is '.peers | length' 2
check "the first is as it says" peer_is "${PUB[2]}" \
	'[.endpoint, .keepalive, .psk, (.allowed_ips | sort)]' \
	'["192.0.2.2:5002",25,true,["10.0.0.2/32","10.2.0.0/16","fd00::2/128"]]'
check "the second is as it says" peer_is "${PUB[3]}" '[.endpoint, .keepalive, .psk, .allowed_ips]' \
	'["[2001:db8::3]:5003",null,false,["10.0.0.3/32"]]'

# What is shown
check "show leaves out the private key" fails eval 'ctl conf show mpc0 | grep -F "$(<"${KEY[1]}")"'
check "show hides the pre-shared key" fails eval 'ctl conf show mpc0 | grep -F "$(<"${KEY[p]}")"'
check "show gives both if asked for by name" eval \
	'ctl conf show mpc0 private-key >"$TMP/full" && grep -qF "$(<"${KEY[1]}")" "$TMP/full" && grep -qF "$(<"${KEY[p]}")" "$TMP/full"'
to_file()
{
	(umask 0; ctl conf show mpc0 "$TMP/out.conf" private-key) || return 1
	same mode 600 "$(stat -c %a "$TMP/out.conf")" && cmp "$TMP/out.conf" "$TMP/full"
}
check "show writes a file of mode 0600" to_file
full_disk()
{
	expect 'No space left' eval 'ctl conf show mpc0 >/dev/full'
}
check "a full disk is told" full_disk
round_trip()
{
	ctl link add mpc1 || return 1
	sed 's/^ListenPort.*//' "$TMP/full" | ctl conf set mpc1 || return 1
	diff <(grep -v ListenPort "$TMP/full") <(ctl conf show mpc1 private-key | grep -v ListenPort)
}
check "what is shown can be set again" round_trip
ctl link del mpc1
if command -v wg >/dev/null && renamed_wg "$TMP/wg"; then
	check "WireGuard's own tool reads it" n "$a" "$TMP/wg" setconf mpc0 "$TMP/full"
	check "what that tool shows can be set" eval 'n "$a" "$TMP/wg" showconf mpc0 | ctl conf set mpc0'
else
	skip "WireGuard's own tool reads it" "wg is not installed"
	skip "what that tool shows can be set" "wg is not installed"
fi
check "all is as before" eval 'diff "$TMP/full" <(ctl conf show mpc0 private-key)'
hidden()
{
	ctl conf show mpc0 >"$TMP/hidden" || return 1
	ctl conf set mpc0 "$TMP/hidden" && ctl conf sync mpc0 "$TMP/hidden" || return 1
	diff "$TMP/full" <(ctl conf show mpc0 private-key)
}
check "hidden keys stay as they are" hidden
check "a hidden key that is not there" refused set 'line 3: PresharedKey is hidden' \
	"[Peer]\nPublicKey = ${PUB[4]}\nPresharedKey = (hidden)\n"

# What is refused
check "a key of wg-quick" refused set 'line 2: Address belongs to wg-quick; set it with: ip address add' \
	'[Interface]\nAddress = 10.0.0.1/24\n'
check "a key that is none" refused add 'line 3: expected PublicKey' \
	"[Peer]\nPublicKey = ${PUB[2]}\nColour = red\n"
check "a good peer before a bad line" refused add 'line 5: AllowedIPs: expected ADDRESS' \
	"[Peer]\nPublicKey = ${PUB[4]}\n[Peer]\nPublicKey = ${PUB[2]}\nAllowedIPs = 10.0.0.0/33\n"
check "a peer without a key" refused sync 'line 1: this \[Peer\] has no PublicKey' \
	'[Peer]\nAllowedIPs = 10.0.0.1\n'
check "a name that is none" refused set 'line 3: Endpoint: cannot find the address' \
	"[Peer]\nPublicKey = ${PUB[2]}\nEndpoint = nosuch.invalid:1\n"
check "no such file" expect 'cannot open' ctl conf set mpc0 "$TMP/nosuch"
warns()
{
	cp "$TMP/full" "$TMP/open.conf"
	chmod 644 "$TMP/open.conf"
	expect "others can reach it: chmod 600 $TMP/open.conf" ctl conf sync mpc0 "$TMP/open.conf"
}
check "a warning for a file that others can read" warns

# add
check "add a peer" eval 'applies add "[Peer]\nPublicKey = ${PUB[4]}\nAllowedIPs = 10.0.0.4\n" && is ".peers | length" 3'
check "add to a peer" eval \
	'applies add "[Peer]\nPublicKey = ${PUB[4]}\nAllowedIPs = +10.4.0.0/16\n" && peer_is "${PUB[4]}" ".allowed_ips | sort" "[\"10.0.0.4/32\",\"10.4.0.0/16\"]"'
check "take from a peer" eval \
	'applies add "[Peer]\nPublicKey = ${PUB[4]}\nAllowedIPs = -10.0.0.4\n" && peer_is "${PUB[4]}" .allowed_ips "[\"10.4.0.0/16\"]"'
check "+ and - are for add" refused sync 'line 3: AllowedIPs: \+ and - are for conf add' \
	"[Peer]\nPublicKey = ${PUB[4]}\nAllowedIPs = +10.0.0.4\n"

# sync
check "sync removes what the file lacks" eval 'ctl conf sync mpc0 "$TMP/full" && diff "$TMP/full" <(ctl conf show mpc0 private-key)'
check "sync changes what differs" eval \
	'sed "s/5002/5009/; s/= 25/= 9/; s/10.2.0.0/10.3.0.0/" "$TMP/full" >"$TMP/other" && ctl conf sync mpc0 "$TMP/other" && diff <(grep -v Allowed "$TMP/other") <(ctl conf show mpc0 private-key | grep -v Allowed)'
check "it moves allowed IPs" peer_is "${PUB[2]}" '.allowed_ips | sort' '["10.0.0.2/32","10.3.0.0/16","fd00::2/128"]'
check "an empty file removes all peers" eval 'ctl conf sync mpc0 /dev/null && is ".peers | length" 0'
check "and leaves key and port" is '|[.public_key,.listen_port,.fwmark]' "[\"${PUB[1]}\",5001,0]"
ctl link del mpc0

undisturbed()
{
	mesh 2 && ping_ok "${NS[1]}" 10.77.0.2 || return 1
	n "${NS[1]}" mpcnetctl conf show mpc0 "$TMP/mesh.conf" private-key || return 1
	printf '[Peer]\nPublicKey = %s\nAllowedIPs = 10.77.0.9\n' "${PUB[4]}" >>"$TMP/mesh.conf"
	before=$(peer_field "${NS[1]}" mpc0 "${PUB[2]}" handshake)
	n "${NS[1]}" mpcnetctl conf sync mpc0 "$TMP/mesh.conf" || return 1
	same state session "$(peer_field "${NS[1]}" mpc0 "${PUB[2]}" state)" || return 1
	ping_ok "${NS[1]}" 10.77.0.2 || return 1
	same handshake "$before" "$(peer_field "${NS[1]}" mpc0 "${PUB[2]}" handshake)"
}
check "sync leaves a session as it is" undisturbed
again()
{
	n "${NS[1]}" mpcnetctl conf set mpc0 "$TMP/mesh.conf" || return 1
	same handshake 0 "$(peer_field "${NS[1]}" mpc0 "${PUB[2]}" handshake)" || return 1
	ping_ok "${NS[1]}" 10.77.0.2
}
check "set makes it anew" again
check "the kernel did not complain" klog_clean
finish
