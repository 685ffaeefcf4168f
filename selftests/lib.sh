# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the shell tests share: KTAP, namespaces, clean-up, and one way to
# drive both mpcnet and the in-kernel WireGuard.
#
#	MPCNET_KIND	mpcnet (default) or wireguard, as a control
#	MPCNET_TOOL	mpcnetctl or wg; wg against mpcnet is a copy of wg(8) in
#			which only the name of the family and the kind differs
#
# A test sources this file, calls plan N, then check, ok, not_ok or skip N
# times, and ends with finish.

set -u -o pipefail
export LC_ALL=C

MPCNET_KIND=${MPCNET_KIND:-mpcnet}
if [ "$MPCNET_KIND" = wireguard ]; then
	MPCNET_TOOL=${MPCNET_TOOL:-wg}
else
	MPCNET_TOOL=${MPCNET_TOOL:-mpcnetctl}
fi
SELFTESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v mpcnetctl >/dev/null || PATH=$PATH:$SELFTESTS/../.build/tools

KTAP_PLAN=0
KTAP_COUNT=0
KTAP_FAILED=0
KTAP_SKIPPED=0
DEFERRED=()
declare -A KEY PUB		# files of private keys, public keys, by name
TMP=$(mktemp -d "${TMPDIR:-/tmp}/mpcnet.XXXXXX") || exit 1

#
# Clean-up
#

# defer COMMAND...: run at the end, last in first out, however the test ends
defer()
{
	DEFERRED+=("$(printf '%q ' "$@")")
}

