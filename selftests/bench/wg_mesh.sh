# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A mesh of what is configured by WireGuard's file format. Who sources this
# defines
#
#	wg_link I DEV		make the device in party I's namespace
#	wg_conf I DEV FILE	configure it

kind_up() {
	local i

	for ((i = 0; i < $1; i++)); do
		wg_key "p$i" || return
	done
	for ((i = 0; i < $1; i++)); do
		mesh_conf "$i" "$1" > "$TMP/mesh.conf"
		wg_link "$i" tun0 && wg_conf "$i" tun0 "$TMP/mesh.conf" &&
			inner_add "$i" tun0 || return
	done
	parties_meet "$1"
}

kind_down() {
	true
}

# wg_key NAME: a pair of keys in $TMP/NAME.key and $TMP/NAME.pub
wg_key() {
	wg genkey > "$TMP/$1.key" && wg pubkey < "$TMP/$1.key" > "$TMP/$1.pub"
}

mesh_conf() {
	local j

	echo "[Interface]"
	echo "PrivateKey = $(< "$TMP/p$1.key")"
	echo "ListenPort = 51820"
	for ((j = 0; j < $2; j++)); do
		[ "$j" = "$1" ] || peer_conf "$(< "$TMP/p$j.pub")" "$(inner "$j")" "$(outer "$j")"
	done
}

# peer_conf PUBKEY INNER OUTER [PORT]
peer_conf() {
	echo "[Peer]"
	echo "PublicKey = $1"
	echo "AllowedIPs = $2/32"
	echo "Endpoint = $3:${4:-51820}"
}
