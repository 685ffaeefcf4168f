# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # for parties
#
# The pretended Internet of the demonstration, for parties to source: that of
# ../nat/lab.sh, with a party behind each of three NATs, a broker, and a wiretap
# that gets a copy of whatever comes to the core.

# shellcheck source-path=SCRIPTDIR source=../nat/lab.sh
. "$SELFTESTS/nat/lab.sh"
# shellcheck source-path=SCRIPTDIR source=../nat/pair.sh
. "$SELFTESTS/nat/pair.sh"
# shellcheck source-path=SCRIPTDIR source=../brokers_lib.sh
. "$SELFTESTS/brokers_lib.sh"
# shellcheck source-path=SCRIPTDIR source=../machine.sh
. "$SELFTESTS/machine.sh"

NAMES=(alice bob carol)
PARTIES=${#NAMES[@]}
CLASSES=(eim-apdf apdm-random eim-eif)
ROUTERS=(
	"keeps its ports, and lets in who was written to"
	"takes another port for each destination, at random"
	"keeps its ports, and lets in everybody"
)
NETWORK=10.77.0.0/24		# of the session
MESH=41679			# port of mpcnetd's own postings in it
MQTT=1883
DELAY=10			# milliseconds from each site to the core

all_parties()
{
	seq 0 $((PARTIES - 1))
}

# key I: of a party, as the laboratory names it
key()
{
	echo "${NAMES[$1]}.1"
}

# bail WHY: what the laboratory says when it cannot go on
bail()
{
	die "$1"
}

# internet: all of it, with the parties' machines
internet()
{
	local i

	lab_start
	lab_server broker
	broker_start "${NS[broker]}" "${LAB_ADDR[broker]}" $MQTT || die "mosquitto does not start"
	step "servers of STUN and TURN (coturn), a broker (mosquitto), and three parties:"
	for i in $(all_parties); do
		lab_site "${NAMES[i]}" "${CLASSES[i]}"
		lab_delay "${NAMES[i]}" $DELAY
		machine_make "${NS[$(key "$i")]}" || die "${NAMES[i]} has no machine"
		# so that a message is a frame of its own for the wiretap
		ip -n "${NS[$(key "$i")]}" link set eth0 gso_max_segs 1 || die "no gso_max_segs"
		printf '  %-6s %-14s behind a NAT that %s\n' "${NAMES[i]}" \
			"${LAB_ADDR[$(key "$i")]}" "${ROUTERS[i]}"
	done
	wiretap_attach
}

# broker_keeps: is there any message that it keeps?
broker_keeps()
{
	[ -n "$(n "${NS[broker]}" mosquitto_sub -h "${LAB_ADDR[broker]}" -p $MQTT -t '#' -W 1 \
		--retained-only -F %t 2>/dev/null)" ]
}

#
# Wiretap
#

# wiretap_attach: what comes to the core by any way goes to the device tap as well
wiretap_attach()
{
	local dev

	echo "link add tap up type dummy" | lab_ip core
	for dev in "${LAB_NUMBER[@]/#/c}"; do
		cat <<-RULES
		table netdev tap {
			chain $dev {
				type filter hook ingress device "$dev" priority 0;
				dup to "tap"
			}
		}
		RULES
	done | nft_rules "${NS[core]}"
}

# capture NAME KEY DEV FILTER...: into $TMP/NAME.pcap until captures_end
capture()
{
	local name=$1 ns=${NS[$2]} dev=$3

	shift 3
	ip netns exec "$ns" tcpdump -Z root -U -n -B 8192 -i "$dev" -w "$TMP/$name.pcap" "$@" \
		2>"$TMP/$name.tcpdump" &
	# shellcheck disable=SC2004 # the array is of parties
	CAPTURE[$name]=$!
	defer kill "$!"
	busywait 20 grep -qs 'listening on' "$TMP/$name.tcpdump" ||
		die "tcpdump on $dev: $(tail -n 1 "$TMP/$name.tcpdump")"
}

# captures_begin: at the core all, in each party what its program sends into the
# tunnel, whose interface is yet to come. Postings are no secret: they are sealed,
# and the broker gets the same.
captures_begin()
{
	local i

	capture wire core tap
	for i in $(all_parties); do
		capture "inner$i" "$(key "$i")" any -Q out \
			"(tcp or udp) and net $NETWORK and not udp port $MESH or icmp"
	done
}

# mark I: send the last packet, past that party's capture and that at the core
mark()
{
	ping_one "${NS[$(key "$1")]}" "${LAB_ADDR[stun1]}" \
		-p "$(printf %s "$END_MARK" | od -An -tx1 | tr -d " \n")" >/dev/null
}

# captures_end: when each has its last packet
captures_end()
{
	local i name lost

	for i in $(all_parties); do
		mark "$i"
	done
	for name in "${!CAPTURE[@]}"; do
		busywait 20 grep -aq "$END_MARK" "$TMP/$name.pcap" ||
			die "the capture $name misses its last packet"
		stop "${CAPTURE[$name]}"
		lost=$(awk '/dropped by kernel/ { print $1 }' "$TMP/$name.tcpdump")
		[ "${lost:-0}" -eq 0 ] || die "the capture $name lost $lost frames"
	done
	[ -z "${CAPTURES-}" ] || cp "$TMP"/*.pcap "$CAPTURES" || die "$CAPTURES cannot be written"
}
