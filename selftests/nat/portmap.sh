#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Mappings on a router, by PCP, NAT-PMP and UPnP: against miniupnpd, and
# against false routers of a few lines for what miniupnpd never does.
#
#	party 192.168.1.20 -- 192.168.1.1 router 45.45.0.1 -- 45.45.0.9 outside
#
# miniupnpd serves no router whose own address is not public.

# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

PORT=12345
LEASE=6				# seconds; half of it is above what a busy machine needs

# Sets CHILD, the program with the child's pipes at its standard input and output.
find_child()
{
	local tools=$SELFTESTS/../tools

	CHILD=$SELFTESTS/../.build/tools/test-portmap
	[ ! -x "$CHILD" ] || return 0
	CHILD=$TMP/test-portmap
	(cd "$tools" && cc -D_GNU_SOURCE -Ilib -Inat -Impcnetd -I../kmod/uapi -std=gnu11 -O1 \
		-o "$CHILD" mpcnetd/portmap*.c mpcnetd/test_portmap.c nat/pcp.c \
		nat/portmap_line.c nat/candidate.c lib/addr.c lib/number.c lib/err.c lib/file.c \
		lib/key.c lib/text.c -lminiupnpc -lnatpmp -lcrypto) >"$TMP/cc.out" 2>&1
}

#
# Routers
#

router_rules()
{
	nft_rules "$router" <<-RULES
	table inet t {
		chain forward {
			type filter hook forward priority 0; policy drop
			ct state established,related accept
			iifname lan accept
			jump mapped
		}
		chain pre {
			type nat hook prerouting priority dstnat
			jump mapped_pre
		}
		chain post {
			type nat hook postrouting priority srcnat
			jump mapped_post
			oifname wan masquerade
		}
		chain input {
			type filter hook input priority 0
			jump service
		}
		chain service { }
		chain mapped { }
		chain mapped_pre { }
		chain mapped_post { }
	}
	RULES
}

upnpd_conf()
{
	cat <<-CONF
	ext_ifname=wan
	listening_ip=lan
	enable_natpmp=yes
	enable_upnp=yes
	secure_mode=yes
	min_lifetime=2
	max_lifetime=3600
	upnp_table_name=t
	upnp_nat_table_name=t
	upnp_forward_chain=mapped
	upnp_nat_chain=mapped_pre
	upnp_nat_postrouting_chain=mapped_post
	uuid=00000000-0000-0000-0000-000000000001
	allow 1024-65535 192.168.1.0/24 1024-65535
	deny 0-65535 0.0.0.0/0 0-65535
	CONF
}

listens()
{
	[ -n "$(n "$router" ss -Huln "sport = $1")" ]
}

upnpd_start()
{
	upnpd_conf >"$TMP/upnpd.conf"
	bg ip netns exec "$router" miniupnpd -d -f "$TMP/upnpd.conf" -P "$TMP/upnpd.pid"
	UPNPD=$BG_PID
	busywait 5 listens 5351 && busywait 5 listens 1900
}

# A false router of UPnP: EXTERNAL is its address outside, FAULT what it answers
# to requests for a mapping (725: only to those with a lease).
igd_start()
{
	{
		declare -p TMP
		echo "EXTERNAL=$1 FAULT=${2:-}"
		declare -f igd_answer igd_root igd_soap igd_fault
		echo igd_answer
	} >"$TMP/igd"
	printf '%s\r\n' 'HTTP/1.1 200 OK' 'CACHE-CONTROL: max-age=60' 'EXT:' \
		'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1' \
		'USN: uuid:1::urn:schemas-upnp-org:device:InternetGatewayDevice:1' \
		'LOCATION: http://192.168.1.1:5000/root' '' >"$TMP/igd.found"
	: >"$TMP/igd.log"
	bg ip netns exec "$router" socat UDP4-RECVFROM:1900,ip-add-membership=239.255.255.250:lan,fork \
		EXEC:"cat $TMP/igd.found"
	IGD_SSDP=$BG_PID
	bg ip netns exec "$router" socat TCP4-LISTEN:5000,reuseaddr,fork EXEC:"bash $TMP/igd"
	IGD_HTTP=$BG_PID
	busywait 5 listens 1900
}

