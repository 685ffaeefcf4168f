#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a session changes on its machine: rules of nftables, names in /etc/hosts;
# and whether its network is free there.
#
#	member 10.9.0.2 -- mpc0 10.9.0.1 machine 192.168.5.1 lan -- 192.168.5.2 neighbour
#	       fd09::2          fd09::1          fd05::1            fd05::2
#
# A veth stands in for the interface of mpcnet.

# shellcheck disable=SC2016 # cases of names run in another shell
# shellcheck source=../lib.sh
. "$(dirname "$0")/../lib.sh"

PORT=11366			# of the program, which listens at all addresses
DAEMON=5000			# UDP, of the helpers

find_guard()
{
	GUARD=$SELFTESTS/../.build/tools/test-guard
	[ ! -x "$GUARD" ] || return 0
	GUARD=$TMP/out/test-guard
	make -s -C "$SELFTESTS/../tools" OUT="$TMP/out" "$GUARD" >"$TMP/make.out" 2>&1
}

guard()
{
	n "$machine" "$GUARD" "$@"
}

rules()
{
	n "$machine" nft list ruleset
}

topology()
{
	setup_ns machine member neighbour
	veth_pair "$machine" mpc0 "$member" m0
	veth_pair "$machine" lan "$neighbour" eth0
	addr "$machine" mpc0 10.9.0.1/24 fd09::1/64
	addr "$member" m0 10.9.0.2/24 fd09::2/64
	addr "$machine" lan 192.168.5.1/24 fd05::1/64
	addr "$neighbour" eth0 192.168.5.2/24 fd05::2/64
	# Each would route by the machine, and the machine for them.
	ip -n "$member" route add default via 10.9.0.1
	ip -n "$neighbour" route add default via 192.168.5.1
	ip -n "$machine" route add default via 192.168.5.2
	n "$machine" sysctl -qw net.ipv4.ip_forward=1
	nft_rules "$neighbour" <<-RULES
	table inet t {
		counter leaked { }
		chain c {
			type filter hook prerouting priority 0
			ip daddr 10.9.0.9 counter name leaked
		}
	}
	RULES
	nft_rules "$machine" <<-RULES
	table inet users {
		chain c {
			type filter hook input priority 0
			tcp dport 1 drop
		}
	}
	table inet mpcnet_rules { }
	RULES
}

# listen NS PORT: a program that says "hello" to TCP
listen()
{
	bg ip netns exec "$1" socat "TCP6-LISTEN:$2,ipv6only=0,reuseaddr,fork" SYSTEM:'echo hello'
	busywait 5 listens "$1" "$2" || bail "socat does not listen"
}

listens()
{
	[ -n "$(n "$1" ss -Htln "sport = $2")" ]
}

# reach NS ADDR PORT [OPTION]: does the program answer?
reach()
{
	n "$1" socat -u "TCP:$2:$3,connect-timeout=1${4:+,$4}" - 2>&1 | grep hello
}

# udp NS1 NS2 ADDR PORT: does a datagram come, from this port to the same?
udp()
{
	local pid

	: >"$TMP/udp"
	ip netns exec "$2" socat -u "UDP6-RECV:$4,ipv6only=0" "OPEN:$TMP/udp,append" 2>/dev/null &
	pid=$!
	busywait 5 udp_listens "$2" "$4"
	busywait 2 udp_came "$@"
	set -- $?
	kill "$pid"
	wait "$pid" 2>/dev/null
	return "$1"
}

udp_listens()
{
	[ -n "$(n "$1" ss -Huln "sport = $2")" ]
}

udp_came()
{
	echo x | n "$1" socat -u - "UDP:$3:$4,sourceport=$4,reuseaddr" 2>/dev/null
	[ -s "$TMP/udp" ]
}

#
# Rules
#

closed()
{
	guard up mpc0 "$DAEMON" closed tcp 11365 11367 udp 7001 7001 || return 1
	fails reach "$member" 10.9.0.1 "$PORT" &&
		fails reach "$member" '[fd09::1]' "$PORT" &&
		fails reach "$machine" 10.9.0.2 9000 &&
		fails udp "$member" "$machine" 10.9.0.1 5001
}

helpers_talk()
{
	ping_one "$member" 10.9.0.1 && ping_one "$machine" fd09::2 &&
		udp "$member" "$machine" 10.9.0.1 "$DAEMON" &&
		udp "$machine" "$member" 10.9.0.2 "$DAEMON"
}

