#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Before the machine sleeps all keys are gone; afterwards links come back by
# themselves. The kernel's own test of suspend freezes and thaws all tasks.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 4
require jq
need_module
own_only "the state of a peer"
[ -w /sys/power/pm_test ] || skip_all "the kernel has no test of suspend"
mesh 2 || skip_all "no mesh"
a=${NS[1]}

state()
{
	peer_field_json "$a" mpc0 "${PUB[2]}" state
}

sleep_and_wake()
{
	local status

	echo freezer > /sys/power/pm_test
	echo 1 > /sys/module/suspend/parameters/pm_test_delay
	echo freeze > /sys/power/state
	status=$?
	echo none > /sys/power/pm_test
	return "$status"
}

session()
{
	ping_ok "$a" 10.77.0.2 && same state session "$(state)"
}
check "there is a session" session
asleep()
{
	sleep_and_wake && same state idle "$(state)"
}
check "no session outlives a suspend" asleep
check "the peer is still there" same peers 1 "$(peer_count "$a" mpc0)"
check "the next packet makes a new session" session
finish