igd_stop()
{
	stop "$IGD_SSDP"
	stop "$IGD_HTTP"
}

igd_root()
{
	local service

	echo '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>'
	echo '<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>'
	echo '<serviceList>'
	for service in WANCommonInterfaceConfig WANIPConnection; do
		echo "<service><serviceType>urn:schemas-upnp-org:service:$service:1</serviceType>"
		echo '<controlURL>/ctl</controlURL><SCPDURL>/scpd</SCPDURL></service>'
	done
	echo '</serviceList></device></root>'
}

# igd_soap ACTION WHAT-IT-RETURNS
igd_soap()
{
	echo '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
	echo "<s:Body><u:$1Response>$2</u:$1Response></s:Body></s:Envelope>"
}

igd_fault()
{
	echo '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
	echo "<s:Body><s:Fault><detail><UPnPError><errorCode>$1</errorCode></UPnPError></detail>"
	echo '</s:Fault></s:Body></s:Envelope>'
}

# One request of HTTP: its header, its body, the answer
igd_answer()
{
	local line len=0 action=root body='' lease answer

	while IFS= read -r line && [ "${line%$'\r'}" ]; do
		case ${line,,} in
		content-length:*) len=${line//[^0-9]/} ;;
		soapaction:*) action=${line#*#} action=${action%%\"*} ;;
		esac
	done
	[ "$len" -eq 0 ] || IFS= read -r -N "$len" body
	lease=${body#*<NewLeaseDuration>} lease=${lease%%<*}
	case $action in
	root) answer=$(igd_root) ;;
	GetStatusInfo) answer=$(igd_soap "$action" \
		"<NewConnectionStatus>Connected</NewConnectionStatus><NewUptime>1</NewUptime>") ;;
	GetExternalIPAddress) answer=$(igd_soap "$action" \
		"<NewExternalIPAddress>$EXTERNAL</NewExternalIPAddress>") ;;
	AddPortMapping)
		[ "$FAULT" != stuck ] || sleep 60
		echo "add $lease" >>"$TMP/igd.log"
		if [ "$FAULT" ] && [ "$lease" != 0 ]; then
			answer=$(igd_fault "$FAULT")
		else
			answer=$(igd_soap "$action" '')
		fi ;;
	*)
		echo "$action" >>"$TMP/igd.log"
		answer=$(igd_soap "$action" '') ;;
	esac
	printf 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
		"${#answer}" "$answer"
}

# A false gateway of PCP that maps all to 100.64.0.7, and notes the lifetimes
pcp_start()
{
	cat >"$TMP/pcp" <<-SCRIPT
	q=\$(head -c 60 | od -An -v -tx1 | tr -d ' \n')
	echo "\${q:8:8}" >>$TMP/pcp.log
	a=02810000\${q:8:8}00000001\$(printf '%024d' 0)\${q:48:40}00000000000000000000ffff64400007
	printf "\$(sed 's/../\\\\x&/g' <<<"\$a")"
	SCRIPT
	: >"$TMP/pcp.log"
	bg ip netns exec "$router" socat UDP4-RECVFROM:5351,fork EXEC:"bash $TMP/pcp"
	PCP=$BG_PID
	busywait 5 listens 5351
}

#
# The child
#

# child_start [SECONDS HOW...]: its lines go to $TMP/lines, 3 is its input
child_start()
{
	rm -f "$TMP/in"
	mkfifo "$TMP/in"
	: >"$TMP/lines"
	ip netns exec "$party" "$CHILD" "$PORT" "$@" <"$TMP/in" >"$TMP/lines" 2>"$TMP/err" &
	CHILD_PID=$!
	STARTED=$(now_ms)
	exec 3>"$TMP/in"
}

child_gone()
{
	! kill -0 "$CHILD_PID" 2>/dev/null
}

