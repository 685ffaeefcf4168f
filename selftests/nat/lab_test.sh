#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The NAT laboratory is what it says: each class of router maps and filters as
# its name tells (RFC 4787, asked by a bare prober from both sides), what
# happens to a site does happen, and the servers answer.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=lab.sh
. "$(dirname "$0")/lab.sh"

REFUSED_MS=600		# without an answer after that, there is none
LOCAL=5000		# ports of parties: each test takes the next ones

# ask KEY [-p PORT] [-w MS] ADDR PORT...: what KEY looks like from there
ask()
{
	n "${NS[$1]}" "$PROBE" ask "${@:2}"
}

# serve NAME KEY ADDR PORT...: answer there until the test ends
serve()
{
	lab_daemon "$1" "$2" "$PROBE" serve "${@:3}"
}

# seen HOST PORT KEY ASK...: KEY looks so; "" is anything
seen()
{
	local found

	found=$(ask "${@:3}") || { echo "no answer"; return 1; }
	[ -z "$1" ] || same address "$1" "${found% *}" || return 1
	[ -z "$2" ] || same port "$2" "${found#* }"
}

no_answer()
{
	fails ask "$1" -w "$REFUSED_MS" "${@:2}"
}

#
# Mapping and filtering (RFC 4787 sections 4 and 5)
#

# three_ports KEY: as three sockets of stun1 see one of KEY: same address,
# another port of it, another address
three_ports()
{
	ask "$1" -p "$LOCAL" "$A1" 7001 "$A1" 7002 "$A2" 7001 | awk '{ print $2 }' | xargs
}

# maps KEY eim|adm|apdm kept|other
maps()
{
	local ports kind port=other

	read -ra ports <<<"$(three_ports "$1")"
	[ ${#ports[@]} -eq 3 ] || { echo "ports: ${ports[*]}"; return 1; }
	kind=apdm
	[ "${ports[0]}" != "${ports[1]}" ] || kind=adm
	[ "$kind" != adm ] || [ "${ports[0]}" != "${ports[2]}" ] || kind=eim
	[ "${ports[0]}" != "$LOCAL" ] || port=kept
	same "mapping (${ports[*]} of $LOCAL)" "$2 $3" "$kind $port"
}

# filters KEY eif|adf|apdf: which sockets of stun1 may answer a question to one
filters()
{
	local heard

	heard=$(n "${NS[$1]}" "$PROBE" filter -p "$LOCAL" "$A1" 7001)
	case $heard in
	012) heard=eif ;;
	01) heard=adf ;;
	0) heard=apdf ;;
	esac
	same filtering "$2" "$heard"
}

# class NAME MAPPING PORT FILTERING [PARTIES]
class()
{
	lab_site "$1" "$1" "${5:-1}"
	# else, once in a thousand times, two addresses get the same port
	[ "$1" != adm ] || { LAB_SEED[$1]=1 && lab_reload "$1"; }
	: $((++LOCAL))
	check "$1: mapping is $2, port $3" maps "$1.1" "$2" "$3"
	: $((++LOCAL))
	check "$1: filtering is $4" filters "$1.1" "$4"
}

sequential()
{
	local ports

	: $((++LOCAL))
	read -ra ports <<<"$(three_ports apdm-seq.1)"
	same ports "$((ports[0])) $((ports[0] + 1)) $((ports[0] + 2))" "${ports[*]}"
}

