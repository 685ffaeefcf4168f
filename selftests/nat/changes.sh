# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2004 # the arrays are of lab.sh
#
# What happens to a site of the laboratory once it is there.

# lab_routers NAME: its routers, the one at home first
lab_routers()
{
	echo "$1"
	[ "${LAB_FRONT[$1]}" = "$1" ] || echo "${LAB_FRONT[$1]}"
}

# lab_delay NAME MS: how long datagrams need from core to the site or server;
# one from A to B is delayed by B's, a round trip by both. Nothing happens
# where the kernel has no netem.
lab_delay()
{
	tc -n "${NS[core]}" qdisc replace dev "c${LAB_NUMBER[${LAB_FRONT[$1]:-$1}]}" root \
		netem limit 100000 delay "$2ms" 2>/dev/null || :
}

# lab_input_drop NAME: what comes from outside to the router itself is dropped,
# and so leaves no trace in its connection tracking
lab_input_drop()
{
	local key

	for key in $(lab_routers "$1"); do
		LAB_DROP[$key]=1
		echo "add rule inet lab input $(nat_input_drop)" | nft_rules "${NS[$key]}"
	done
}

# lab_udp_timeout NAME SECONDS: how long a mapping stays without traffic
lab_udp_timeout()
{
	local key conntrack=/proc/sys/net/netfilter/nf_conntrack_udp_timeout

	for key in $(lab_routers "$1"); do
		LAB_TIMEOUT[$key]=$2
		n "${NS[$key]}" sh -c "echo $2 >$conntrack && echo $2 >${conntrack}_stream" ||
			bail "lab: no timeout in $key"
		nat_learns "${LAB_NAT[$key]}" || continue
		nft_rules "${NS[$key]}" <<-RULES
		flush chain inet lab learn
		add rule inet lab learn $(nat_learn_rule "$2")
		RULES
	done
}

# lab_rebind NAME: the router forgets all mappings, as after a restart; the
# next ones are others, unless the class keeps the port
lab_rebind()
{
	local key

	for key in $(lab_routers "$1"); do
		LAB_SEED[$key]=$RANDOM
		lab_reload "$key"
		n "${NS[$key]}" conntrack -F 2>/dev/null || bail "lab: no conntrack in $key"
	done
}

# lab_new_wan NAME: another public address of IPv4, and no mapping survives;
# not for public parties, who keep theirs
lab_new_wan()
{
	local key=${LAB_FRONT[$1]} net old last

	old=${LAB_ADDR[$key]}
	net=${old%.*} last=${old##*.}
	[ -n "$old" ] && ! nat_is_open "${LAB_CLASS[$1]}" || return 1
	LAB_ADDR[$key]=$net.$((last < 100 ? last + 1 : 2))
	lab_ip "$key" <<-IP
	addr del $old/24 dev wan
	addr add ${LAB_ADDR[$key]}/24 dev wan
	route add default via $net.1
	IP
	lab_rebind "$1"
}
