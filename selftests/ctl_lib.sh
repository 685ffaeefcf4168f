# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# mpcnetctl in the one namespace $a, to source after lib.sh and setup_ns a.

# nsenter, which leaves /sys as it is, is sooner done than ip netns exec
# shellcheck disable=SC2154 # a is the test's
ctl()
{
	nsenter --net="/run/netns/$a" mpcnetctl "$@"
}

# told STATUS PATTERN ARG...: mpcnetctl ends so, with one line that matches
told()
{
	local status

	ctl "${@:3}" >"$TMP/told.out" 2>"$TMP/told.err" </dev/null
	status=$?
	cat "$TMP/told.err"
	same status "$1" "$status" || return 1
	same lines 1 "$(wc -l <"$TMP/told.err")" || return 1
	grep -Eq -- "$2" "$TMP/told.err"
}
