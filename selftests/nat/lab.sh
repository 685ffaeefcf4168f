# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The NAT laboratory: a pretended Internet of namespaces, for tests to source
# after ../lib.sh.
#
#	 stun1   coturn		servers: NS[NAME], 45.45.N.2 and 45.45.N.3
#	    \     /
#	     core		45.45.N.1 and 2a45:4545:N::1, for each N
#	    /     \
#	  wan     wan		router of site N: NS[NAME], 45.45.N.2
#	  lan     lan		192.168.N.1
#	  / \      |
#	.11 .12   .11		parties: NS[NAME.1], NS[NAME.2]..., device eth0
#
# Core is a router, and each site has a link of its own, so that sites can be
# delayed one by one and share no neighbour table. It knows no private address.
# It stands for many hops: what arrives with a TTL below LAB_HOPS dies there.
# Class double has one router more, NS[NAME.carrier] on 45.45.N.2, and
# 100.64.N.0/24 between the two. Public parties are 45.45.N.139, .140... A site
# made with LAB_LAN=192.168.1 has that network, as others may have too.
#
# 45.45.0.0/16, as miniupnpd takes the usual test networks for private ones.
# NS is the laboratory's here: not to be mixed with wires and mesh of lib.sh.
# By the name of a site, server or party there are:
#
#	NS		the namespace
#	LAB_ADDR	its address; of a router, that on the wan
#	LAB_ADDR6	the same of IPv6; both are empty if it has none
#	LAB_CLASS	the class of a site, see nats.sh

# shellcheck source-path=SCRIPTDIR source=nats.sh
. "$(dirname "${BASH_SOURCE[0]}")/nats.sh"
# shellcheck source-path=SCRIPTDIR source=changes.sh
. "$(dirname "${BASH_SOURCE[0]}")/changes.sh"
# shellcheck source-path=SCRIPTDIR source=mapped.sh
. "$(dirname "${BASH_SOURCE[0]}")/mapped.sh"
# shellcheck source-path=SCRIPTDIR source=coturn.sh
. "$(dirname "${BASH_SOURCE[0]}")/coturn.sh"

unset NS
declare -A NS LAB_ADDR LAB_ADDR6 LAB_CLASS
declare -A LAB_NUMBER	# N, of what hangs on core
declare -A LAB_FRONT	# of a site, which router hangs on core
declare -A LAB_PID	# of a daemon, by its name
declare -A LAB_NAT LAB_SEED LAB_DROP LAB_TIMEOUT	# of a router, for lab_reload
LAB_SITES=0
LAB_HOPS=${LAB_HOPS:-8}

# lab_start: core, and servers of STUN (stun1) and TURN (coturn)
lab_start()
{
	lab_ns core
	lab_rules core <<-RULES
	table inet core {
		chain path {
			type filter hook prerouting priority raw; policy accept;
			ip ttl < $LAB_HOPS drop
			ip6 hoplimit < $LAB_HOPS drop
		}
	}
	RULES
	lab_server stun1
	lab_server coturn
	lab_stun_start
	# shellcheck disable=SC2119 # not this function's arguments
	lab_coturn_start
}

#
# Parts
#