members_only()
{
	guard up mpc0 "$DAEMON" open tcp 11365 11367 udp 7001 7001 || return 1
	reach "$member" 10.9.0.1 "$PORT" && reach "$member" '[fd09::1]' "$PORT" &&
		reach "$machine" 10.9.0.2 9000 && udp "$member" "$machine" 10.9.0.1 5001 &&
		reach "$machine" 127.0.0.1 "$PORT" && reach "$machine" 10.9.0.1 "$PORT"
}

neighbour_not()
{
	fails reach "$neighbour" 192.168.5.1 "$PORT" &&
		fails reach "$neighbour" '[fd05::1]' "$PORT" &&
		fails udp "$neighbour" "$machine" 192.168.5.1 7001
}

neighbour_else()
{
	reach "$neighbour" 192.168.5.1 9001 && udp "$neighbour" "$machine" 192.168.5.1 7002 &&
		reach "$machine" 192.168.5.2 9000 bind=192.168.5.1:11365
}

each_by_its_own()
{
	fails reach "$neighbour" 10.9.0.1 9001 && fails reach "$member" 192.168.5.1 9001
}

not_routed()
{
	fails ping_one "$member" 192.168.5.2 && fails ping_one "$neighbour" 10.9.0.2
}

# A SYN behind two headers of options, of which the second is in the second fragment.
fragments()
{
	n "$neighbour" python3 - "$PORT" <<-'PY'
	import socket, struct, sys
	src, dst = (socket.inet_pton(socket.AF_INET6, a) for a in ("fd05::2", "fd05::1"))
	def tcp():
	    head = struct.pack("!HHIIBBHHH", 4444, int(sys.argv[1]), 1, 0, 5 << 4, 2, 1000, 0, 0)
	    data = src + dst + struct.pack("!IBBBB", 20, 0, 0, 0, 6) + head
	    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
	    while s >> 16:
	        s = (s & 0xffff) + (s >> 16)
	    return head[:16] + struct.pack("!H", ~s & 0xffff) + head[18:]
	def fragment(at, more, data):
	    head = struct.pack("!IHBB", 6 << 28, len(data) + 8, 44, 64) + src + dst
	    return head + struct.pack("!BBHI", 60, 0, at | more, 77) + data
	options = bytes([1, 4, 0, 0, 0, 0])
	out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
	back = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_TCP)
	back.settimeout(1)
	out.sendto(fragment(0, 1, bytes([60, 0]) + options), ("fd05::1", 0))
	out.sendto(fragment(8, 0, bytes([6, 0]) + options + tcp()), ("fd05::1", 0))
	try:
	    while True:
	        got = back.recv(2048)
	        if got[2:4] == struct.pack("!H", 4444) and got[13] & 18 == 18:
	            sys.exit(0)
	except TimeoutError:
	    sys.exit(1)
	PY
}

# What is for a member never goes another way, when the interface does not work.
no_other_way()
{
	ip -n "$machine" link set mpc0 down
	n "$machine" ping -n -q -c 2 -i 0.2 -W 1 10.9.0.9
	ip -n "$machine" link set mpc0 up
	addr "$machine" mpc0 fd09::1/64
	same packets 0 "$(nft_count "$neighbour" leaked)"
}

# The control of that: without the guard they do.
leaks()
{
	ip -n "$machine" link set mpc0 down
	n "$machine" ping -n -q -c 2 -i 0.2 -W 1 10.9.0.9
	ip -n "$machine" link set mpc0 up
	addr "$machine" mpc0 fd09::1/64
	more "$(nft_count "$neighbour" leaked)" 0
}

same_ports()
{
	local before

	ip -n "$machine" link add mpc1 type veth peer name x1
	addr "$machine" mpc1 10.10.0.1/24
	before=$(rules)
	expect "TCP port 11367 is guarded for the session of mpc0" \
		guard up mpc1 "$DAEMON" open tcp 11367 11370 && same rules "$before" "$(rules)" &&
		guard up mpc1 "$DAEMON" open tcp 11368 11370 udp 11365 11365 &&
		reach "$member" 10.9.0.1 "$PORT"
}

# That of mpc1 is left over, that of mpc0 in use.
sweep()
{
	ip -n "$machine" link del mpc1
	guard sweep
	same tables "mpcnet_mpc0 mpcnet_rules users" \
		"$(n "$machine" nft list tables | awk '{ print $3 }' | sort | xargs)"
}

