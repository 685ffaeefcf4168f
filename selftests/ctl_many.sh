#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ten thousand peers, and one with thousands of allowed IPs: set, shown and
# changed whole.

# Commands in single quotes are for eval.
# shellcheck disable=SC2016
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=ctl_lib.sh
. "$(dirname "$0")/ctl_lib.sh"

COUNT=10000

plan 8
require jq awk
need_module
own_only
klog_mark
setup_ns a
key_new 1

# Any 32 bytes are a public key.
many_conf()
{
	head -c $((33 * COUNT)) /dev/urandom | basenc --base64 -w 44 |
		awk -v count=$COUNT 'NR <= count {
			i = NR - 1
			printf "[Peer]\nPublicKey = %sA=\n", substr($0, 1, 42)
			printf "AllowedIPs = 10.%d.%d.0/24, fd00:%x::/64\n", i / 256, i % 256, i + 1
			printf "Endpoint = 192.0.2.1:%d\n", 1000 + i
		}'
	echo "[Peer]"
	echo "PublicKey = ${PUB[1]}"
	awk 'BEGIN { for (i = 0; i < 5000; i++) printf "AllowedIPs = 172.16.%d.%d\n", i / 256, i % 256 }'
}

many_conf >"$TMP/many.conf"
ctl link add mpc0 || bail "no interface"
check "$COUNT peers are set" ctl conf set mpc0 "$TMP/many.conf"
ctl -j peer show mpc0 >"$TMP/many.json"
check "all of them are shown" same count $((COUNT + 1)) "$(jq length "$TMP/many.json")"
all_keys()
{
	diff <(sed -n 's/^PublicKey = //p' "$TMP/many.conf" | sort) \
		<(jq -r '.[].public_key' "$TMP/many.json" | sort)
}
check "each with its key" all_keys
all_ips()
{
	diff <(sed -n 's/^AllowedIPs = //p' "$TMP/many.conf" | tr -d ' ' | tr , '\n' |
		sed 's,^\(172[^/]*\)$,\1/32,' | sort) \
		<(jq -r '.[].allowed_ips[]' "$TMP/many.json" | sort)
}
check "and with all its allowed IPs" all_ips
check "the one with 5000 is one" same ips 5000 \
	"$(jq "map(select(.public_key == \"${PUB[1]}\").allowed_ips | length)[0]" "$TMP/many.json")"
fewer()
{
	head -n 4 "$TMP/many.conf" >"$TMP/few.conf"
	ctl conf sync mpc0 "$TMP/few.conf" || return 1
	same count 1 "$(ctl -j peer show mpc0 | jq length)"
}
check "sync removes all but one" fewer
check "sync adds them again" eval \
	'ctl conf sync mpc0 "$TMP/many.conf" && same count $((COUNT + 1)) "$(ctl -j peer show mpc0 | jq length)"'
check "the kernel did not complain" klog_clean
finish
