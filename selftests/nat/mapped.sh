# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Port mapping on request, for the class mapped: a real miniupnpd that does
# UPnP IGD, NAT-PMP (RFC 6886) and PCP (RFC 6887). Its own table sends what it
# has mapped inside; the router's lets pass what was sent so.

# lab_mapped NAME: start it, and wait until it answers
lab_mapped()
{
	lab_mapped_rules | nft_rules "${NS[$1]}"
	lab_mapped_conf "$1" >"$TMP/$1.upnp.conf"
	lab_daemon "$1.upnp" "$1" miniupnpd -d -f "$TMP/$1.upnp.conf" -P "$TMP/$1.upnp.pid"
	busywait 20 lab_natpmp "$1.1" '\0\0' 12 >/dev/null || bail "lab: miniupnpd does not start"
}

lab_mapped_rules()
{
	cat <<-RULES
	table inet miniupnpd {
		chain filter { }
		chain pre { }
		chain post { }
		chain prerouting {
			type nat hook prerouting priority dstnat; policy accept;
			jump pre
		}
		chain forward {
			type filter hook forward priority -10; policy accept;
			jump filter
		}
	}
	RULES
}

lab_mapped_conf()
{
	cat <<-CONF
	ext_ifname=wan
	listening_ip=lan
	port=0
	enable_natpmp=yes
	enable_upnp=yes
	secure_mode=yes
	min_lifetime=60
	max_lifetime=86400
	system_uptime=yes
	notify_interval=60
	clean_ruleset_interval=600
	uuid=00000000-0000-4000-8000-000000000000
	upnp_table_name=miniupnpd
	upnp_nat_table_name=miniupnpd
	upnp_forward_chain=filter
	upnp_nat_chain=pre
	upnp_nat_postrouting_chain=post
	allow 1024-65535 0.0.0.0/0 1024-65535
	CONF
}

# lab_natpmp PARTY BYTES LEN: send BYTES (printf) to the port of NAT-PMP and PCP
# on the party's router, print an answer of LEN bytes in hexadecimal
lab_natpmp()
{
	local gateway=${LAB_ADDR[$1]%.*}.1

	n "${NS[$1]}" bash -c "
		exec 3<>/dev/udp/$gateway/5351
		printf '$2' >&3
		timeout 2 head -c $3 <&3" 2>/dev/null | od -An -v -tx1 | grep .
}

# lab_mapped_none NAME: the router maps nothing
lab_mapped_none()
{
	same "mappings of $1" "" "$(n "${NS[$1]}" nft list chain inet miniupnpd pre | grep dnat)"
}
