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
