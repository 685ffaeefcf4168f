# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# The laboratory's STUN and TURN servers, both of them coturn, and with two
# addresses of each family, so that RFC 5780 works (OTHER-ADDRESS, and answers
# from there). coturn relays to any address but loopback and multicast, its own
# allocations included.
#
#	LAB_STUN	HOST:PORT of stun1, which does no TURN
#	LAB_TURN	HOST:PORT of coturn, UDP and TCP; it does STUN as well
#	LAB_TURN6	the same by IPv6
#	LAB_TURNS	HOST:PORT of coturn, TLS; LAB_CA is whom to trust
#	LAB_TURN_USER LAB_TURN_PASSWORD LAB_TURN_REALM

LAB_CA=$TMP/lab-ca.pem
LAB_TURN_USER=mpc
LAB_TURN_PASSWORD=mpc-secret
LAB_TURN_REALM=lab

# lab_turnserver NAME ARG...: in the namespace of the server of that name
lab_turnserver()
{
	lab_daemon "$1" "$1" turnserver -n --no-cli --no-dtls --userdb :memory: -m 1 \
		-l stdout --no-stdout-log --simple-log --pidfile "$TMP/$1.pid" \
		-L "${LAB_ADDR[$1]}" -L "${LAB_ADDR[$1.other]}" \
		-L "${LAB_ADDR6[$1]}" -L "${LAB_ADDR6[$1.other]}" -p 3478 "${@:2}"
}

# lab_stun_start: stun1 answers soon, lab_coturn_start waits for it too
lab_stun_start()
{
	LAB_STUN=${LAB_ADDR[stun1]}:3478
	lab_turnserver stun1 --stun-only --no-tls --no-tcp
}

# lab_coturn_start [ARG...]: and wait until it answers
lab_coturn_start()
{
	LAB_TURN=${LAB_ADDR[coturn]}:3478
	LAB_TURN6=[${LAB_ADDR6[coturn]}]:3478
	LAB_TURNS=${LAB_ADDR[coturn]}:443
	lab_coturn_stop
	[ -e "$LAB_CA" ] || lab_certificate
	lab_turnserver coturn -a -u "$LAB_TURN_USER:$LAB_TURN_PASSWORD" -r "$LAB_TURN_REALM" \
		--tls-listening-port 443 --cert "$LAB_CA" --pkey "$TMP/lab-key.pem" "$@"
	busywait 20 lab_stun_answers stun1 || bail "lab: no answer of STUN"
	busywait 20 lab_stun_answers coturn || bail "lab: no answer of coturn"
	busywait 20 lab_tls_answers || bail "lab: no answer of coturn by TLS"
}

lab_coturn_stop()
{
	lab_daemon_stop coturn
}

# a certificate that is its own authority, for the address and for turn.lab
lab_certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-subj /CN=turn.lab -keyout "$TMP/lab-key.pem" -out "$LAB_CA" \
		-addext "subjectAltName=DNS:turn.lab,IP:${LAB_ADDR[coturn]},IP:${LAB_ADDR6[coturn]}" \
		2>/dev/null || bail "lab: no certificate"
}

lab_tls_answers()
{
	n "${NS[core]}" bash -c "</dev/tcp/${LAB_TURNS/:/\/}" 2>/dev/null
}

# lab_stun_answers NAME: to a Binding request (RFC 8489 section 5) with a
# success response, of which bash reads the first byte that is not 0
lab_stun_answers()
{
	n "${NS[core]}" bash -c "
		exec 3<>/dev/udp/${LAB_ADDR[$1]}/3478
		printf '\0\1\0\0\x21\x12\xa4\x42abcdefghijkl' >&3
		read -r -N 1 -t 0.5 answer <&3
		[ \"\$answer\" = $'\1' ]" 2>/dev/null
}

# lab_coturn_idle: it has no relayed address left; those have ports from 49152 on
lab_coturn_idle()
{
	same "relayed ports" "" "$(grep -E '^ *[0-9]+: [0-9A-F]+:[C-F][0-9A-F]{3} ' \
		"/proc/${LAB_PID[coturn]}/net/udp")"
}