# lab_ns KEY...: namespaces NS[KEY]; no address of theirs waits to be checked
lab_ns()
{
	local key var

	for key; do
		[ -z "${NS[$key]-}" ] || bail "lab: there is a $key already"
		var=lab_${key//[^A-Za-z0-9]/_}
		setup_ns "$var"
		NS[$key]=${!var}
		n "${!var}" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad' ||
			bail "lab: no IPv6 in $key"
	done
}

# lab_rules KEY: make it a router, with the rules of stdin, which are not for
# what its bridge passes on (br_netfilter, where that is loaded)
lab_rules()
{
	n "${NS[$1]}" sh -c 'cd /proc/sys/net && echo 1 >ipv4/ip_forward &&
		echo 1 >ipv6/conf/all/forwarding || exit
		[ ! -d bridge ] || echo 0 | tee bridge/bridge-nf-call-ip* >/dev/null
		exec nft -f -' || bail "lab: no rules in $1"
}

# lab_ip KEY: ip does what the lines of stdin say
lab_ip()
{
	ip -n "${NS[$1]}" -batch - || bail "lab: ip fails in $1"
}

# lab_daemon NAME KEY COMMAND...: run it until the test or lab_daemon_stop NAME
lab_daemon()
{
	ip netns exec "${NS[$2]}" "${@:3}" </dev/null >"$TMP/$1.log" 2>&1 &
	LAB_PID[$1]=$!
	defer kill "${LAB_PID[$1]}"
}

lab_daemon_stop()
{
	[ -z "${LAB_PID[$1]-}" ] || stop "${LAB_PID[$1]}"
	LAB_PID[$1]=
}

# lab_join KEY DEV [ADDR/LEN GATEWAY]...: its address and the way out
lab_join()
{
	local key=$1 dev=$2

	LAB_ADDR[$key]=
	LAB_ADDR6[$key]=
	shift 2
	{
		echo "link set $dev up"
		while [ $# -gt 0 ]; do
			lab_home "$dev" "$1" "$2"
			shift 2
		done
	} >"$TMP/join" # no pipe: lab_home remembers the addresses
	lab_ip "$key" <"$TMP/join"
}

lab_home()
{
	if [[ $2 = *:* ]]; then
		LAB_ADDR6[$key]=${2%/*}
		echo "addr add $2 dev $1"
		echo "route add ::/0 via $3"
	else
		LAB_ADDR[$key]=${2%/*}
		echo "addr add $2 dev $1"
		echo "route add default via $3"
	fi
}

# lab_uplink KEY N 4|6|46: join to core
lab_uplink()
{
	local way=()

	LAB_NUMBER[$1]=$2
	{
		echo "link add c$2 type veth peer name wan netns ${NS[$1]}"
		echo "link set c$2 up"
		echo "addr add 45.45.$2.1/24 dev c$2"
		echo "addr add 2a45:4545:$2::1/64 dev c$2"
	} | lab_ip core
	[[ $3 != *4* ]] || way+=("45.45.$2.2/24" "45.45.$2.1")
	[[ $3 != *6* ]] || way+=("2a45:4545:$2::2/64" "2a45:4545:$2::1")
	lab_join "$1" wan "${way[@]}"
}

# lab_lan ROUTER DEV "ADDR/LEN..." KEY...: a network behind the router, with
# these addresses on it, to which the namespaces are joined by their DEV
lab_lan()
{
	local address key port=0

	{
		echo "link add lan type bridge mcast_snooping 0"
		echo "link set lan up"
		for address in $3; do
			echo "addr add $address dev lan"
		done
		for key in "${@:4}"; do
			echo "link add p$((++port)) type veth peer name $2 netns ${NS[$key]}"
			echo "link set p$port up master lan"
		done
	} | lab_ip "$1"
}

# lab_nat KEY CLASS: give a router its rules
lab_nat()
{
	LAB_NAT[$1]=$2
	LAB_DROP[$1]=0
	LAB_TIMEOUT[$1]=120
	LAB_SEED[$1]=$RANDOM
	lab_reload "$1"
}

lab_reload()
{
	nat_table "${LAB_NAT[$1]}" "${LAB_ADDR[$1]}" "${LAB_SEED[$1]}" "${LAB_TIMEOUT[$1]}" \
		"${LAB_DROP[$1]}" | lab_rules "$1"
}

#
# Servers and sites
#

# lab_server NAME: on the Internet itself, with a second address of each family,
# not used unasked: LAB_ADDR[NAME.other] and LAB_ADDR6[NAME.other]
lab_server()
{
	local i=$((++LAB_SITES))

	lab_ns "$1"
	lab_uplink "$1" $i 46
	LAB_ADDR[$1.other]=45.45.$i.3
	LAB_ADDR6[$1.other]=2a45:4545:$i::3
	addr "${NS[$1]}" wan "45.45.$i.3/24" "2a45:4545:$i::3/64 preferred_lft 0"
}

# lab_site NAME CLASS [PARTIES]: a router of that class and parties behind it
lab_site()
{
	local i=$((++LAB_SITES)) families k parties=()

	nat_class_known "$2" || bail "lab: no class $2"
	families=$(nat_families "$2")
	for ((k = 1; k <= ${3:-1}; k++)); do
		parties+=("$1.$k")
	done
	lab_ns "$1" "${parties[@]}"
	LAB_CLASS[$1]=$2
	LAB_FRONT[$1]=$1
	if [ "$2" = double ]; then
		lab_carrier "$1" $i
	else
		lab_uplink "$1" $i "$families"
	fi
	lab_nat "$1" "$2"
	lab_parties "$1" $i "$2" "${parties[@]}"
	[ "$2" != mapped ] || lab_mapped "$1"
}

# lab_carrier NAME N: the router that a home's router is behind
lab_carrier()
{
	LAB_FRONT[$1]=$1.carrier
	lab_ns "$1.carrier"
	lab_uplink "$1.carrier" "$2" 4
	lab_nat "$1.carrier" eim-apdf-newport
	lab_lan "$1.carrier" wan "100.64.$2.1/24" "$1"
	lab_join "$1" wan "100.64.$2.2/24" "100.64.$2.1"
}

# lab_parties NAME N CLASS KEY...: the network behind the router and who is in it
lab_parties()
{
	local lan4=${LAB_LAN:-192.168.$2}.1/24 lan6=2a45:4545:$2:1::1/64 first=10
	local k=0 key families way

	families=$(nat_families "$3")
	if nat_is_open "$3"; then
		lan4=45.45.$2.129/25 first=138
		echo "route add 45.45.$2.128/25 via 45.45.$2.2" | lab_ip core
	fi
	[[ $families != *6* ]] ||
		echo "route add ${lan6/1\//\/} via 2a45:4545:$2::2" | lab_ip core
	[[ $families = *4* ]] || lan4=
	[[ $families = *6* ]] || lan6=
	lab_lan "$1" eth0 "$lan4 $lan6" "${@:4}"
	for key in "${@:4}"; do
		way=()
		: $((++k))
		[ -z "$lan4" ] ||
			way+=("${lan4%.*}.$((first + k))/${lan4#*/}" "${lan4%/*}")
		[ -z "$lan6" ] || way+=("${lan6/1\//$((10 + k))\/}" "${lan6%/*}")
		lab_join "$key" eth0 "${way[@]}"
		[ "$3" != host-firewall ] || nat_host_table | nft_rules "${NS[$key]}"
	done
}
