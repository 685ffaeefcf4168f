#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The traffic that mpcnet is made for: five parties, a link between every two,
# and rounds of small messages from each to each.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

plan 7
need_module
klog_mark

rounds=$(helper rounds) || skip_all "rounds cannot be built"

# play FAMILY ROUNDS SIZE
play()
{
	local i words=()

	for i in 1 2 3 4 5; do
		words+=("${NS[i]}=$(inner "$1" "$i")")
	done
	"$rounds" "$2" "$3" "${words[@]}" | tee "$TMP/rounds"
	grep -q ns_per_round "$TMP/rounds"
}

check "five parties, ten links" mesh 5
check "the first round, all handshakes within it" play 4 1 16
check "200 rounds of 16 bytes" play 4 200 16
diag "$(cat "$TMP/rounds")"
check "100 rounds of 16 bytes over IPv6" play 6 100 16
check "20 rounds of 4000 bytes" play 4 20 4000
all_up()
{
	local i j

	for i in 1 2 3 4 5; do
		for j in 1 2 3 4 5; do
			[ "$i" -eq "$j" ] && continue
			more "$(peer_field "${NS[i]}" mpc0 "${PUB[$j]}" handshake)" 0 || return 1
		done
	done
}
check "every pair has shaken hands" all_up
check "the kernel log is clean" klog_clean
finish