# child_close [WORD]: close its input, behind the word; it exits 0, and said
# nothing elsewhere
child_close()
{
	[ $# -eq 0 ] || echo "$1" >&3
	exec 3>&-
	busywait 8 child_gone || { kill -KILL "$CHILD_PID"; return 1; }
	wait "$CHILD_PID" && [ ! -s "$TMP/err" ]
}

says()
{
	grep -Eqx -- "$1" "$TMP/lines"
}

# wait_line SECONDS LINE...: extended regular expressions, all of them are said
wait_line()
{
	local line seconds=$1

	shift
	for line; do
		busywait "$seconds" says "$line" && continue
		echo "not said: $line"
		cat "$TMP/lines"
		return 1
	done
}

# By when it has to have said something of each protocol, with some room for a
# slow machine
within()
{
	more $(($1 * 1000 + 1000)) $(($(now_ms) - STARTED))
}

# A datagram from outside comes in to the party
comes_in()
{
	local word="word $RANDOM$RANDOM" status receiver

	ip netns exec "$party" socat -u "UDP4-RECV:$PORT" "CREATE:$TMP/came" &
	receiver=$!
	busywait 5 party_listens
	echo "$word" | n "$outside" socat -u - "UDP4-SENDTO:${1:-45.45.0.1}:$PORT"
	busywait 1 grep -sqx "$word" "$TMP/came"
	status=$?
	stop "$receiver"
	return "$status"
}

party_listens()
{
	[ -n "$(n "$party" ss -Huln "sport = $PORT")" ]
}

is_mapped()
{
	n "$router" nft list chain inet t mapped_pre >"$TMP/chain" && grep "dnat.*$PORT" "$TMP/chain"
}

passed()
{
	[ $(($(now_ms) - STARTED)) -gt "$1" ]
}

#
# Tests
#

# One protocol at miniupnpd, from the first request to the last
life()
{
	child_start $LEASE "$1"
	check "$1: a mapping" wait_line 4 "mapped $1 45\.45\.0\.1:$PORT $LEASE"
	check "$1: a datagram from outside comes in" comes_in
	busywait 20 passed $((LEASE * 1000 + 5000))
	check "$1: it is renewed" comes_in
	check "$1: nothing new is said of that" same lines 1 "$(wc -l <"$TMP/lines")"
	check "$1: the child ends when it is told to" child_close end
	refuse "$1: the mapping is removed then" is_mapped
	refuse "$1: nothing comes in any more" comes_in

	child_start $LEASE "$1"
	wait_line 4 "mapped $1 .*"
	check "$1: the child ends with its pipe" child_close
	check "$1: the mapping stays then" is_mapped
	check "$1: until its lease ends" busywait $((LEASE + 10)) fails is_mapped
}

all_ways()
{
	child_start
	check "all: one mapping, by PCP" wait_line 4 "mapped pcp 45\.45\.0\.1:$PORT 600"
	kill -TERM "$CHILD_PID"
	kill -INT "$CHILD_PID"
	check "all: signals do not keep it from removing" child_close end
	refuse "all: the mapping is removed" is_mapped
	check "all: nothing else was said" same lines 1 "$(wc -l <"$TMP/lines")"
}

# restart HOW LEASE: the gateway restarts, and its epoch says so
restart()
{
	child_start "$2" "$1"
	wait_line 4 "mapped $1 .*"
	busywait 10 passed 6000
	stop "$UPNPD"
	n "$router" nft flush chain inet t mapped_pre
	: >"$TMP/lines"
	upnpd_start
	check "$1: a gateway that restarted is asked again" wait_line 15 \
		"lost $1 the gateway restarted" "mapped $1 45\.45\.0\.1:$PORT $2"
	check "$1: and maps again" is_mapped
	child_close end
}

moves()
{
	child_start $LEASE "$1"
	wait_line 4 "mapped $1 45\.45\.0\.1:.*"
	addr "$router" wan 45.45.0.2/24
	ip -n "$router" addr del 45.45.0.1/24 dev wan
	check "$1: another external address is said" \
		wait_line 15 "mapped $1 45\.45\.0\.2:$PORT $LEASE"
	child_close end
	addr "$router" wan 45.45.0.1/24
	ip -n "$router" addr del 45.45.0.2/24 dev wan
}

# Nobody there: the port is closed, or nothing answers
nobody()
{
	child_start
	check "no service: that is said" wait_line 5 \
		"failed pcp the gateway 192\.168\.1\.1 does not speak PCP" \
		"failed natpmp the gateway 192\.168\.1\.1 does not speak NAT-PMP" \
		"failed upnp no router answers"
	check "no service: in time" within 3
	check "no service: the child ends when it is told to" child_close end

	n "$router" nft add rule inet t service iifname lan drop
	child_start
	check "silence: that is said" wait_line 5 \
		"failed pcp the gateway 192\.168\.1\.1 does not answer" \
		"failed natpmp the gateway 192\.168\.1\.1 does not answer" \
		"failed upnp no router answers"
	check "silence: in time" within 3
	check "silence: the child ends with its pipe" child_close
	n "$router" nft flush chain inet t service

	ip -n "$party" route del default
	child_start
	check "no gateway: that is said" wait_line 5 "failed pcp there is no default gateway" \
		"failed natpmp there is no default gateway" "failed upnp no router answers"
	check "no gateway: in time" within 3
	check "no gateway: the child ends when it is told to" child_close end
	ip -n "$party" route add default via 192.168.1.1
}

behind_another()
{
	local not_public="the router's own address 100\.64\.0\.7 is not public: it is behind another NAT"

	igd_start 100.64.0.7
	child_start
	check "upnp: a router behind another NAT" wait_line 5 "failed upnp $not_public"
	check "upnp: in time" within 3
	child_close end
	check "upnp: it was not asked for a mapping" fails grep add "$TMP/igd.log"
	igd_stop

	pcp_start
	child_start 600 pcp
	check "pcp: a gateway behind another NAT" wait_line 4 "failed pcp $not_public"
	child_close end
	check "pcp: its mapping is removed again" \
		same lifetimes "00000258 00000000" "$(uniq "$TMP/pcp.log" | paste -sd' ')"
	stop "$PCP"
}

# Routers that know no leases: what never ends is removed whatever happens
permanent()
{
	local word

	for word in '' end; do
		igd_start 45.45.0.1 725
		child_start
		check "permanent${word:+, end}: a mapping" \
			wait_line 5 "mapped upnp 45\.45\.0\.1:$PORT 0"
		check "permanent${word:+, end}: the child ends" child_close ${word:+"$word"}
		check "permanent${word:+, end}: the mapping is removed" same requests \
			"add 600 add 0 DeletePortMapping" "$(paste -sd' ' "$TMP/igd.log")"
		igd_stop
	done
}

faults()
{
	igd_start 45.45.0.1 718
	child_start 600 upnp
	check "upnp: all ports are taken" wait_line 5 "failed upnp the router refuses it: .*718\)"
	child_close end
	check "upnp: four were asked for" same requests 4 "$(grep -c add "$TMP/igd.log")"
	igd_stop

	igd_start 45.45.0.1 stuck
	child_start 600 upnp
	check "upnp: a router that does not come to an end" \
		wait_line 5 "failed upnp the router takes too long to answer"
	check "upnp: that is said in time" within 3
	check "upnp: the child ends all the same" child_close end
	igd_stop
}

plan 66
require socat miniupnpd nft ss od
[ "$(id -u)" -eq 0 ] || skip_all "root is needed"
find_child || skip_all "the child cannot be built: $(grep -m 1 error "$TMP/cc.out")"
setup_ns party router outside
veth_pair "$party" eth0 "$router" lan || bail "no veth"
veth_pair "$router" wan "$outside" eth0 || bail "no veth"
addr "$party" eth0 192.168.1.20/24
addr "$router" lan 192.168.1.1/24
addr "$router" wan 45.45.0.1/24
addr "$outside" eth0 45.45.0.9/24
ip -n "$party" route add default via 192.168.1.1
n "$router" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.promote_secondaries=1
router_rules

nobody
behind_another
permanent
faults
upnpd_start || bail "miniupnpd does not start"
for how in pcp natpmp upnp; do
	life $how
done
all_ways
moves pcp
moves natpmp
moves upnp
restart pcp 3600		# by its announcement
restart natpmp 20		# when it is asked to renew
finish
