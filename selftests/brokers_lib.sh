# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Brokers (mosquitto) that tests start and kill, to source after lib.sh:
#
#	broker_start "${NS[1]}" 192.0.2.1 1883 && broker_stop 1883

declare -A BROKER		# by port: process

# broker_start NS ADDRESS PORT [LINE OF CONFIGURATION...]
broker_start()
{
	printf '%s\n' "listener $3 $2" "user root" "max_queued_messages 100000" \
		"log_dest none" "${@:4}" >"$TMP/broker$3.conf"
	[ $# -gt 3 ] || echo "allow_anonymous true" >>"$TMP/broker$3.conf"
	ip netns exec "$1" mosquitto -c "$TMP/broker$3.conf" >/dev/null 2>&1 &
	BROKER[$3]=$!
	defer kill "${BROKER[$3]}"
	busywait 5 listens "$1" "$3"
}

# listens NS PORT
listens()
{
	[ -n "$(n "$1" ss -Htln "sport = $2")" ]
}

# broker_stop PORT...: at once, without a word
broker_stop()
{
	local port

	for port; do
		kill -KILL "${BROKER[$port]}"
		wait "${BROKER[$port]}" 2>/dev/null
	done
	return 0
}

# certificate NAME OPTION...: files $TMP/NAME.crt and .key
certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-keyout "$TMP/$1.key" -out "$TMP/$1.crt" "${@:2}" 2>/dev/null
}
