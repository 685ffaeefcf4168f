#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One flow stays in order and whole; with loss, doubling and reordering
# outside, what comes through is unchanged, and each datagram comes once.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 10
need_module
klog_mark
mesh 2 || skip_all "no mesh"
a=${NS[1]}
b=${NS[2]}

netem()
{
	n "$a" tc qdisc replace dev eth0 root netem "$@" &&
		n "$b" tc qdisc replace dev eth0 root netem "$@"
}

# once ADDR: datagrams may be lost and late, but none twice, none changed
once()
{
	xfer=$(helper xfer) || return 1
	"$xfer" udp "$a" "$b" "$1" 7000 400 200 window 40 lossy >"$TMP/once"
	cat "$TMP/once"
	expect 'duplicate 0 corrupt 0' cat "$TMP/once" && fails expect 'received 0' cat "$TMP/once"
}

check "small datagrams in order" udp_ok "$a" "$b" 10.77.0.2 2000 16
check "large datagrams in order" udp_ok "$a" "$b" fd77::2 500 1372
# 64 fit into a socket's queue and into any queue of the link
check "bursts in order" udp_ok "$a" "$b" 10.77.0.2 1024 100 window 64
both()
{
	local other

	xfer=$(helper xfer) || return 1
	udp_ok "$b" "$a" 10.77.0.1 500 500 &
	other=$!
	udp_ok "$a" "$b" 10.77.0.2 500 500 && wait "$other"
}
check "both ways at once in order" both
if ! netem loss 5%; then
	for name in loss reordering doubling all; do
		skip "$name outside" "netem is missing"
	done
else
	check "loss outside" once 10.77.0.2
	netem delay 10ms 8ms
	check "reordering outside" once 10.77.0.2
	netem duplicate 30%
	check "doubling outside" once fd77::2
	netem delay 5ms 4ms loss 1% duplicate 5%
	check "all of it under TCP" tcp_ok "$a" "$b" 10.77.0.2 300000
fi
n "$a" tc qdisc del dev eth0 root
n "$b" tc qdisc del dev eth0 root
corrupted()
{
	netem corrupt 20%
	once 10.77.0.2
}
check "changed bits outside do not come in" corrupted
check "the kernel log is clean" klog_clean
finish
