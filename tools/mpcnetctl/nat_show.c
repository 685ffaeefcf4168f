// SPDX-License-Identifier: GPL-2.0
/* What a check found, in words. */
#include "nat.h"

#include <stdio.h>
#include <string.h>

#include "ctl.h"

#define WIDTH 78

const char *const nat_hows[PORTMAP_HOWS] = {
	[PORTMAP_PCP] = "pcp",
	[PORTMAP_NATPMP] = "natpmp",
	[PORTMAP_UPNP] = "upnp",
};

/**
 * nat_result() - what the answer is about
 * @check: the check
 *
 * Return: what was found by IPv4; by IPv6 where nothing came by IPv4.
 */
const struct behaviour_result *nat_result(const struct nat_check *check)
{
	bool six = !check->sides[NAT_IPV4].result.passes && check->sides[NAT_IPV6].result.passes;

	return &check->sides[six ? NAT_IPV6 : NAT_IPV4].result;
}

/**
 * nat_depends_word() - the word for mapping and filtering
 * @depends: of enum behaviour_depends
 *
 * Return: the word, NULL if it is not known.
 */
const char *nat_depends_word(enum behaviour_depends depends)
{
	static const char *const words[] = {
		[BEHAVIOUR_NONE] = "none",
		[BEHAVIOUR_ENDPOINT] = "endpoint-independent",
		[BEHAVIOUR_ADDRESS] = "address-dependent",
		[BEHAVIOUR_PORT] = "address-and-port-dependent",
		[BEHAVIOUR_EITHER] = "dependent",
	};

	return words[depends];
}

/**
 * nat_allocation_word() - the word for how ports are chosen
 * @allocation: of enum behaviour_allocation
 *
 * Return: the word, NULL if it is not known.
 */
const char *nat_allocation_word(enum behaviour_allocation allocation)
{
	static const char *const words[] = {
		[BEHAVIOUR_SEQUENTIAL] = "sequential",
		[BEHAVIOUR_RANDOM] = "random",
	};

	return words[allocation];
}

/**
 * nat_behind() - what is between us and the others
 * @result: what was found
 *
 * Return: the word, NULL if it is not known.
 */
const char *nat_behind(const struct behaviour_result *result)
{
	if (!result->answered)
		return NULL;
	if (result->mapping != BEHAVIOUR_NONE)
		return "nat";
	if (result->filtering == BEHAVIOUR_UNKNOWN)
		return NULL;
	return result->filtering == BEHAVIOUR_ENDPOINT ? "nothing" : "firewall";
}

/**
 * nat_ipv6_word() - the word for how IPv6 is
 * @check: the check
 *
 * Return: the word.
 */
const char *nat_ipv6_word(const struct nat_check *check)
{
	const struct nat_side *side = &check->sides[NAT_IPV6];

	if (side->result.answered)
		return "works";
	if (!check->ipv6.sa.sa_family)
		return "no address";
	return side->used ? "no answer" : "not asked";
}

/**
 * nat_trouble() - why a server is of no use
 * @server: the server
 * @family: of the request; any if none was sent
 *
 * Return: the reason, NULL if it is.
 */
const char *nat_trouble(const struct nat_server *server, enum nat_family family)
{
	const struct behaviour_probe *probe = server->probe[family];

	if (*server->err.text)
		return server->err.text;
	if (!probe)
		return "there is no route to it";
	if (probe->state == BEHAVIOUR_REFUSED)
		return "it answers with an error";
	return probe->state == BEHAVIOUR_ANSWERED ? NULL : "no answer within 3 s";
}

static void print_server(const struct nat_server *server, enum nat_family family,
			 __attribute__((unused)) void *arg)
{
	char address[MPCNET_ENDPOINT_TEXT], mapped[MPCNET_ENDPOINT_TEXT];
	const struct behaviour_probe *probe = server->probe[family];
	const char *trouble = nat_trouble(server, family);

	printf("server %s", server->text);
	if (probe) {
		mpcnet_endpoint_format(address, &probe->to);
		printf(strcmp(server->text, address) ? " (%s)" : "", address);
	}
	if (trouble) {
		printf(": %s\n", trouble);
		return;
	}
	mpcnet_endpoint_format(mapped, &probe->mapped);
	printf(": sees %s, %.1f ms\n", mapped, (double)probe->rtt / 1000);
}

/**
 * nat_each_server() - do something for each server, and family by which it was asked
 * @check: the check
 * @show: does it; a server that was not asked is shown once
 * @arg: for @show
 */
