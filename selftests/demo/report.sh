# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the demonstration shows of a session, and what it finds wrong with it, for
# parties to source.

print_links()
{
	local i to how rtt endpoint why

	echo "The links, as mpcnetctl session show tells them"
	printf '  %-6s %-6s %-8s %9s  %-22s %s\n' from to how 'rtt ms' endpoint why
	for i in $(all_parties); do
		while read -r to how rtt endpoint why; do
			printf '  %-6s %-6s %-8s %9s  %-22s %s\n' "${NAMES[i]}" "$to" "$how" "$rtt" \
				"$endpoint" "${why#"$how"[:,] }"
		done <"$TMP/links$i"
	done
}

# print_results: what the programs printed, without MPyC's log
print_results()
{
	local i

	echo "What each party computed"
	for i in $(all_parties); do
		grep -vE '^[0-9-]{10} [0-9:]{8},[0-9]{3} ' "$TMP/party$i.out" >"$TMP/said"
		[ -s "$TMP/said" ] || echo "  ${NAMES[i]} | (nothing)"
		head -n 40 "$TMP/said" | sed "s/^/  ${NAMES[i]} | /"
		[ "$(wc -l <"$TMP/said")" -le 40 ] || echo "  ${NAMES[i]} | ..."
	done
}

# results I: what all parties must agree on
results()
{
	grep '^result: ' "$TMP/party$1.out"
}

# check_results PROGRAM: a party that prints results prints the others' too
check_results()
{
	local i

	if [ "$1" != "$DEMO/ballot.py" ] && ! grep -q '^result: ' "$TMP"/party*.out; then
		echo "  (no lines \"result: ...\", which would have to be the same)"
		return
	fi
	for i in $(all_parties); do
		results "$i" >"$TMP/result$i" || die "${NAMES[i]} has no result"
		cmp -s "$TMP/result0" "$TMP/result$i" ||
			die "the results of ${NAMES[0]} and ${NAMES[i]} differ"
	done
	echo "  the results of all $PARTIES parties are the same"
}

# check_ballot PROGRAM [DIRECTORY]: count the votes in the clear, as nobody else can
check_ballot()
{
	local dir=${2:-$DEMO/input} votes

	[ "$1" = "$DEMO/ballot.py" ] || return 0
	votes=$(cat "$dir"/party[012].txt | grep -v '^#' | grep .)
	{
		echo "result: votes cast: $(wc -l <<<"$votes")"
		sort <<<"$votes" | uniq -c | sort -rn |
			awk '{ print "result: " NR ". " $2 }'
	} | cmp -s - "$TMP/result0" || die "the votes counted in the clear give another result"
	echo "  and what the votes of all three files, counted in the clear, give"
}

wiretap()
{
	local tap

	tap=$(helper wiretap) || die "wiretap.c does not build"
	"$tap" "$@"
}

wiretap_report()
{
	local status

	echo "What a wiretap at the core of the Internet saw"
	wiretap "$TMP/wire.pcap" "$TMP"/inner*.pcap 2>&1 | sed 's/^/  /'
	status=${PIPESTATUS[0]}
	wiretap -c "$TMP/inner0.pcap" "$TMP"/inner*.pcap 2>&1 | sed 's/^/  /'
	[ "${PIPESTATUS[0]}" -eq 0 ] || complain "the control found nothing: the search is broken"
	case $status in
	0) ;;
	1) complain "plaintext was found between the parties" ;;
	*) complain "what the wiretap captured could not be checked" ;;
	esac
}

machines_after()
{
	local i

	echo "What is left"
	for i in $(all_parties); do
		# shellcheck disable=SC2046 # namespace and folders
		if machine_same "$TMP/before$i" $(machine "$i") >"$TMP/left"; then
			echo "  ${NAMES[i]}: nothing: $(wc -l <"$TMP/before$i") lines are what they were"
		else
			sed "s/^/  ${NAMES[i]}: /" "$TMP/left"
			complain "the machine of ${NAMES[i]} is not what it was"
		fi
	done
	xargs <<<"$MACHINE_PARTS" | sed 's/ /, /g; s/^/  compared: /'
	if busywait 5 fails broker_keeps; then
		echo "  broker: nothing: it keeps no message"
	else
		complain "the broker keeps messages"
	fi
	if busywait 5 lab_coturn_idle >/dev/null; then
		echo "  relay: nothing: it has no address for anybody"
	else
		complain "the relay has relayed addresses left"
	fi
}
