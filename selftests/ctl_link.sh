#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mpcnetctl link: every word does what it says, a refusal changes nothing and
# says why in one line.

# Commands in single quotes are for eval.
# shellcheck disable=SC2016
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=ctl_lib.sh
. "$(dirname "$0")/ctl_lib.sh"

plan 48
require jq
need_module
own_only
klog_mark
setup_ns a
key_new 1

field()
{
	ctl -j link show mpc0 | jq -c ".[0]$1"
}

is()
{
	same "$1" "$2" "$(field "$1")"
}

gone()
{
	! ip -n "$a" link show dev "$1"
}

check "an interface is made with nothing said" ctl link add mpc0
check "it has no key" is .private_key '"none"'
check "it has no public key" is .public_key null
check "its socket is its own" is .socket '"own"'
check "it has no deadline" is .expires_in null
check "it is bound to nothing" is .bind '{"address":null,"dev":null}'
check "it has no peers" is .peers '[]'
check "all its counters are 0" is '.counters | add' 0
check "a second one of the name is refused" told 1 'already: mpcnetctl link set mpc0' link add mpc0
check "listen-port" ctl link set mpc0 listen-port 5001
check "listen-port is shown" is .listen_port 5001
check "fwmark" ctl link set mpc0 fwmark 0xca6c
check "fwmark is shown, the port stays" is '|[.fwmark,.listen_port]' '[51820,5001]'
check "fwmark off" eval 'ctl link set mpc0 fwmark off && is .fwmark 0'
check "private-key FILE" ctl link set mpc0 private-key "${KEY[1]}"
check "its public key is shown" is .public_key "\"${PUB[1]}\""
check "the private key is not" eval '! { ctl link show; ctl -j link show; } | grep -F "$(<"${KEY[1]}")"'
check "it is if asked for by name" eval 'ctl link show mpc0 private-key | cmp - "${KEY[1]}"'
stdin_key()
{
	ctl link set mpc0 private-key - <"${KEY[1]}"
}
check "private-key from standard input" stdin_key
new_key()
{
	ctl link set mpc0 private-key new || return 1
	is .private_key '"kernel"' && fails is .public_key "\"${PUB[1]}\"" && fails is .public_key null
}
check "private-key new" new_key
check "the kernel's key is never given out" told 1 'made by the kernel' link show mpc0 private-key
check "bind ADDR" eval 'ctl link set mpc0 bind 127.0.0.1 && is .bind.address "\"127.0.0.1\""'
check "bind to an IPv6 address" eval 'ctl link set mpc0 bind ::1 && is .bind.address "\"::1\""'
check "bind dev" eval 'ctl link set mpc0 bind dev lo && is .bind "{\"address\":\"::1\",\"dev\":\"lo\"}"'
check "bind off" eval 'ctl link set mpc0 bind off && is .bind "{\"address\":null,\"dev\":null}"'
check "expires" eval 'ctl link set mpc0 expires 1000 && is ".expires_in | . > 900 and . <= 1000" true'
check "expires off" eval 'ctl link set mpc0 expires off && is .expires_in null'
check "batch is on at first" is .batch true
check "batch off" eval 'ctl link set mpc0 batch off && is .batch false'
check "the text says so" expect ' batch off' ctl link show mpc0
for bad in 2 maybe; do
	check "batch $bad is refused" told 2 "batch: expected on or off, got \"$bad\"" link set mpc0 batch "$bad"
done
check "batch is still off" is .batch false
check "batch on" eval 'ctl link set mpc0 batch on && is .batch true'
check "the text says nothing of it" fails expect ' batch' ctl link show mpc0
check "the text shows the interface" expect '^mpc0: listen-port 5001 socket own' ctl link show mpc0
check "no interface of that name to set" told 1 'no interface mpc9' link set mpc9 fwmark 1
check "no interface of that name to show" told 1 'no interface mpc9' link show mpc9
check "no interface of that name to remove" told 1 'no interface mpc9' link del mpc9
check "an interface of another kind to set" told 1 'lo is no interface of mpcnet' link set lo fwmark 1
check "an interface of another kind to show" told 1 'lo is no interface of mpcnet' link show lo
check "an interface of another kind to remove" told 1 'lo is no interface of mpcnet' link del lo

half_made()
{
	told 1 'holds no key' link add mpc1 private-key /dev/null && gone mpc1 || return 1
	told 1 'no interface nosuch0' link add mpc1 bind dev nosuch0 && gone mpc1 || return 1
	unprivileged link add mpc1 && return 1
	gone mpc1
}

unprivileged()
{
	nsenter --net="/run/netns/$a" setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v mpcnetctl)" "$@"
}
check "nothing half-made stays" half_made
check "an unprivileged user makes none" expect 'run it as root' unprivileged link add mpc1
check "an unprivileged user is not shown one" expect 'run it as root' unprivileged link show mpc0

all()
{
	ctl link add mpc1 || return 1
	ip -n "$a" link add wire0 type dummy || return 1
	same all '["mpc0","mpc1"]' "$(ctl -j link show | jq -c 'map(.name)')"
}
check "link show lists all of them, and no others" all
check "link del" eval 'ctl link del mpc1 && ctl link del mpc0 && gone mpc0 && gone mpc1'
check "the kernel did not complain" klog_clean
finish
