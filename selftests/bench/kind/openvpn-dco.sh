# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# OpenVPN with its kernel offload, AES-256-GCM: a tunnel point to point, thus
# two daemons, for each pair of parties.

# Room for IP, UDP, the head of 8 and the tag of 16 in 1500; OpenVPN's default
# would have every full packet sent in two fragments.
ovpn_mtu=1448

kind_available() {
	local dir module

	dir=$BENCH/../../.build/bench/$(uname -r)
	module=$dir/ovpn-dco-v2.ko
	command -v openvpn > /dev/null || { echo "no openvpn"; return 1; }
	[ -r "$module" ] || { cat "$dir/ovpn-dco.why"; return 1; }
	modprobe -q aesni_intel # as udev would have
	[ -d /sys/module/ovpn_dco_v2 ] || {
		modprobe -a udp_tunnel ip6_udp_tunnel && insmod "$module"
	}
}

kind_up() {
	local i j

	ovpn_key || return
	for ((i = 0; i < $1; i++)); do
		for ((j = i + 1; j < $1; j++)); do
			ovpn_end $i $j --tls-server --dh none
			ovpn_end $j $i --tls-client
		done
	done
	parties_meet "$1" && ovpn_offloads "$1"
}

kind_down() {
	# shellcheck disable=SC2046 # one word per process
	kill $(jobs -p) 2> /dev/null
	wait
}

# One self-signed key for all, which is what each wants to see.
ovpn_key() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-subj /CN=bench -keyout "$TMP/ovpn.key" -out "$TMP/ovpn.crt" 2> /dev/null &&
		ovpn_print=$(openssl x509 -in "$TMP/ovpn.crt" -noout -fingerprint -sha256 |
			sed 's/.*=//')
}

# ovpn_end I J OPTION...: party I's end of the tunnel to J
ovpn_end() {
	local port=$((20000 + ($1 < $2 ? $1 * 64 + $2 : $2 * 64 + $1)))

	ip netns exec "p$1" openvpn --dev "ovpn$2" --dev-type tun --tun-mtu $ovpn_mtu --mssfix 0 \
		--ifconfig "$(inner "$1")" "$(inner "$2")" --proto udp --port $port \
		--local "$(outer "$1")" --remote "$(outer "$2")" --data-ciphers AES-256-GCM \
		--cert "$TMP/ovpn.crt" --key "$TMP/ovpn.key" --peer-fingerprint "$ovpn_print" \
		--reneg-sec 0 --script-security 1 --log "$TMP/ovpn$1-$2.log" "${@:3}" &
}

# OpenVPN goes on without the offload where it does not find it.
ovpn_offloads() {
	[ "$(ip -n p0 link show type ovpn-dco | grep -c ovpn)" = $(($1 - 1)) ] ||
		{ echo "openvpn does not use the offload" >&2; return 1; }
}