run_deferred()
{
	local i

	trap - EXIT
	trap '' INT TERM HUP
	for ((i = ${#DEFERRED[@]} - 1; i >= 0; i--)); do
		eval "${DEFERRED[i]}" >/dev/null 2>&1
	done
	rm -rf "$TMP"
}

trap run_deferred EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

#
# KTAP
#

# plan N: how many results follow
plan()
{
	KTAP_PLAN=$1
	echo "TAP version 13"
	echo "1..$1"
}

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

ok()
{
	KTAP_COUNT=$((KTAP_COUNT + 1))
	echo "ok $KTAP_COUNT $1"
}

# not_ok NAME [WHY]
not_ok()
{
	KTAP_COUNT=$((KTAP_COUNT + 1))
	KTAP_FAILED=$((KTAP_FAILED + 1))
	echo "not ok $KTAP_COUNT $1${2:+ # $2}"
}

# skip NAME WHY
skip()
{
	KTAP_COUNT=$((KTAP_COUNT + 1))
	KTAP_SKIPPED=$((KTAP_SKIPPED + 1))
	echo "ok $KTAP_COUNT $1 # SKIP $2"
}

# skip_all WHY: end the test, nothing of it can run here
skip_all()
{
	[ "$KTAP_PLAN" -gt 0 ] || echo "TAP version 13"
	if [ "$KTAP_PLAN" -gt 0 ]; then
		while [ "$KTAP_COUNT" -lt "$KTAP_PLAN" ]; do
			skip "not run" "$1"
		done
	else
		echo "1..0 # SKIP $1"
	fi
	exit 4
}

# bail WHY: the test itself cannot go on
bail()
{
	echo "Bail out! $1"
	exit 1
}

# check NAME COMMAND...: ok if the command succeeds; its output if not
check()
{
	local name=$1 status

	shift
	"$@" >"$TMP/check.out" 2>&1
	status=$?
	if [ "$status" -eq 0 ]; then
		ok "$name"
		return 0
	fi
	diag "$(printf '%q ' "$@")"
	head -n 20 "$TMP/check.out" | sed 's/^/#   /'
	not_ok "$name" "status $status"
	return 1
}

# refuse NAME COMMAND...: ok if the command fails
refuse()
{
	check "$1" fails "${@:2}"
}

fails()
{
	! "$@"
}

# check_own NAME COMMAND...: a feature that mpcnet has and WireGuard has not
check_own()
{
	if [ "$MPCNET_KIND" != mpcnet ] || [ "$MPCNET_TOOL" != mpcnetctl ]; then
		skip "$1" "only mpcnet with mpcnetctl has it"
		return 0
	fi
	check "$@"
}

# same WHAT EXPECTED FOUND
same()
{
	[ "$2" = "$3" ] && return 0
	echo "$1: expected '$2', found '$3'"
	return 1
}

# finish: print what is missing and exit as kselftest wants it
finish()
{
	if [ "$KTAP_PLAN" -ne "$KTAP_COUNT" ]; then
		diag "planned $KTAP_PLAN results, ran $KTAP_COUNT"
		exit 1
	fi
	diag "passed $((KTAP_COUNT - KTAP_FAILED - KTAP_SKIPPED)) failed $KTAP_FAILED skipped $KTAP_SKIPPED"
	[ "$KTAP_FAILED" -eq 0 ] || exit 1
	[ "$KTAP_SKIPPED" -lt "$KTAP_COUNT" ] || exit 4
	exit 0
}

#
# What must be there
#

# require TOOL...: skip the test unless all are installed
require()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || skip_all "$tool is not installed"
	done
}

# need_module: the kernel must know the kind
need_module()
{
	[ "$(id -u)" -eq 0 ] || skip_all "root is needed"
	[ -d "/sys/module/$MPCNET_KIND" ] || modprobe -q "$MPCNET_KIND" ||
		skip_all "module $MPCNET_KIND is not loaded"
	tool_find
}

# own_only: skip the test unless it is mpcnet's turn
own_only()
{
	[ "$MPCNET_KIND" = mpcnet ] || skip_all "tests what only mpcnet has"
	[ "$MPCNET_TOOL" = mpcnetctl ] || skip_all "needs mpcnetctl"
}

# time_scale N: divide the protocol's times by N; fails in a release build
time_scale()
{
	local file=/sys/module/mpcnet/parameters/time_scale

	[ "$MPCNET_KIND" = mpcnet ] && [ -w $file ] || return 1
	defer eval "echo $(cat $file) > $file"
	echo "$1" >$file
}

# helper NAME: print the path of a test program, built if need be
helper()
{
	local dir

	for dir in "$SELFTESTS" "$SELFTESTS/../.build/selftests"; do
		if [ -x "$dir/$1" ] && [ ! "$SELFTESTS/$1.c" -nt "$dir/$1" ]; then
			echo "$dir/$1"
			return 0
		fi
	done
	[ -x "$TMP/$1" ] ||
		cc -O2 -Wall -Wextra -o "$TMP/$1" "$SELFTESTS/$1.c" -lpthread >&2 || return 1
	echo "$TMP/$1"
}

#
# Time
#

now_ms()
{
	local t=${EPOCHREALTIME/./}

	echo $((t / 1000))
}

# busywait SECONDS COMMAND...: until the command succeeds, or fail
busywait()
{
	local end=$(($(now_ms) + $1 * 1000))

	shift
	until "$@"; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		sleep 0.05
	done
}

#
# Namespaces and processes
#

# setup_ns NAME...: make namespaces and set each variable to its unique name
setup_ns()
{
	local name full

	for name; do
		full=$name-$$-$RANDOM
		ip netns add "$full" || exit 1
		defer ns_del "$full"
		ip -n "$full" link set lo up
		printf -v "$name" '%s' "$full"
	done
}

ns_del()
{
	local pid

	[ -e "/run/netns/$1" ] || return 0
	for pid in $(ip netns pids "$1"); do
		kill "$pid"
	done
	ip netns del "$1"
}

# n NS COMMAND...: run in a namespace
n()
{
	ip netns exec "$@"
}

# bg COMMAND...: run in the background until the test ends; sets BG_PID
bg()
{
	"$@" >"$TMP/bg.out" 2>&1 &
	BG_PID=$!
	defer kill "$BG_PID"
}

# forever COMMAND...: what ends begins again, for bg
forever()
{
	local child=

	trap 'kill "$child"; exit' TERM
	while :; do
		"$@" &
		child=$!
		wait "$child" || sleep 0.05
	done >/dev/null 2>&1
}

# stop PID: end a process of bg and wait for it
stop()
{
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	return 0
}

# veth_pair NS1 DEV1 NS2 DEV2: join two namespaces
veth_pair()
{
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" || return 1
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# addr NS DEV ADDR/LEN...: add addresses, those of IPv6 at once usable
addr()
{
	printf '%s\n' "${@:3}" | sed "s/.*/addr add & dev $2/; /:/s/\$/ nodad/" |
		ip -n "$1" -batch -
}

#
# Kernel log
#

# klog_mark: complaints from here on count
klog_mark()
{
	KLOG_MARK="mpcnet-test $$ $RANDOM"
	echo "$KLOG_MARK" >/dev/kmsg
}

# klog_clean: nothing in the log since klog_mark says that a bug was met
klog_clean()
{
	! dmesg | sed "1,/$KLOG_MARK/d" |
		grep -E 'BUG:|WARNING:|Oops|Call Trace|refcount_t|INFO: |possible .*lock|leaked|unregister_netdevice: waiting'
}

#
# The interface under test: the same words for mpcnetctl and for wg
#

# tool_find: the command that configures the kind must be there
tool_find()
{
	command -v "$MPCNET_TOOL" >/dev/null || skip_all "$MPCNET_TOOL is not installed"
	[ "$MPCNET_TOOL" = wg ] || return 0
	[ "$MPCNET_KIND" = wireguard ] || renamed_wg "$TMP/wg" ||
		skip_all "wg cannot be renamed"
}

# wgn NS ARG...: wg(8), or its renamed copy, in a namespace
wgn()
{
	if [ "$MPCNET_KIND" = wireguard ]; then
		n "$1" wg "${@:2}"
	else
		n "$1" "$TMP/wg" "${@:2}"
	fi
}

# as_wireguard FUNCTION ...: the same words for the in-kernel WireGuard
as_wireguard()
{
	MPCNET_KIND=wireguard MPCNET_TOOL=wg "$@"
}

# renamed_wg FILE: a copy of wg(8) that knows the kind and the family mpcnet
renamed_wg()
{
	local wg

	wg=$(command -v wg) || return 1
	sed 's/\x00wireguard\x00/\x00mpcnet\x00\x00\x00\x00/g' "$wg" >"$1" &&
		chmod +x "$1" && ! cmp -s "$wg" "$1"
}

# key_new NAME...: make key pairs, KEY[NAME] a file, PUB[NAME] the public key
key_new()
{
	local name

	for name; do
		KEY[$name]=$TMP/$name.key
		(umask 077; tool_key gen genkey >"$TMP/$name.key") || return 1
		PUB[$name]=$(tool_key pub pubkey <"$TMP/$name.key") || return 1
	done
}

# psk_new NAME: make a pre-shared key, KEY[NAME] a file
psk_new()
{
	KEY[$1]=$TMP/$1.psk
	(umask 077; tool_key psk genpsk >"$TMP/$1.psk")
}

tool_key()
{
	if [ "$MPCNET_TOOL" = wg ]; then
		wg "$2"
	else
		mpcnetctl key "$1"
	fi
}

# link_add NS DEV [private-key FILE] [listen-port N] [fwmark N] ...
link_add()
{
	if [ "$MPCNET_TOOL" = wg ]; then
		ip -n "$1" link add "$2" type "$MPCNET_KIND" || return 1
		[ $# -eq 2 ] || link_set "$@"
	else
		n "$1" mpcnetctl link add "${@:2}"
	fi
}

link_set()
{
	if [ "$MPCNET_TOOL" = wg ]; then
		wgn "$1" set "${@:2}"
	else
		n "$1" mpcnetctl link set "${@:2}"
	fi
}

link_del()
{
	ip -n "$1" link del "$2"
}

# peer_add NS DEV PUBKEY [endpoint H:P] [allowed-ips A,B] [psk FILE] [keepalive S]
peer_add()
{
	peer_do add "$@"
}

# peer_set NS DEV PUBKEY ...: as peer_add; allowed-ips replaces what was there
peer_set()
{
	peer_do set "$@"
}

peer_do()
{
	local verb=$1 ns=$2 dev=$3 pub=$4 word words=()

	shift 4
	if [ "$MPCNET_TOOL" != wg ]; then
		n "$ns" mpcnetctl peer "$verb" "$dev" "$pub" "$@"
		return
	fi
	for word; do
		case $word in
		psk) words+=(preshared-key) ;;
		keepalive) words+=(persistent-keepalive) ;;
		*) words+=("$word") ;;
		esac
	done
	wgn "$ns" set "$dev" peer "$pub" "${words[@]}"
}

peer_del()
{
	if [ "$MPCNET_TOOL" = wg ]; then
		wgn "$1" set "$2" peer "$3" remove
	else
		n "$1" mpcnetctl peer del "$2" "$3"
	fi
}

# conf_set NS DEV FILE: give the link this configuration, and no other
conf_set()
{
	if [ "$MPCNET_TOOL" = wg ]; then
		wgn "$1" setconf "$2" "$3"
	else
		n "$1" mpcnetctl conf set "$2" "$3"
	fi
}

# link_field NS DEV listen-port|fwmark|public-key
link_field()
{
	if [ "$MPCNET_TOOL" = wg ]; then
		wgn "$1" show "$2" "$3"
	else
		n "$1" mpcnetctl -j link show "$2" |
			jq -r --arg f "${3//-/_}" '(if type == "array" then .[0] else . end)[$f]'
	fi
}

# peer_count NS DEV
peer_count()
{
	if [ "$MPCNET_TOOL" = wg ]; then
		wgn "$1" show "$2" peers | grep -c .
	else
		peer_json "$1" "$2" 'length'
	fi
}

# peer_json NS DEV FILTER: jq over the array of peers
peer_json()
{
	n "$1" mpcnetctl -j peer show "$2" |
		jq -r '(if type == "array" then . else .peers end) | '"$3"
}

# peer_field NS DEV PUBKEY endpoint|allowed-ips|handshake|rx|tx|keepalive
# handshake is in seconds since 1970, 0 for never; absent values print nothing
peer_field()
{
	local column names=(x x psk endpoint allowed-ips handshake rx tx keepalive)

	if [ "$MPCNET_TOOL" != wg ]; then
		peer_field_json "$@"
		return
	fi
	for column in "${!names[@]}"; do
		[ "${names[column]}" != "$4" ] || break
	done
	wgn "$1" show "$2" dump |
		awk -v pub="$3" -v c="$column" '
			$1 == pub && $c != "(none)" && $c != "off" { print $c }'
}

peer_field_json()
{
	local filter

	case $4 in
	endpoint) filter='.endpoint // empty' ;;
	allowed-ips) filter='(.allowed_ips // []) | join(",")' ;;
	handshake) filter='.latest_handshake // 0' ;;
	rx) filter='.rx_bytes // 0' ;;
	tx) filter='.tx_bytes // 0' ;;
	keepalive) filter='.keepalive // empty' ;;
	*) filter=".$4 // empty" ;;
	esac
	peer_json "$1" "$2" ".[] | select(.public_key == \"$3\") | $filter"
}

