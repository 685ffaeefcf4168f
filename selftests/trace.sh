#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tracepoint of handshakes: what each side does, in its order, and no keys.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 3
need_module
own_only "tracepoints"
tracing=/sys/kernel/tracing
[ -d $tracing/events/mpcnet ] || mount -t tracefs tracefs $tracing 2> /dev/null
[ -d $tracing/events/mpcnet ] || skip_all "no tracefs"
instance=$tracing/instances/mpcnet-$$
mkdir $instance || skip_all "no instance of tracing"
defer rmdir $instance

echo 1 > $instance/events/mpcnet/mpcnet_handshake/enable
mesh 2 || skip_all "no mesh"
a=${NS[1]}

check "a link comes up" ping_ok "$a" 10.77.0.2
states()
{
	sed -n 's/.*mpcnet_handshake: mpc0 peer 1: //p' $instance/trace
}
# The two sides' lines mix; each state comes at least once, in this order.
in_order()
{
	local first

	for first in "initiation sent" "response sent" "complete"; do
		states | grep -n -m 1 -x "$first" || return 1
	done | cut -d : -f 1 | sort -n -c -u
}
check "initiation, response and completion are told in this order" in_order
check "and nothing else" same others "" \
	"$(states | grep -vxE 'initiation sent|response sent|complete')"
finish