refused()
{
	local before

	before=$(rules)
	expect "no range of ports" guard up mpc0 1 open tcp 5 4 &&
		expect "letters, digits" guard up 'x"; }' 1 open &&
		expect "has no address" guard up nothing 1 open &&
		expect "not permitted" n "$machine" setpriv --bounding-set=-net_admin \
			"$GUARD" up mpc0 1 open &&
		same rules "$before" "$(rules)"
}

guard_down()
{
	guard down mpc0 && guard down mpc0 && guard down never && same rules "$BEFORE" "$(rules)"
}

#
# Names. Each case has an /etc of its own.
#

# hosts_case COMMANDS: with "$GUARD" as G, and the file to end as it began
hosts_case()
{
	G=$GUARD TMP=$TMP unshare -m bash -c '
		mount -t tmpfs tmpfs /etc && cd /etc || exit 1
		up() { MPCNET_RUNDIR=${RUN:-/run/a} timeout 20 "$G" names-up "$1" "$2" alice 10.9.0.1 p0 fd09::2; }
		down() { MPCNET_RUNDIR=${RUN:-/run/a} timeout 20 "$G" names-down "$1" "$2"; }
		sweep() { MPCNET_RUNDIR=${RUN:-/run/a} "$G" names-sweep "$@"; }
		was() { cat hosts >"$TMP/hosts"; meta=$(stat -Lc "%a %u %g %i" hosts); }
		is() { cmp hosts "$TMP/hosts" && [ "$meta" = "$(stat -Lc "%a %u %g %i" hosts)" ]; }
		'"$1"
}

hosts_plain()
{
	hosts_case '
		printf "127.0.0.1 localhost\r\n\n# mine" >hosts; chmod 640 hosts; chown 1:1 hosts
		was; umask 077; up demo mpc0 && ! is
		grep -qx "10.9.0.1 p0.demo.mpcnet alice.demo.mpcnet" hosts &&
			grep -qx "fd09::2 p1.demo.mpcnet" hosts || exit 1
		up demo mpc0 && [ "$(grep -c begin hosts)" = 1 ] && down demo mpc0 && is'
}

hosts_many()
{
	hosts_case '
		printf "127.0.0.1 localhost" >hosts; was
		up a mpc0 && up b mpc1 && RUN=/run/b up a mpc0 && [ "$(grep -c begin hosts)" = 3 ] &&
		down a mpc0 && RUN=/run/b down a mpc0 && up a mpc0 && down b mpc1 && down a mpc0 && is'
}

# All at once, and none loses what another writes: a long file takes its time.
hosts_at_once()
{
	hosts_case '
		yes "0.0.0.0 advertisements.example" | head -c 1000000 >hosts; was
		for i in 1 2 3 4; do up "s$i" mpc0 & done; wait
		[ "$(grep -c begin hosts)" = 4 ] || exit 1
		for i in 1 2 3 4; do down "s$i" mpc0 & done; wait; is'
}

hosts_missing()
{
	hosts_case '
		umask 077; up a mpc0 && [ "$(stat -c %a hosts)" = 644 ] && up b mpc0 &&
		down a mpc0 && grep -q p0.b.mpcnet hosts && down b mpc0 && [ ! -e hosts ] &&
		: >hosts && was && up a mpc0 && down a mpc0 && is'
}

hosts_links()
{
	hosts_case '
		mkdir real; echo "1.2.3.4 a" >real/hosts; ln -s real/hosts hosts; was
		up a mpc0 && [ -L hosts ] && grep -q p0.a real/hosts && down a mpc0 && is &&
		rm real/hosts && up a mpc0 && [ -s real/hosts ] && down a mpc0 &&
		[ -L hosts ] && [ ! -e real/hosts ] || exit 1
		echo "1.2.3.4 b" >other; rm hosts; : >hosts; mount --bind other hosts; was
		up a mpc0 && grep -q p0.a other && down a mpc0 && is'
}

hosts_sweep()
{
	hosts_case '
		printf "127.0.0.1 localhost\n" >hosts
		RUN=/run/b up other mpc0; was; up dead mpc0; up live mpc1
		sweep live; grep -q p0.live hosts && ! grep -q p0.dead hosts && sweep && is'
}

# A crash while it was written, and one who holds the lock.
hosts_hurt()
{
	hosts_case '
		printf "127.0.0.1 localhost" >hosts; was; up demo mpc0
		truncate -s -50 hosts; up demo mpc0; down demo mpc0; is || exit 1
		exec 9<hosts; flock -s 9; up demo mpc0 && down demo mpc0 && is'
}

