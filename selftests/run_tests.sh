#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run_tests.sh [-o DIR] [TEST]...: run selftests as root with mpcnet.ko loaded,
# all of the Makefile's lists if none is named, and print KTAP.
#
# DIR (default ../.build/log/RELEASE) gets NAME.log of each test (nat-NAME.log
# of nat/NAME), and its file summary a line more for each: NAME PASSED FAILED
# SKIPPED SECONDS.
#
# A result counts for each line of a test's KTAP. A test also fails when it
# ends badly, prints fewer results than it planned, leaves something behind, or
# the kernel complains meanwhile. Time limits are those of the file settings:
# timeout=, or timeout_NAME= for one test.
set -u
export LC_ALL=C

here=$(dirname "$(readlink -f "$0")")
out=$here/../.build/log/$(uname -r)
tail_lines=25
number=0
total=0
bad=0

time_limit() {
	local key=${1%.*}

	sed -n -e "s/^timeout_${key//[^A-Za-z0-9_]/_}=//p" -e 's/^timeout=//p' settings |
		sort -n | tail -n 1
}

# What a test must leave as it was.
surroundings() {
	ip netns list | awk '{ print "namespace " $1 }'
	ip -br link show type mpcnet 2> /dev/null | awk '{ print "interface " $1 }'
	ip -br link show type wireguard 2> /dev/null | awk '{ print "interface " $1 }'
	ip -br link show type veth | awk '{ print "interface " $1 }'
}

program() {
	if [ -x "../.build/selftests/$1" ]; then
		echo "../.build/selftests/$1"
	else
		echo "./$1"
	fi
}

# Kernel log since a mark, checked.
kernel_complains() {
	dmesg | sed "1,/$1/d" > "$out/dmesg.part"
	! vm/klog "$out/dmesg.part"
}

# run NAME LOG: sets status, seconds and extra (reasons beside KTAP's).
run() {
	local before mark=mpcnet-selftest-$number limit start=$SECONDS

	limit=$(time_limit "$1")
	before=$(surroundings)
	echo "$mark: $1" > /dev/kmsg
	timeout -k 10 "$limit" "$(program "$1")" < /dev/null > "$2" 2>&1
	status=$?
	seconds=$((SECONDS - start))
	extra=()
	case $status in
	0 | 1 | 4) ;;
	124 | 137) extra+=("time limit of $limit s reached") ;;
	*) extra+=("exit status $status") ;;
	esac
	kernel_complains "$mark" >> "$2" && extra+=("the kernel complained")
	before=$(diff <(echo "$before") <(surroundings) | sed -n 's/^> //p' | tr '\n' ' ')
	[ -z "$before" ] || extra+=("left behind: $before")
}

no_result() {
	if [ "$status" = 4 ]; then
		skipped=1
		echo "1..0 # SKIP no reason given" >> "$log"
	else
		extra+=("printed no result")
	fi
}

# count LOG: sets passed, failed and skipped from KTAP lines.
count() {
	local planned log=$1

	read -r passed failed skipped planned < <(awk '
		/^1\.\.[0-9]+/ { plan = substr($1, 4) }
		/^1\.\.0.*SKIP/ { skipped++ }
		/^not ok / { failed++; next }
		/^ok .*# *SKIP/ { skipped++; next }
		/^ok / { passed++ }
		END { print passed + 0, failed + 0, skipped + 0, plan + 0 }' "$log")
	if [ $((passed + failed + skipped)) -lt "$planned" ]; then
		extra+=("planned $planned results, printed $((passed + failed + skipped))")
	elif [ $((passed + failed + skipped)) = 0 ] && [ ${#extra[@]} = 0 ]; then
		no_result
	elif [ "$status" = 1 ] && [ "$failed" = 0 ]; then
		extra+=("exit status 1")
	elif [ "$status" != 1 ] && [ "$failed" != 0 ] && [ ${#extra[@]} = 0 ]; then
		extra+=("exit status $status in spite of a failure")
	fi
	failed=$((failed + ${#extra[@]}))
}

report() {
	local name=$1 log=$2 verdict="ok" reason

	[ "$failed" = 0 ] || verdict="not ok"
	grep -E '^(ok .*# *SKIP|1\.\.0.*SKIP)' "$log" | sed "s;^\(ok\|1\.\.0\) *;# skipped: $name: ;"
	if [ "$failed" != 0 ]; then
		tail -n $tail_lines "$log" | sed 's/^/# | /'
		grep '^not ok' "$log" | sed "s;^not ok;# failed: $name:;"
		for reason in "${extra[@]}"; do
			echo "# failed: $name: $reason"
		done
		echo "# log: $log"
		bad=1
	fi
	echo "$verdict $number selftests: mpcnet: $name" \
		"# $passed passed, $failed failed, $skipped skipped, $seconds s"
	echo "$name $passed $failed $skipped $seconds" >> "$out/summary"
}

run_one() {
	local log=$out/${1//\//-}.log

	number=$((number + 1))
	echo "# $number/$total $1"
	run "$1" "$log"
	count "$log"
	report "$1" "$log"
}

[ "${1-}" != -o ] || { out=$2; shift 2; }
mkdir -p "$out"
out=$(readlink -f "$out")
cd "$here" || exit 1
[ $# -gt 0 ] || { read -ra names < <(make -s list); set -- "${names[@]}"; }
PATH=$(readlink -m ../.build/tools):$(readlink -m ../.build/selftests):$PATH
total=$#
echo "TAP version 13"
echo "1..$total"
for name; do
	run_one "$name"
done
rm -f "$out/dmesg.part"
exit $bad