# peer_counter NS DEV PUBKEY NAME: drops by reason, mpcnet only
peer_counter()
{
	peer_json "$1" "$2" ".[] | select(.public_key == \"$3\") | .drops.\"${4//-/_}\" // 0"
}

#
# Topologies
#

# outer FAMILY I, inner FAMILY I: the addresses of party I in a mesh
outer()
{
	[ "$1" = 4 ] && echo "192.0.2.$2" || echo "2001:db8::$2"
}

inner()
{
	[ "$1" = 4 ] && echo "10.77.0.$2" || echo "fd77::$2"
}

# hostport ADDR PORT
hostport()
{
	case $1 in
	*:*) echo "[$1]:$2" ;;
	*) echo "$1:$2" ;;
	esac
}

# wires N: namespaces NS[1..N] with device eth0, joined by a pair or a bridge
wires()
{
	local i name

	NS=()
	for ((i = 1; i <= $1; i++)); do
		setup_ns "party$i"
		name=party$i
		NS[i]=${!name}
	done
	if [ "$1" -eq 2 ]; then
		veth_pair "${NS[1]}" eth0 "${NS[2]}" eth0 || return 1
	else
		wires_bridge "$1" || return 1
	fi
	for ((i = 1; i <= $1; i++)); do
		addr "${NS[i]}" eth0 "192.0.2.$i/24" "2001:db8::$i/64" || return 1
	done
}

