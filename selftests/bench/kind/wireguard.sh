# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The kernel's own WireGuard.

# shellcheck source=selftests/bench/wg_mesh.sh
. "$BENCH/wg_mesh.sh"

kind_available() {
	modprobe -q wireguard && command -v wg > /dev/null && return
	echo "no WireGuard in this kernel, or no wireguard-tools"
	return 1
}

wg_link() {
	ip -n "p$1" link add "$2" type wireguard
}

wg_conf() {
	n "$1" wg setconf "$2" "$3"
}

wg_conf_add() {
	n "$1" wg addconf "$2" "$3"
}