void nat_each_server(const struct nat_check *check, nat_show_server *show, void *arg)
{
	for (unsigned int i = 0; i < check->count; i++) {
		const struct nat_server *server = &check->servers[i];

		if (server->probe[NAT_IPV4] || !server->probe[NAT_IPV6])
			show(server, NAT_IPV4, arg);
		if (server->probe[NAT_IPV6])
			show(server, NAT_IPV6, arg);
	}
}

static void print_known(const char *name, const char *value, const char *otherwise)
{
	printf("%-15s %s\n", name, value ? value : otherwise);
}

static const char *answer_word(enum behaviour_answer answer)
{
	return answer == BEHAVIOUR_NOT_KNOWN ? NULL : answer == BEHAVIOUR_YES ? "yes" : "no";
}

static void print_addresses(const struct nat_check *check, const struct behaviour_result *result)
{
	char text[MPCNET_ENDPOINT_TEXT];

	print_known("udp", result->passes ? "passes" : NULL, "blocked, or the servers are down");
	mpcnet_endpoint_format(text, &result->public);
	print_known("public", *text ? text : NULL, "not known");
	mpcnet_endpoint_format(text, &result->local);
	print_known("local", *text ? text : NULL, "not known");
	print_known("behind", nat_behind(result), "not known");
	print_known("ipv6", nat_ipv6_word(check), "");
}

static void print_behaviour(const struct behaviour_result *result)
{
	print_known("mapping", nat_depends_word(result->mapping),
		    result->answered ? "not known: that takes two servers on different addresses" :
				       "not known");
	print_known("filtering", nat_depends_word(result->filtering),
		    result->answered ? "not known: the server cannot tell" : "not known");
	print_known("hairpin", answer_word(result->hairpin), "not known");
	print_known("port preserved", answer_word(result->port_preserved), "not known");
	if (result->allocation == BEHAVIOUR_SEQUENTIAL)
		printf("%-15s sequential, step %d\n", "allocation", result->step);
	else if (result->allocation == BEHAVIOUR_RANDOM)
		printf("%-15s random\n", "allocation");
}

static void print_maps(const struct nat_check *check)
{
	char text[MPCNET_ENDPOINT_TEXT];

	for (unsigned int i = 0; i < PORTMAP_HOWS; i++) {
		const struct portmap_line *line = &check->maps[i].line;

		mpcnet_endpoint_format(text, &line->external);
		if (!check->maps[i].told)
			printf("%-15s not known\n", nat_hows[i]);
		else if (line->what == PORTMAP_MAPPED)
			printf("%-15s maps %s\n", nat_hows[i], text);
		else
			printf("%-15s no: %s\n", nat_hows[i], line->reason);
	}
}

/* A sentence in lines, the later ones indented. */
static void print_wrapped(const char *text)
{
	size_t column = 0, word;

	for (; *text; text += word) {
		word = 1 + strcspn(text + 1, " ");
		if (column && column + word > WIDTH)
			column = (size_t)printf("\n   ") - 1;
		column += (size_t)printf("%.*s", (int)word, text);
	}
	putchar('\n');
}

static int show_text(const struct nat_check *check, const struct verdict *verdict)
{
	nat_each_server(check, print_server, NULL);
	print_addresses(check, nat_result(check));
	print_behaviour(nat_result(check));
	print_maps(check);
	putchar('\n');
	for (unsigned int i = 0; i < verdict->count; i++)
		print_wrapped(verdict->lines[i]);
	return CTL_DONE;
}

/* A mapping helps if its address is the one that the servers see. */
static bool is_mapped(const struct nat_check *check)
{
	for (unsigned int i = 0; i < PORTMAP_HOWS; i++) {
		if (endpoint_same_host(&check->maps[i].line.external,
				       &check->sides[NAT_IPV4].result.public))
			return true;
	}
	return false;
}

/**
 * nat_show() - print what a check found
 * @check: the check
 *
 * Return: CTL_DONE or CTL_FAILED.
 */
int nat_show(const struct nat_check *check)
{
	struct verdict_facts facts = { .ipv4 = check->sides[NAT_IPV4].result,
				       .ipv6 = check->sides[NAT_IPV6].result,
				       .port_mapped = is_mapped(check) };
	struct verdict verdict;

	verdict_make(&verdict, &facts);
	return check->json ? nat_show_json(check, &verdict) : show_text(check, &verdict);
}
