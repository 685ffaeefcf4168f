# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# This repository's module, loaded before the benchmark began.

# shellcheck source=selftests/bench/wg_mesh.sh
. "$BENCH/wg_mesh.sh"

kind_available() {
	[ -d /sys/module/mpcnet ] || { echo "mpcnet.ko is not loaded"; return 1; }
}

wg_link() {
	ip -n "p$1" link add "$2" type mpcnet
}

wg_conf() {
	n "$1" mpcnetctl conf set "$2" "$3"
}

wg_conf_add() {
	n "$1" mpcnetctl conf add "$2" "$3"
}

# Two parties that take each other for a TURN server. None is between them, so
# that what a relay costs here is the kernel's part alone.
relay_pair() {
	n 0 mpcnetctl peer set tun0 "$(< "$TMP/p1.pub")" relay "$(outer 1):51820" channel 0x4001 &&
		n 1 mpcnetctl peer set tun0 "$(< "$TMP/p0.pub")" relay "$(outer 0):51820" channel 0x4001 &&
		pair_meets 0 1
}
