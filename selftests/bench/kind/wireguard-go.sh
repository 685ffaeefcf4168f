# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# WireGuard as a daemon.

# shellcheck source=selftests/bench/wg_mesh.sh
. "$BENCH/wg_mesh.sh"

kind_available() {
	modprobe -q tun && command -v wg > /dev/null && command -v wireguard-go > /dev/null && return
	echo "no tun in this kernel, or no wireguard-go or wireguard-tools"
	return 1
}

# wg finds a daemon by the name that its device had first: all sockets are in
# one folder, so that this name must differ from party to party.
wg_link() {
	local tries=200

	LOG_LEVEL=error WG_PROCESS_FOREGROUND=1 \
		ip netns exec "p$1" wireguard-go -f "go$1" > "$TMP/go$1.log" 2>&1 &
	until [ -S "/var/run/wireguard/go$1.sock" ]; do
		[ $((tries--)) -gt 0 ] || { cat "$TMP/go$1.log" >&2; return 1; }
		sleep 0.05
	done
	ip -n "p$1" link set "go$1" name "$2"
}

wg_conf() {
	n "$1" wg setconf "go$1" "$3"
}

kind_down() {
	# shellcheck disable=SC2046 # one word per process
	kill $(jobs -p) 2> /dev/null
	wait
	rm -f /var/run/wireguard/go*.sock
}