# in_block FIRST LAST KEY: the port of ten sockets
in_block()
{
	local i port

	for ((i = 0; i < 10; i++)); do
		port=$(ask "$3" "$A1" 7001)
		port=${port#* }
		((port >= $1 && port <= $2)) || { echo "port $port"; return 1; }
	done
}

classes()
{
	class public eim kept eif
	class eim-eif eim kept eif 2
	# many homes have the same network
	LAB_LAN=192.168.1 class eim-adf eim kept adf
	LAB_LAN=192.168.1 class eim-apdf eim kept apdf
	class eim-apdf-newport eim other apdf
	class adm adm other apdf
	class apdm-random apdm other apdf
	class apdm-seq apdm other apdf
	class cgn-block eim other apdf
	class double eim other apdf
	class hairpin eim kept eif 2
	class mapped eim kept apdf
	class v6-firewall eim kept apdf
	class host-firewall eim kept apdf
	lab_site udp-blocked udp-blocked
	lab_site v6-only v6-only
	check "apdm-seq: ports follow one another" sequential
	check "cgn-block: ports are of one block" in_block 20000 20063 cgn-block.1
	check "public: seen by its own address" \
		seen "${LAB_ADDR[public.1]}" '' public.1 "$A1" 7001
	check "eim-apdf: seen by the router's" \
		seen "${LAB_ADDR[eim-apdf]}" '' eim-apdf.1 "$A1" 7001
	check "double: seen by the carrier's" \
		seen "${LAB_ADDR[double.carrier]}" '' double.1 "$A1" 7001
	check "double: the home has an address of the carrier" \
		expect '^100\.64\.' echo "${LAB_ADDR[double]}"
}

# neighbour SITE: the second party asks the first by the public address
neighbour()
{
	ask "$1.1" -p 4000 "$A1" 7001 &&
		ask "$1.2" -p 4002 -w "$REFUSED_MS" "${LAB_ADDR[$1]}" 4000 >"$TMP/hairpin" &&
		same "as seen" "${LAB_ADDR[$1]} 4002" "$(<"$TMP/hairpin")"
}

hairpins()
{
	ask hairpin.1 -p 4000 "$A1" 7001 >/dev/null
	serve hairpin hairpin.1 0.0.0.0 4000
	ask eim-eif.1 -p 4000 "$A1" 7001 >/dev/null
	serve no-hairpin eim-eif.1 0.0.0.0 4000
	check "hairpin: a neighbour is reached by the public address" neighbour hairpin
	check "eim-eif: the first party is reached from outside" \
		ask stun1 "${LAB_ADDR[eim-eif]}" 4000
	check "eim-eif: but not by a neighbour" \
		no_answer eim-eif.2 "${LAB_ADDR[eim-eif]}" 4000
}

neighbour()
{
	seen "${LAB_ADDR[$1]}" 4002 "$1.2" -p 4002 "${LAB_ADDR[$1]}" 4000
}

#
# UDP blocked, IPv6
#

# tls KEY: by TCP to coturn's port 443, with a certificate that holds
tls()
{
	n "${NS[$1]}" timeout 10 openssl s_client -connect "$LAB_TURNS" -CAfile "$LAB_CA" \
		-verify_return_error -verify_ip "${LAB_TURNS%:*}" </dev/null
}

# tcp KEY PORT: of coturn
tcp()
{
	n "${NS[$1]}" timeout 1 bash -c "</dev/tcp/${LAB_ADDR[coturn]}/$2"
}

blocked()
{
	check "udp-blocked: no answer by UDP" no_answer udp-blocked.1 "$A1" 7001
	check "udp-blocked: TLS on 443" tls udp-blocked.1
	check "udp-blocked: no TCP to 3478" fails tcp udp-blocked.1 3478
	check "which eim-apdf has" tcp eim-apdf.1 3478
}

# opens KEY: stun1 is heard by KEY's port once that has sent there
opens()
{
	local here=${LAB_ADDR6[$1]}

	n "${NS[$1]}" "$PROBE" send -p 6001 "$B1" 6002
	serve "$1.open" "$1" :: 6001
	seen "$B1" 6002 stun1 -p 6002 "$here" 6001
}

ipv6()
{
	local key

	for key in v6-firewall v6-only; do
		check "$key: seen by its own address" \
			seen "${LAB_ADDR6[$key.1]}" 6000 "$key.1" -p 6000 "$B1" 7001
		serve "$key.shut" "$key.1" :: 6000
		check "$key: not reached unasked" \
			no_answer stun1 "${LAB_ADDR6[$key.1]}" 6000
		check "$key: reached by whom it sent to" opens "$key.1"
	done
	serve public.open public.1 :: 6000
	check "public: reached by IPv6 unasked" ask v6-only.1 "${LAB_ADDR6[public.1]}" 6000
	check "v6-only: no IPv4" same addresses "" \
		"$(ip -n "${NS[v6-only.1]}" -4 -br addr show dev eth0)"
	check "eim-apdf: no IPv6" same addresses "" \
		"$(ip -n "${NS[eim-apdf.1]}" -6 -br addr show dev eth0 scope global)"
}

#
# What happens to a site
#

# early PORT LOCAL: a datagram from PORT of stun1 comes before the party sends
early()
{
	n "${NS[stun1]}" "$PROBE" send -p "$1" "${LAB_ADDR[eim-apdf]}" "$2"
	serve "early.$1" stun1 "$A1" "$1"
}

too_early()
{
	early 7003 4103
	check "trap: an early datagram forces another port" \
		fails seen '' 4103 eim-apdf.1 -p 4103 "$A1" 7003
	check "trap: which gets an answer" ask eim-apdf.1 -p 4103 "$A1" 7003
	lab_input_drop eim-apdf
	early 7004 4104
	check "trap: not with input dropped" seen '' 4104 eim-apdf.1 -p 4104 "$A1" 7004
}

rebind()
{
	local old

	old=$(ask apdm-random.1 -p 4200 "$A1" 7001)
	check "apdm-random: a mapping stays" same mapping "$old" \
		"$(ask apdm-random.1 -p 4200 "$A1" 7001)"
	lab_rebind apdm-random
	check "apdm-random: rebound, it is another" fails same mapping "$old" \
		"$(ask apdm-random.1 -p 4200 "$A1" 7001)"
	old=$(ask double.1 -p 4200 "$A1" 7001)
	lab_rebind double
	check "double: rebound, it is another" fails same mapping "$old" \
		"$(ask double.1 -p 4200 "$A1" 7001)"
}

# new_wan NAME KEY: as seen before and after
new_wan()
{
	local old=${LAB_ADDR[$2]}

	seen "$old" '' "$1.1" -p 4300 "$A1" 7001 && lab_new_wan "$1" &&
		fails same address "$old" "${LAB_ADDR[$2]}" &&
		seen "${LAB_ADDR[$2]}" '' "$1.1" -p 4300 "$A1" 7001
}

expires()
{
	ask eim-eif.1 -p 4400 "$A1" 7001 >/dev/null
	serve expires eim-eif.1 0.0.0.0 4400
	ask stun1 "${LAB_ADDR[eim-eif]}" 4400 || return 1
	busywait 10 no_answer stun1 "${LAB_ADDR[eim-eif]}" 4400
}

delayed()
{
	local rtt

	rtt=$(n "${NS[public.1]}" ping -n -q -c 2 -i 0.1 "$A1" | awk -F/ '/rtt/ { print int($4) }')
	more "$rtt" 59
}

delay()
{
	lab_delay public 40
	lab_delay stun1 20
	if tc -n "${NS[core]}" qdisc show | grep -q netem; then
		check "delay of both sides" delayed
	else
		skip "delay of both sides" "the kernel has no netem"
	fi
	lab_delay public 0
	lab_delay stun1 0
}

changes()
{
	too_early
	rebind
	check "eim-apdf: another public address" new_wan eim-apdf eim-apdf
	check "hairpin: another public address" new_wan hairpin hairpin
	check "double: another public address" new_wan double double.carrier
	refuse "public: keeps its address" lab_new_wan public
	lab_udp_timeout eim-eif 2
	check "eim-eif: a mapping lives as long as it is told" expires
	check "a short TTL dies on the way" fails ping_one "${NS[double.1]}" "$A1" -t $((LAB_HOPS - 1))
	check "but not at home" ping_one "${NS[double.1]}" "$A1" -t $((LAB_HOPS + 2))
	delay
}

#
# Servers
#

# hex ADDR: as od prints it
hex()
{
	# shellcheck disable=SC2046,SC2086 # four words
	printf ' %02x' ${1//./ }
}

discover()
{
	printf 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n%s\r\n\r\n' \
		$'MX: 1\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1' |
		n "${NS[mapped.1]}" socat -t 2 - UDP4-DATAGRAM:239.255.255.250:1900
}

# natpmp_address: miniupnpd tells the router's public address
natpmp_address()
{
	expect "^ 00 80 00 00 .*$(hex "${LAB_ADDR[mapped]}")\$" lab_natpmp mapped.1 '\0\0' 12
}

miniupnpd()
{
	check "mapped: NAT-PMP knows the public address" natpmp_address
	check "mapped: PCP answers" expect '^ 02 80 00 00' lab_natpmp mapped.1 \
		'\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff'"$(hex "${LAB_ADDR[mapped.1]}" |
			sed 's/ /\\x/g')" 24
	check "mapped: UPnP is found" expect '^LOCATION: http://192\.168\.' discover
	serve mapped mapped.1 0.0.0.0 4500
	check "mapped: not reached unasked" no_answer stun1 "${LAB_ADDR[mapped]}" 4500
	check "mapped: a port is mapped" expect '^ 00 81 00 00 .* 11 94 11 94 ' \
		lab_natpmp mapped.1 '\0\1\0\0\x11\x94\x11\x94\0\0\x0e\x10' 16
	check "mapped: and then reached" ask stun1 "${LAB_ADDR[mapped]}" 4500
	lab_new_wan mapped
	check "mapped: NAT-PMP knows the new address" busywait 10 natpmp_address
	check "mapped: which is reached as well" ask stun1 "${LAB_ADDR[mapped]}" 4500
}

stun()
{
	n "${NS[public.1]}" timeout 10 turnutils_stunclient "${1%:*}"
}

# turn KEY SERVER OPTION...: between two allocations of one client
turn()
{
	n "${NS[$1]}" timeout 30 turnutils_uclient -y -n 3 -m 1 -u "$LAB_TURN_USER" \
		-w "$LAB_TURN_PASSWORD" "${@:3}" "$2"
}

# turn_tls KEY: its client's own TLS tries versions that nobody allows now
turn_tls()
{
	lab_daemon tls "$1" socat TCP-LISTEN:3478,bind=127.0.0.1,fork,reuseaddr \
		"OPENSSL:$LAB_TURNS,cafile=$LAB_CA"
	busywait 10 n "${NS[$1]}" bash -c '</dev/tcp/127.0.0.1/3478' 2>/dev/null
	turn "$1" 127.0.0.1 -t
}

# relays COMMAND...: messages come back, all of them; how many there are differs
relays()
{
	local out

	out=$("$@")
	if ! grep -q 'tot_recv_msgs=[1-9]' <<<"$out" ||
	   ! grep -q 'Total lost packets 0 ' <<<"$out"; then
		echo "$out"
		return 1
	fi
}

coturn()
{
	check "coturn: OTHER-ADDRESS" \
		expect "Other addr: : ${LAB_ADDR[coturn.other]}:" stun "$LAB_TURN"
	check "stun1: OTHER-ADDRESS" expect "Other addr: : $A2:" stun "$LAB_STUN"
	check "coturn: relays between its allocations" \
		relays turn eim-apdf.1 "${LAB_TURN%:*}"
	check "coturn: relays by TLS on 443" \
		relays turn_tls udp-blocked.1
	check "coturn: not with another password" \
		fails relays turn eim-apdf.1 "${LAB_TURN%:*}" -w wrong
	lab_coturn_stop
	refuse "coturn: stopped" lab_stun_answers coturn
	check "stun1: still there" lab_stun_answers stun1
	lab_coturn_start --no-tcp
	check "coturn: started with an argument" lab_stun_answers coturn
}

#
# What is expected, what is left
#

# both_ways WANT CLASS CLASS...: of the first with each of the others
both_ways()
{
	local other

	for other in "${@:3}"; do
		same "$2 $other" "$1" "$(lab_expected "$2" "$other")" || return 1
		same "$other $2" "$1" "$(lab_expected "$other" "$2")" || return 1
	done
}

expected()
{
	local open="public eim-eif eim-adf hairpin mapped" some="eim-apdf double host-firewall"
	local hard="adm apdm-random"

	# shellcheck disable=SC2086 # lists of names
	both_ways direct eim-adf $open $some $hard apdm-seq v6-firewall &&
		both_ways direct eim-apdf $open $some apdm-seq cgn-block v6-firewall &&
		both_ways relay eim-apdf $hard udp-blocked v6-only &&
		both_ways relay apdm-seq apdm-seq $hard udp-blocked &&
		both_ways relay adm $some $hard udp-blocked &&
		both_ways relay udp-blocked $NAT_CLASSES &&
		both_ways direct v6-only v6-only v6-firewall public host-firewall &&
		both_ways relay v6-only $hard mapped eim-eif
}

# a laboratory whose script is killed
killed()
{
	# shellcheck disable=SC2016 # to be expanded by that shell
	bash -c '. "$1/../lib.sh" && . "$1/lab.sh"
		lab_start && lab_site home mapped && echo "$$ $TMP" && kill $$' \
		killed "$SELFTESTS/nat" 2>/dev/null
}

nothing_left()
{
	local pid tmp

	read -r pid tmp <<<"$(killed)"
	[ -n "$tmp" ] || { echo "did not start"; return 1; }
	same namespaces "" "$(ip netns list | grep -e "-$pid-")" &&
		same processes "" "$(grep -lsa "${tmp/c/[c]}" /proc/[0-9]*/cmdline)" && [ ! -e "$tmp" ]
}

plan 82
[ "$(id -u)" -eq 0 ] || skip_all "root is needed"
require nft conntrack turnserver turnutils_uclient miniupnpd openssl socat
mkdir "$TMP/nat"
PROBE=$(helper nat/probe) || skip_all "probe.c does not build"
lab_start
A1=${LAB_ADDR[stun1]} A2=${LAB_ADDR[stun1.other]} B1=${LAB_ADDR6[stun1]}
serve stun1.probe stun1 "$A1" 7001 "$A1" 7002 "$A2" 7001
serve stun1.probe6 stun1 "$B1" 7001

classes
hairpins
blocked
ipv6
changes
miniupnpd
coturn
check "expected outcomes" expected
check "nothing is left of a killed laboratory" nothing_left
finish