wires_bridge()
{
	local i

	setup_ns switch
	ip -n "$switch" link add br0 type bridge mcast_snooping 0 || return 1
	ip -n "$switch" link set br0 up
	for ((i = 1; i <= $1; i++)); do
		veth_pair "$switch" "p$i" "${NS[i]}" eth0 || return 1
		ip -n "$switch" link set "p$i" master br0 || return 1
	done
}

# mesh N [FAMILY]: wires N and a tunnel mpc0 between every pair, over IPv4 or 6
mesh()
{
	local i

	wires "$1" || return 1
	for ((i = 1; i <= $1; i++)); do
		key_new "$i" || return 1
	done
	for ((i = 1; i <= $1; i++)); do
		(umask 077; mesh_conf "$i" "$1" "${2:-4}" >"$TMP/mesh.conf")
		link_add "${NS[i]}" mpc0 || return 1
		conf_set "${NS[i]}" mpc0 "$TMP/mesh.conf" || return 1
		addr "${NS[i]}" mpc0 "10.77.0.$i/24" "fd77::$i/64" || return 1
		ip -n "${NS[i]}" link set mpc0 up || return 1
	done
}

# mesh_conf I N FAMILY: the configuration of party I
mesh_conf()
{
	local j

	echo "[Interface]"
	echo "PrivateKey = $(<"${KEY[$1]}")"
	echo "ListenPort = $((5000 + $1))"
	for ((j = 1; j <= $2; j++)); do
		[ "$j" -ne "$1" ] || continue
		echo "[Peer]"
		echo "PublicKey = ${PUB[$j]}"
		echo "AllowedIPs = 10.77.0.$j/32, fd77::$j/128"
		echo "Endpoint = $(hostport "$(outer "$3" "$j")" $((5000 + j)))"
	done
}

