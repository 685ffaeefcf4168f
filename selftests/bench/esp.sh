# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A mesh of IPsec ESP by `ip xfrm`, in tunnel mode. There are policies and no
# interface, so that a party's inner address is on its loopback. Who sources
# this sets
#
#	esp_aead	the cipher's name, with a key of 32 bytes and a salt of 4

# TCP keeps GSO over ESP only if esp4_offload is there before the states are.
# The processor's AES is what udev would have loaded.
kind_available() {
	modprobe -q -a aesni_intel esp4 esp4_offload xfrm_user ||
		{ echo "no ESP in this kernel, or no AES in this processor"; return 1; }
}

kind_up() {
	local i

	for ((i = 0; i < $1; i++)); do
		esp_party $i "$1" > "$TMP/esp.batch"
		ip -n p$i -batch "$TMP/esp.batch" || return
	done
	parties_meet "$1"
}

kind_down() {
	true
}

esp_party() {
	local j

	echo "address add $(inner "$1")/32 dev lo"
	echo "route add 10.1.0.0/24 dev eth0 src $(inner "$1")"
	for ((j = 0; j < $2; j++)); do
		[ "$j" != "$1" ] || continue
		esp_way "$1" "$j" out
		esp_way "$j" "$1" in
	done
}

# esp_way FROM TO DIRECTION: both ends get the same key for it
esp_way() {
	local outer key spi=$((4096 + $1 * 64 + $2))

	outer="src $(outer "$1") dst $(outer "$2")"
	key=0x$(echo "$1 $2" | sha512sum | head -c 72)
	echo "xfrm state add $outer proto esp spi $spi mode tunnel replay-window 32" \
		"aead $esp_aead $key 128"
	echo "xfrm policy add src $(inner "$1") dst $(inner "$2") dir $3" \
		"tmpl $outer proto esp mode tunnel"
}
