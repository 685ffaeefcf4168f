#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mpcnetctl peer: every word does what it says, a refusal changes nothing and
# says why in one line.

# Commands in single quotes are for eval.
# shellcheck disable=SC2016
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=ctl_lib.sh
. "$(dirname "$0")/ctl_lib.sh"

plan 42
require jq
need_module
own_only
klog_mark
setup_ns a
key_new 1 2 3
psk_new p
P=${PUB[2]}
export MPCNET_ENDPOINT_RESOLUTION_RETRIES=0

is()
{
	same "$1" "$2" "$(ctl -j peer show mpc0 "$P" | jq -c ".[0]$1")"
}

# sets WORDS FIELD VALUE: peer set with these words makes the field this
sets()
{
	# shellcheck disable=SC2086 # words of a command
	ctl peer set mpc0 "$P" $1 && is "$2" "$3"
}

ctl link add mpc0 private-key "${KEY[1]}" listen-port 5001 || bail "no interface"
check "no peers" same peers '[]' "$(ctl -j peer show mpc0 | jq -c .)"
check "set what is not there" told 1 'no such peer: mpcnetctl peer add' peer set mpc0 "$P" roam on
check "remove what is not there" told 1 'no such peer' peer del mpc0 "$P"
check "show what is not there" told 1 'no such peer' peer show mpc0 "$P"
check "the interface's own key" told 1 'own public key' peer add mpc0 "${PUB[1]}"
check "a peer is added" ctl peer add mpc0 "$P"
check "a second time it is refused" told 1 'already: mpcnetctl peer set' peer add mpc0 "$P"
check "it has no endpoint" is .endpoint null
check "it never had a handshake" is '|[.latest_handshake,.handshake_age]' '[null,null]'
check "it is idle" is .state '"idle"'
check "it roams" is .roam true
check "it has no psk" is .psk false
check "all its counters are 0" is '.drops | add' 0
check "endpoint" sets "endpoint 192.0.2.1:51820" .endpoint '"192.0.2.1:51820"'
check "endpoint, IPv6" sets "endpoint [2001:db8::1]:5" .endpoint '"[2001:db8::1]:5"'
check "endpoint by name" sets "endpoint localhost:6" '.endpoint|test("^(127.0.0.1|\\[::1\\]):6$")' true
check "allowed-ips" sets "allowed-ips 10.0.0.0/8,fd00::/64" '.allowed_ips|sort' '["10.0.0.0/8","fd00::/64"]'
check "allowed-ips takes the place of those before" sets "allowed-ips 10.1.2.3" .allowed_ips '["10.1.2.3/32"]'
check "allowed-ips clears the bits of the host" sets "allowed-ips 10.1.2.3/8" .allowed_ips '["10.0.0.0/8"]'
check "allowed-ips +" sets "allowed-ips +fd00::1" '.allowed_ips|sort' '["10.0.0.0/8","fd00::1/128"]'
check "allowed-ips -" sets "allowed-ips -10.9.9.9/8" .allowed_ips '["fd00::1/128"]'
check "allowed-ips none" sets "allowed-ips none" .allowed_ips '[]'
check "allowed-ips of the empty string" eval 'ctl peer set mpc0 "$P" allowed-ips "" && is .allowed_ips "[]"'
check "keepalive" sets "keepalive 25" .keepalive 25
check "keepalive off" sets "keepalive off" .keepalive null
check "roam off" sets "roam off" .roam false
check "roam on" sets "roam on" .roam true
check "psk" sets "psk ${KEY[p]}" .psk true
check "a psk is not shown" eval '! { ctl peer show mpc0; ctl -j peer show mpc0; } | grep -F "$(<"${KEY[p]}")"'
check "psk off" sets "psk off" .psk false
check "relay" sets "relay 192.0.2.9:3478 channel 0x4001" '|[.relay,.channel,.relayed]' '["192.0.2.9:3478",16385,true]'
check "the text shows the relay" expect 'relay 192.0.2.9:3478 channel 0x4001 in use' ctl peer show mpc0
check "an endpoint beside a relay" sets "endpoint 192.0.2.1:1" '|[.relay,.relayed]' '["192.0.2.9:3478",false]'
taken()
{
	ctl peer add mpc0 "${PUB[3]}" || return 1
	told 1 'this channel already' peer set mpc0 "${PUB[3]}" relay 192.0.2.9:3478 channel 0x4001
}
check "the kernel's reason is told" taken
check "relay off" sets "relay off" '|[.relay,.channel,.relayed]' '[null,null,false]'
check "a name that is none" told 1 'endpoint: cannot find the address' peer set mpc0 "$P" endpoint nosuch.invalid:1
nothing_changed()
{
	local before after

	before=$(ctl -j peer show mpc0)
	told 2 'roam: expected on or off' peer set mpc0 "$P" keepalive 9 roam yes || return 1
	told 1 'cannot open' peer set mpc0 "$P" keepalive 9 psk "$TMP/nosuch" || return 1
	after=$(ctl -j peer show mpc0)
	same peers "$before" "$after"
}
check "a refusal changes nothing" nothing_changed
retries()
{
	local lines

	# No name server answers in this namespace.
	ctl peer set mpc0 "$P" endpoint a.example:1 2>"$TMP/err" && return 1
	lines=$(MPCNET_ENDPOINT_RESOLUTION_RETRIES=1 ctl peer set mpc0 "$P" endpoint a.example:1 2>&1 |
		grep -c 'trying again in 1.0 s')
	[ "$lines" = 1 ] || ! grep -q 'emporary' "$TMP/err"
}
check "a name that may be found later is tried again" retries
check "no interface of that name" told 1 'no interface mpc9' peer add mpc9 "$P"
check "an interface of another kind" told 1 'lo is no interface of mpcnet' peer show lo
check "peer del" eval 'ctl peer del mpc0 "$P" && told 1 "no such peer" peer show mpc0 "$P"'
check "the kernel did not complain" klog_clean
finish