hosts_refused()
{
	hosts_case '
		mkfifo hosts; up a mpc0 2>&1 | grep -q "is no file" || exit 1
		rm hosts; echo "1.2.3.4 a" >hosts; was; mount --bind -o ro hosts hosts
		mount -o remount,bind,ro hosts; up a mpc0 2>&1 | grep -q "Read-only" || exit 1
		down a mpc0; umount hosts; up -a mpc0 2>&1 | grep -q "no name" && is'
}

#
# Networks
#

clashes()
{
	expect "$2" guard clash "$1" 3
}

clash_cases()
{
	local ns=$machine

	ip -n "$ns" route add 10.64.0.0/10 via 192.168.5.2
	ip -n "$ns" route add 10.32.0.0/16 nexthop via 192.168.5.2 nexthop via 192.168.5.2
	ip -n "$ns" route add unreachable 172.16.0.0/12
	ip -n "$ns" addr add 10.20.0.1/8 dev lan noprefixroute
	clashes 10.9.0.0/16 '10.9.0.0/16 clashes with the address 10.9.0.1 on mpc0 .* network CIDR' &&
		clashes 10.9.0.128/25 'clashes with the route to 10.9.0.0/24 on mpc0' &&
		clashes 10.70.1.0/24 'clashes with the route to 10.64.0.0/10 on lan' &&
		clashes 10.32.1.0/24 'clashes with the route to 10.32.0.0/16 on lan' &&
		clashes 10.20.0.0/24 'clashes with the address 10.20.0.1 on lan' &&
		clashes 172.16.0.0/12 'clashes with the route to 172.16.0.0/12 of'
}

# The default route, also in halves or in another table, and a route to nowhere
free_cases()
{
	local ns=$machine

	ip -n "$ns" route add 0.0.0.0/1 via 192.168.5.2
	ip -n "$ns" -6 route add fc00::/7 via fd05::2
	ip -n "$ns" route add 10.128.0.0/9 via 192.168.5.2 table 77
	guard clash 10.21.0.0/24 3 && guard clash 10.130.0.0/24 3 && guard clash 10.9.1.0/24 3 &&
		guard clash 172.20.0.0/16 3 && guard clash - 3
}

# The prefix of IPv6 follows from the ticket alone.
clash6()
{
	ip -n "$machine" route add 10.0.0.0/8 via 192.168.5.2
	expect 'network 10\.[0-9.]*/24 clashes with the' guard clash - 3 || return 1
	ip -n "$machine" route del 10.0.0.0/8
	ip -n "$machine" -6 route add fd00::/9 via fd05::2
	ip -n "$machine" -6 route add fd80::/9 via fd05::2
	expect 'network fd.*/64 clashes with the route to fd.0::/9 on lan' guard clash - 3
}

require nft socat setpriv flock
[ "$(id -u)" -eq 0 ] || skip_all "root is needed"
find_guard || skip_all "test-guard cannot be built"
plan 28
topology
BEFORE=$(rules)
listen "$machine" "$PORT"
listen "$machine" 9001
listen "$member" 9000
listen "$neighbour" 9000
check "without a guard the neighbour reaches the program" reach "$neighbour" 192.168.5.1 "$PORT"
check "without a guard fragments reach it" fragments
check "without a guard what is for members may leak" leaks
n "$neighbour" nft reset counters >/dev/null
check "closed: members reach nothing, nor do we them" closed
check "closed: helpers do" helpers_talk
check "closed: the neighbour does not" neighbour_not
check "open: members reach the program" members_only
check "open: the neighbour does not" neighbour_not
refuse "open: fragments do not" fragments
check "open: the neighbour reaches what is not the session's" neighbour_else
check "addresses are reached by their own interfaces only" each_by_its_own
check "nothing is routed through a party" not_routed
check "nothing for members goes another way" no_other_way
check "sessions side by side share no ports" same_ports
check "a sweep removes the rules of interfaces that are gone" sweep
check "what cannot be is refused, and changes nothing" refused
check "afterwards the rules are what they were" guard_down
check "names: a file stays what it was" hosts_plain
check "names: of many sessions" hosts_many
check "names: of many at once" hosts_at_once
check "names: a file that was not there" hosts_missing
check "names: links and mounts" hosts_links
check "names: what is left over" hosts_sweep
check "names: a file cut off, and one that is locked" hosts_hurt
check "names: what cannot be is refused" hosts_refused
check "networks that clash" clash_cases
check "networks that do not" free_cases
check "networks that the ticket chose" clash6
finish
