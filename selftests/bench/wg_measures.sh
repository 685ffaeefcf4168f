# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What is measured of kinds that are configured by WireGuard's file format and
# define, beyond what wg_mesh.sh wants,
#
#	wg_conf_add I DEV FILE	add what the file says to a device

HANDSHAKES=50
MANY=10000

# Each peer is a device of its own in p1, all of them one device's peers in p0.
measure_handshake() {
	local each

	if many_devices "$HANDSHAKES" &&
		each=$("$BIN/handshakes" p0 p1 10.2.0.1 "$HANDSHAKES"); then
		row handshake "$each" ns
		row handshakes $((1000000000 / each)) 1/s
	else
		fail handshake
	fi
}

many_devices() {
	local i

	for ((i = 1; i <= $1; i++)); do
		wg_key "h$i" || return
		peer_conf "$(< "$TMP/h$i.pub")" "10.2.0.$i" 10.0.0.2 $((20000 + i))
		hs_conf $((20000 + i)) "$(< "$TMP/h$i.key")" > "$TMP/h$i.conf"
		wg_link 1 "h$i" && wg_conf 1 "h$i" "$TMP/h$i.conf" &&
			ip -n p1 addr add "10.2.0.$i/32" dev "h$i" &&
			ip -n p1 link set "h$i" up || return
	done > "$TMP/peers.conf"
	wg_conf_add 0 tun0 "$TMP/peers.conf" &&
		ip -n p0 route add 10.2.0.0/16 dev tun0
}

# hs_conf PORT KEY: a device that knows p0 and waits for it
hs_conf() {
	printf '[Interface]\nPrivateKey = %s\nListenPort = %s\n' "$2" "$1"
	peer_conf "$(< "$TMP/p0.pub")" 10.1.0.1 10.0.0.1
}

# idle_peers FIRST LAST: peers that nobody has the private keys of
idle_peers() {
	awk -v first="$1" -v last="$2" '
		function digits(n, alphabet,    s) {
			while (n-- > 0)
				s = s substr(alphabet, 1 + int(rand() * length(alphabet)), 1)
			return s
		}
		BEGIN {
			srand(first)
			end = "AEIMQUYcgkosw048"
			all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			for (i = first; i <= last; i++)
				printf "[Peer]\nPublicKey = %s%s=\nAllowedIPs = 10.%d.%d.%d/32\n",
					digits(42, all), digits(1, end),
					16 + int(i / 65536), int(i / 256) % 256, i % 256
		}'
}

# Round trips between two parties that have more and more peers.
measure_peers() {
	local have=1 want mean

	for want in 1 10 100 1000; do
		if [ "$want" -gt "$have" ]; then
			idle_peers "$have" $((want - 1)) > "$TMP/idle.conf"
			wg_conf_add 0 tun0 "$TMP/idle.conf" || fail "peers$want"
			wg_conf_add 1 tun0 "$TMP/idle.conf" || fail "peers$want"
			have=$want
		fi
		read -r mean _ < <("$BIN/rtt" p0 p1 10.1.0.2 64 1500) || fail "peers$want"
		row "peers$want" "$mean" ns
	done
}

measure_memory() {
	local before

	idle_peers 1 1 > "$TMP/one.conf"
	idle_peers 2 $((MANY + 1)) > "$TMP/idle.conf"
	wg_link 0 mem0
	wg_conf_add 0 mem0 "$TMP/one.conf"
	before=$(memory_used)
	if wg_conf_add 0 mem0 "$TMP/idle.conf"; then
		row memory $((($(memory_used) - before) / MANY)) bytes
	else
		fail memory
	fi
	ip -n p0 link del mem0
}

# What the kernel has allocated for itself, in bytes, but for whole pages, with
# caches emptied and frees done that wait for RCU.
memory_used() {
	local i

	for i in 1 2 3; do
		sync
		echo 3 > /proc/sys/vm/drop_caches
		sleep 1
	done
	awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { kb += $2 } END { print kb * 1024 }' /proc/meminfo
}
