# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a party's machine looks like, for tests to source after lib.sh: taken
# before and after a session, it shows what stays of one. The machine is a
# network namespace, and the folders that the party has for itself.
#
#	machine_make "$NS"
#	machine_picture "$NS" FOLDER... >before
#	machine_same before "$NS" FOLDER...
#
# A line of the picture begins with the part that it is of. What the kernel
# alone keeps, and forgets in time, is no part: neighbours, connection tracking,
# metrics.

MACHINE_PARTS="links addresses routes rules firewall queues hosts folders sockets processes
	multicast sysctls"

# machine_make NS: with names of its own. Sysctls that a module brings to all
# namespaces, when a session is the first to use it, are there from the start, and
# the addresses of its devices are settled.
machine_make()
{
	local dir=/etc/netns/$1

	modprobe -q nf_conntrack
	mkdir -p "$dir" || return 1
	defer rm -r "$dir"
	printf '127.0.0.1\tlocalhost\n192.0.2.99\tours # no newline at the end' >"$dir/hosts"
	busywait 10 machine_settled "$1"
}

machine_settled()
{
	[ -z "$(ip -n "$1" address show tentative)" ]
}

# machine_picture NS FOLDER...: all parts, as far as they can be read
machine_picture()
{
	local part ns=$1

	shift
	for part in $MACHINE_PARTS; do
		"machine_$part" "$ns" "$@" 2>&1 | sed "s/^/$part: /" || :
	done
}

# machine_same BEFORE NS FOLDER...: the machine is what it was; what is not, in
# lines. Processes that have been told to end get the time to do so.
machine_same()
{
	busywait 15 machine_is "$@" && return 0
	diff "$1" "$1.now" | sed -n 's/^> /left: /p; s/^< /missing: /p'
	return 1
}

machine_is()
{
	machine_picture "${@:2}" >"$1.now"
	cmp -s "$1" "$1.now"
}

machine_links()
{
	ip -n "$1" -d link show
}

machine_addresses()
{
	ip -n "$1" address show
}

machine_routes()
{
	ip -n "$1" -4 route show table all
	ip -n "$1" -6 route show table all
}

machine_rules()
{
	ip -n "$1" -4 rule show
	ip -n "$1" -6 rule show
}

machine_firewall()
{
	n "$1" nft list ruleset
}

machine_queues()
{
	tc -n "$1" qdisc show
}

# every byte, and who may read and write it
machine_hosts()
{
	n "$1" sh -c 'stat -c "%a %u %g %s" /etc/hosts; od -c /etc/hosts'
}

# machine_folders NS FOLDER...: their files, with a sum of each
machine_folders()
{
	find "${@:2}" -printf '%M %u %p\n' 2>/dev/null | sort
	find "${@:2}" -type f -exec sha256sum {} + 2>/dev/null | sort
}

# what listens, and all of UDP, raw and packet sockets, which do not have to
machine_sockets()
{
	n "$1" ss -Hln -A tcp,unix_stream,unix_seqpacket | sort
	n "$1" ss -Han -A udp,raw,packet,unix_dgram | sort
}

machine_processes()
{
	local pid

	for pid in $(ip netns pids "$1"); do
		tr '\0' ' ' <"/proc/$pid/cmdline" && echo
	done 2>/dev/null | sort
}

machine_multicast()
{
	ip -n "$1" maddress show
}

machine_sysctls()
{
	n "$1" grep -rs '' /proc/sys/net | grep -v '/nf_conntrack_count:' | sort
}
