#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mpcnet against wireguard-go, each as the one who begins.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 7
require wg wireguard-go
need_module
modprobe -q tun
[ -c /dev/net/tun ] || skip_all "/dev/net/tun is missing"
klog_mark
wires 2 || skip_all "no wires"
a=${NS[1]}
b=${NS[2]}
key_new 1 2
psk_new psk
go=go$$

# wireguard-go is told what to do by wg, over a socket of the link's name
gowg()
{
	n "$b" wg "$@"
}
go_stop()
{
	[ -z "${go_pid:-}" ] || stop "$go_pid"
	rm -f "/var/run/wireguard/$go.sock"
}
defer go_stop
go_start()
{
	bg n "$b" env LOG_LEVEL=error WG_PROCESS_FOREGROUND=1 wireguard-go -f "$go"
	go_pid=$BG_PID
	busywait 15 gowg show "$go" >/dev/null || return 1
	addr "$b" "$go" 10.77.0.2/24 fd77::2/64
	ip -n "$b" link set "$go" mtu 1420 up
	gowg set "$go" private-key "${KEY[2]}" listen-port 5002 peer "${PUB[1]}" \
		preshared-key "${KEY[psk]}" allowed-ips 10.77.0.1/32,fd77::1/128 "$@"
}
ours()
{
	link_add "$a" mpc0 private-key "${KEY[1]}" listen-port 5001 || return 1
	addr "$a" mpc0 10.77.0.1/24 fd77::1/64
	ip -n "$a" link set mpc0 up
	peer_add "$a" mpc0 "${PUB[2]}" psk "${KEY[psk]}" allowed-ips 10.77.0.2/32,fd77::2/128 "$@"
}
traffic()
{
	ping_ok "$a" 10.77.0.2 && ping_ok "$b" fd77::1 &&
		tcp_ok "$a" "$b" 10.77.0.2 100000 && tcp_ok "$b" "$a" fd77::1 100000 &&
		udp_ok "$a" "$b" fd77::2 50 1000 && udp_ok "$b" "$a" 10.77.0.1 50 1000
}

check "wireguard-go starts" go_start
check "mpcnet starts" ours endpoint 192.0.2.2:5002
check "mpcnet begins: first packet" busywait 6 ping_one "$a" 10.77.0.2
check "mpcnet begins: traffic" traffic
reversed()
{
	link_del "$a" mpc0
	gowg set "$go" peer "${PUB[1]}" remove
	ours keepalive off || return 1
	gowg set "$go" peer "${PUB[1]}" preshared-key "${KEY[psk]}" \
		allowed-ips 10.77.0.1/32,fd77::1/128 endpoint '[2001:db8::1]:5001' || return 1
	busywait 6 ping_one "$b" 10.77.0.1
}
check "wireguard-go begins, over IPv6: first packet" reversed
check "wireguard-go begins: traffic" traffic
check "the kernel log is clean" klog_clean
finish