# mesh_peer I J FAMILY: make party J a peer of party I again
mesh_peer()
{
	peer_add "${NS[$1]}" mpc0 "${PUB[$2]}" allowed-ips "10.77.0.$2/32,fd77::$2/128" \
		endpoint "$(hostport "$(outer "$3" "$2")" $((5000 + $2)))"
}

#
# Traffic
#

# ping_ok NS ADDR [PING OPTION...]: all echoes come back
ping_ok()
{
	n "$1" ping -n -q -c 3 -i 0.05 -W 3 "${@:3}" "$2" | tee "$TMP/ping.out"
	grep -q ' 0% packet loss' "$TMP/ping.out"
}

# ping_one NS ADDR [PING OPTION...]: one echo comes back
ping_one()
{
	n "$1" ping -n -q -c 1 -W 1 "${@:3}" "$2"
}

# tcp_ok FROM TO ADDR BYTES [PORT]: a stream from namespace to namespace, checked
tcp_ok()
{
	local xfer

	xfer=$(helper xfer) || return 1
	"$xfer" tcp "$1" "$2" "$3" "${5:-7000}" "$4"
}

# udp_ok FROM TO ADDR COUNT SIZE [window W] [lossy]: datagrams, each checked
udp_ok()
{
	local xfer

	xfer=$(helper xfer) || return 1
	"$xfer" udp "$1" "$2" "$3" 7000 "${@:4}"
}

# nft_rules NS: read rules from stdin into the namespace
nft_rules()
{
	n "$1" nft -f - || bail "nft refuses the rules"
}

# nft_count NS NAME: packets that met the counter NAME of table inet t
nft_count()
{
	n "$1" nft list counter inet t "$2" | awk '/packets/ { print $2 }'
}

# link_stat NS DEV rx|tx FIELD: one of the link's 64-bit statistics
link_stat()
{
	ip -n "$1" -j -s -s link show dev "$2" |
		jq -r --arg d "$3" --arg f "$4" '.[0].stats64[$d][$f]'
}

# expect PATTERN COMMAND...: the output matches the extended regular expression
expect()
{
	local out

	out=$("${@:2}" 2>&1)
	grep -Eq -- "$1" <<<"$out" && return 0
	echo "expected $1 in:"
	echo "$out"
	return 1
}

# more FOUND THAN: compare numbers
more()
{
	[ "$1" -gt "$2" ] && return 0
	echo "expected more than $2, found $1"
	return 1
}
