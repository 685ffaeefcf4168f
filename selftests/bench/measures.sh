# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What is measured of every kind: each function prints lines by row or figure.
# Parties and tunnels are there; guest says of how many each wants.

measure_rtt() {
	local size mean median p99

	for size in $(pick "16 64 256 1300 1400" 64); do
		read -r mean median p99 < <("$BIN/rtt" p0 p1 10.1.0.2 "$size" "$(pick 1500 500)") ||
			{ fail "rtt$size"; continue; }
		row "rtt$size" "$mean" ns
		row "rtt$size-median" "$median" ns
		row "rtt$size-p99" "$p99" ns
	done
}

measure_bulk() {
	local f=p0:p1:10.1.0.2 b=p1:p0:10.1.0.1

	tcp tcp1 3 "$f"
	[ "$QUICK" != 1 ] || return 0
	tcp tcp1-back 1 "$b"
	tcp tcp1-both 1 "$f" "$b"
	tcp tcp4 1 "$f" "$f" "$f" "$f"
	tcp tcp4-back 1 "$b" "$b" "$b" "$b"
}

# tcp MEASURE TIMES FLOW...
tcp() {
	figure "$1" Mb/s median_of "$2" "$BIN/bulk" 100 "$(pick 400 250)" "${@:3}"
}

measure_udp() {
	local size count

	count=$(pick 9600 3200)
	for size in $(pick "64 1200" 64); do
		figure "udp$size" 1/s "$BIN/datagrams" p0 p1 10.1.0.2 "$size" "$count"
		[ "$QUICK" = 1 ] ||
			figure "udp$size-back" 1/s "$BIN/datagrams" p1 p0 10.1.0.1 "$size" "$count"
	done
}

# Round trips and throughput as above, of a pair that speaks through a relay.
measure_relayed() {
	local mean

	relay_pair || { fail relayed; return; }
	n 0 mpcnetctl peer show tun0 | grep -q "in use" || fail "using the relay"
	read -r mean _ < <("$BIN/rtt" p0 p1 10.1.0.2 64 "$(pick 1500 500)") || fail relayed-rtt64
	row relayed-rtt64 "$mean" ns
	# one in eight is lower by 6 %
	tcp relayed-tcp1 5 p0:p1:10.1.0.2
	figure relayed-udp64 1/s "$BIN/datagrams" p0 p1 10.1.0.2 64 "$(pick 9600 3200)"
}

# measure_rounds N
measure_rounds() {
	local i parties=()

	for ((i = 0; i < $1; i++)); do
		parties+=("p$i=$(inner "$i")")
	done
	# sessions may be renewed in one of them
	figure "rounds$1" ns median_of "$(pick 3 1)" rounds $((1000 / $1)) 16 "${parties[@]}"
}

rounds() {
	"$BIN/rounds" "$@" | awk '/ns_per_round/ { print $NF }'
}

# Round trips of p0 and p1, at times of their own, beside bulk from p2 to p3.
measure_beside() {
	local bulk median p99

	"$BIN/bulk" 200 1000000 p2:p3:10.1.0.4 > "$TMP/beside" &
	bulk=$!
	sleep 0.2
	read -r _ median p99 < <("$BIN/rtt" p0 p1 10.1.0.2 64 1500 1000) || fail beside
	kill $bulk
	wait $bulk
	row beside-median "$median" ns
	row beside-p99 "$p99" ns
	row beside-bulk "$(< "$TMP/beside")" Mb/s
}

# Bulk over one peer and over four, with several processors: by the wall's
# clock, so that it is noisy.
measure_smp() {
	local flows=(p0:p1:10.1.0.2 p0:p2:10.1.0.3 p0:p3:10.1.0.4 p0:p4:10.1.0.5)

	figure smp-tcp1 Mb/s median_of 5 "$BIN/bulk" 500 2000 "${flows[0]}"
	figure smp-tcp4 Mb/s median_of 5 "$BIN/bulk" 500 2000 "${flows[@]}"
}
