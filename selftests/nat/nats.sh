# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The classes of router, one function for each: nat_CLASS WAN SEED SECONDS
# prints the chains that make a Linux router one (RFC 4787: endpoint-independent,
# address-dependent, address-and-port-dependent mapping and filtering), for a
# table of family inet. Devices: wan towards the Internet, lan towards home.
#
# What the kernel's NAT does by itself: it takes the source port as it is, when
# that is free or in the range asked for; it gives a socket that has a mapping
# in the range the same one again (so a plain range is endpoint-independent);
# and lets in what answers a datagram sent (address and port dependent).

NAT_CLASSES="public eim-eif eim-adf eim-apdf eim-apdf-newport adm apdm-random apdm-seq
	cgn-block double hairpin mapped udp-blocked v6-only v6-firewall host-firewall"

nat_class_known()
{
	[[ $'\n\t '$NAT_CLASSES' ' =~ [[:space:]]"$1"[[:space:]] ]]
}

# nat_families CLASS: 4, 6 or 46, which addresses the parties have
nat_families()
{
	case $1 in
	v6-only) echo 6 ;;
	public | host-firewall | v6-firewall) echo 46 ;;
	*) echo 4 ;;
	esac
}

# nat_is_open CLASS: the parties have public addresses of IPv4
nat_is_open()
{
	[ "$1" = public ] || [ "$1" = host-firewall ]
}

# nat_learns CLASS: it has nat_learn
nat_learns()
{
	case $1 in
	eim-eif | eim-adf | hairpin) return 0 ;;
	*) return 1 ;;
	esac
}

# nat_ports BASE N: a map to N ports from BASE on. jhash and numgen must go
# through one: as numbers, their bytes would be swapped on the way to a port.
nat_ports()
{
	local i

	printf '{ '
	for ((i = 0; i < $2; i++)); do
		printf '%d : %d, ' "$i" $(($1 + i))
	done
	printf '}'
}

# nat_post STATEMENT [STATEMENT]: source NAT, the first for UDP, the second
# (masquerade) for all else
nat_post()
{
	cat <<-RULES
	chain post {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" meta nfproto ipv4 meta l4proto udp $1
		oifname "wan" meta nfproto ipv4 ${2:-masquerade}
	}
	RULES
}

# nat_learn SECONDS: remember which port belongs to whom, and whom it sent to
nat_learn()
{
	cat <<-RULES
	map eif {
		type inet_service : ipv4_addr . inet_service
		flags dynamic,timeout; size 65535;
	}
	set adf {
		type inet_service . ipv4_addr
		flags dynamic,timeout; size 65535;
	}
	chain learn {
		type filter hook postrouting priority 300; policy accept;
		$(nat_learn_rule "$1")
	}
	RULES
}

nat_learn_rule()
{
	echo "oifname \"wan\" meta nfproto ipv4 meta l4proto udp ct direction original" \
		"update @eif { udp sport timeout ${1}s :" \
		"ct original ip saddr . ct original proto-src }" \
		"update @adf { udp sport . ip daddr timeout ${1}s }"
}

# nat_pre MATCH: datagrams from outside that match go where the map says
nat_pre()
{
	cat <<-RULES
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		meta nfproto ipv4 $1 dnat ip to udp dport map @eif
	}
	RULES
}

nat_public()
{
	:
}

nat_eim_eif()
{
	nat_learn "$3"
	nat_pre 'iifname "wan" meta l4proto udp'
	nat_post masquerade
}

nat_eim_adf()
{
	nat_learn "$3"
	nat_pre 'iifname "wan" udp dport . ip saddr @adf'
	nat_post masquerade
}

nat_eim_apdf()
{
	nat_post masquerade
}

# below the ports that programs get by default, so none stays what it was
nat_eim_apdf_newport()
{
	nat_post "snat ip to $1:20000-29999"
}

nat_adm()
{
	nat_post "masquerade to :jhash ip saddr . udp sport . ip daddr mod 1024 seed $2 map $(
		nat_ports 20000 1024)"
}

nat_apdm_random()
{
	nat_post "masquerade fully-random"
}

nat_apdm_seq()
{
	nat_post "masquerade to :numgen inc mod 256 map $(nat_ports 40000 256)"
}

nat_cgn_block()
{
	nat_post "snat ip to $1:20000-20063"
}

# the home's half; the carrier's is eim-apdf-newport
nat_double()
{
	nat_eim_apdf
}

# also from inside to the router's own public address
nat_hairpin()
{
	nat_learn "$3"
	nat_pre "ip daddr $1 meta l4proto udp"
	nat_post masquerade
	cat <<-RULES
	chain hairpin {
		type nat hook postrouting priority srcnat; policy accept;
		iifname "lan" oifname "lan" ct status dnat snat ip to $1
	}
	RULES
}

nat_mapped()
{
	nat_eim_apdf
}

nat_udp_blocked()
{
	nat_post masquerade
}

nat_v6_only()
{
	:
}

nat_v6_firewall()
{
	nat_post masquerade
}

nat_host_firewall()
{
	:
}

# nat_forward CLASS: what the router lets through
nat_forward()
{
	echo 'ct state established,related accept'
	case $1 in
	public | host-firewall) echo accept ;;
	udp-blocked) echo 'iifname "lan" tcp dport { 80, 443 } accept' ;;
	*) echo 'iifname "lan" accept; ct status dnat accept' ;;
	esac
}

# nat_table CLASS WAN SEED SECONDS DROP: the router's table, in place of what it had;
# DROP is 1 if it shall not take in what comes to itself from outside
nat_table()
{
	cat <<-RULES
	table inet lab { }
	delete table inet lab
	table inet lab {
		chain forward {
			type filter hook forward priority filter; policy drop;
			$(nat_forward "$1")
		}
		chain input {
			type filter hook input priority filter; policy accept;
			$([ "$5" = 0 ] || nat_input_drop)
		}
		$("nat_${1//-/_}" "$2" "$3" "$4")
	}
	RULES
}

nat_input_drop()
{
	echo 'iifname "wan" ct state new drop'
}

# nat_host_table: the firewall of a party itself, with the rule that mpcnetd(8)
# asks for
nat_host_table()
{
	cat <<-RULES
	table inet host {
		chain input {
			type filter hook input priority filter; policy drop;
			iifname { "lo", "mpc*" } accept
			ct state established,related accept
			icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
		}
	}
	RULES
}

# nat_grade CLASS: how hard it is to reach by UDP over IPv4
#	0 takes what comes from an address it sent to, from any port
#	1 takes what comes from an address and port it sent to
#	2 and sends to each from another port; s: to be guessed from the last one
#	3 not at all
nat_grade()
{
	case $1 in
	public | eim-eif | eim-adf | hairpin | mapped) echo 0 ;;
	adm | apdm-random) echo 2 ;;
	apdm-seq) echo s ;;
	udp-blocked | v6-only) echo 3 ;;
	*) echo 1 ;;
	esac
}

# lab_expected CLASS CLASS: direct or relay, for parties of two sites. That
# apdm-seq meets grade 1 directly asks for port prediction.
lab_expected()
{
	if [[ $(nat_families "$1")+$(nat_families "$2") = *6+*6 ]]; then
		echo direct
		return
	fi
	case $(nat_grade "$1")$(nat_grade "$2") in
	*3* | 2[12s] | [1s]2 | ss) echo relay ;;
	*) echo direct ;;
	esac
}
