// SPDX-License-Identifier: GPL-2.0
/* Talks with nftables, by libnftables. */
#include "guard.h"

#include <errno.h>
#include <json-c/json.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>

#include "nl.h"

#define PREFIX "mpcnet_"

/**
 * guard_nft_check() - does the kernel have nftables, and may we use it?
 * @err: says why not
 *
 * libnftables ends the whole process if there is no netlink socket for it.
 *
 * Return: 0, or -errno.
 */
int guard_nft_check(struct mpcnet_err *err)
{
	struct nfgenmsg *nfg;
	struct nlmsghdr *nlh;
	struct mpcnet_nl nl;
	int ret = mpcnet_nl_open(&nl, NETLINK_NETFILTER, err);

	if (!ret) {
		nlh = mpcnet_nl_request(&nl, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, NLM_F_ACK);
		nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
		nfg->version = NFNETLINK_V0;
		ret = mpcnet_nl_talk(&nl, nlh, NULL, NULL, err);
		mpcnet_nl_close(&nl);
	}
	if (ret == -EPROTONOSUPPORT || ret == -EOPNOTSUPP || ret == -EINVAL)
		mpcnet_err_set(err, "this kernel has no nftables: modprobe nf_tables");
	if (ret)
		mpcnet_err_prefix(err, "cannot guard the session's ports: ");
	return ret;
}

static struct nft_ctx *new_context(unsigned int flags, struct mpcnet_err *err)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (nft && !nft_ctx_buffer_output(nft) && !nft_ctx_buffer_error(nft)) {
		nft_ctx_output_set_flags(nft, flags);
		return nft;
	}
	if (nft)
		nft_ctx_free(nft);
	mpcnet_err_set(err, "there is no memory for the firewall rules");
	return NULL;
}

/* The first line of what nft has to say, without the place in our text. */
static void explain(struct nft_ctx *nft, struct mpcnet_err *err)
{
	const char *text = nft_ctx_get_error_buffer(nft), *at = strstr(text, "Error: ");

	at = at ? at + strlen("Error: ") : text;
	mpcnet_err_set(err, "nftables refuses the rules: %.*s", (int)strcspn(at, "\n"), at);
}

/**
 * guard_nft_run() - give commands to nftables, all or none
 * @commands: their text
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int guard_nft_run(const char *commands, struct mpcnet_err *err)
{
	struct nft_ctx *nft = new_context(0, err);
	int ret;

	if (!nft)
		return -1;
	ret = nft_run_cmd_from_buffer(nft, commands) ? -1 : 0;
	if (ret)
		explain(nft, err);
	nft_ctx_free(nft);
	return ret;
}

/* What a command lists, as the JSON of libnftables-json(5); NULL if it fails. */
static struct json_object *list(const char *command)
{
	struct json_object *whole, *items = NULL;
	struct mpcnet_err ignored;
	struct nft_ctx *nft = new_context(NFT_CTX_OUTPUT_JSON, &ignored);

	if (!nft)
		return NULL;
	if (!nft_run_cmd_from_buffer(nft, command)) {
		whole = json_tokener_parse(nft_ctx_get_output_buffer(nft));
		if (json_object_object_get_ex(whole, "nftables", &items))
			json_object_get(items);
		json_object_put(whole);
	}
	nft_ctx_free(nft);
	return items;
}

/* The list of what a set holds; NULL if there is no such set. */
static struct json_object *find_set(struct json_object *items)
{
	struct json_object *set, *elements = NULL;

	for (size_t i = 0; items && i < json_object_array_length(items); i++) {
		if (json_object_object_get_ex(json_object_array_get_idx(items, i), "set", &set))
			json_object_object_get_ex(set, "elem", &elements);
	}
	return elements;
}

static const char *interface_of(struct json_object *item)
{
	struct json_object *table, *family, *name;
	const char *text;

	if (!json_object_object_get_ex(item, "table", &table) ||
	    !json_object_object_get_ex(table, "family", &family) ||
	    !json_object_object_get_ex(table, "name", &name) ||
	    strcmp(json_object_get_string(family), "inet"))
		return NULL;
	text = json_object_get_string(name);
	if (strncmp(text, PREFIX, strlen(PREFIX)) || !guard_name_is_valid(text + strlen(PREFIX)))
		return NULL;
	return text + strlen(PREFIX);
}

/* Somebody may have a table "mpcnet_rules": ours has this set. */
static bool is_ours(const char *interface)
{
	struct json_object *items;
	char command[128];

	snprintf(command, sizeof(command), "list set inet " PREFIX "%s own4", interface);
	items = list(command);
	json_object_put(items);
	return items;
}

/**
 * guard_nft_tables() - look at each table of a session
 * @take: gets the name of the session's interface
 * @arg: handed to @take
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int guard_nft_tables(void (*take)(const char *interface, void *arg), void *arg,
		     struct mpcnet_err *err)
{
	struct json_object *items = list("list tables inet");
	const char *interface;

	if (!items)
		return mpcnet_err_set(err, "cannot list the tables of nftables");
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		interface = interface_of(json_object_array_get_idx(items, i));
		if (interface && is_ours(interface))
			take(interface, arg);
	}
	json_object_put(items);
	return 0;
}

/* One element of a set of ports: a number, or two of them. */
static bool read_range(struct json_object *element, struct guard_range *range)
{
	struct json_object *pair, *first = element, *last = element;

	if (json_object_object_get_ex(element, "range", &pair)) {
		first = json_object_array_get_idx(pair, 0);
		last = json_object_array_get_idx(pair, 1);
	}
	range->first = (uint16_t)json_object_get_int(first);
	range->last = (uint16_t)json_object_get_int(last);
	return range->first && range->first <= range->last;
}

/* A port that both have; 0 if there is none. */
static uint16_t shared(const struct guard_range *a, const struct guard_range *b)
{
	uint16_t first = a->first > b->first ? a->first : b->first;
	uint16_t last = a->last < b->last ? a->last : b->last;

	return a->udp == b->udp && first <= last ? first : 0;
}

struct others {
	const char *interface;
	const struct guard_ports *ports;
	struct mpcnet_err *err;
	bool clash;
};

static void compare(struct others *others, const char *interface, const struct guard_range *theirs)
{
	for (unsigned int i = 0; i < others->ports->count; i++) {
		uint16_t port = shared(&others->ports->ranges[i], theirs);

		if (!port)
			continue;
		others->clash = true;
		mpcnet_err_set(others->err,
			       "the %s port %u is guarded for the session of %s already: leave "
			       "that one first, or let this one's program use other ports",
			       theirs->udp ? "UDP" : "TCP", port, interface);
	}
}

static void compare_set(struct others *others, const char *interface, bool udp)
{
	struct guard_range theirs = { .udp = udp };
	struct json_object *items, *elements;
	char command[128];

	snprintf(command, sizeof(command), "list set inet " PREFIX "%s %s_ports", interface,
		 udp ? "udp" : "tcp");
	items = list(command);
	elements = find_set(items);
	for (size_t i = 0; elements && i < json_object_array_length(elements); i++) {
		if (read_range(json_object_array_get_idx(elements, i), &theirs))
			compare(others, interface, &theirs);
	}
	json_object_put(items);
}

static void look_at_other(const char *interface, void *arg)
{
	struct others *others = arg;

	if (!strcmp(interface, others->interface) || !if_nametoindex(interface))
		return;
	compare_set(others, interface, false);
	compare_set(others, interface, true);
}

/**
 * guard_nft_others() - do other sessions guard the same ports?
 * @interface: of our session
 * @ports: of our session
 * @err: says which
 *
 * Each would drop what is for the other's program: nobody can tell whose a
 * program is that listens at all addresses.
 *
 * Return: 0 if not, or -1.
 */
int guard_nft_others(const char *interface, const struct guard_ports *ports, struct mpcnet_err *err)
{
	struct others others = { interface, ports, err, false };

	if (!ports->count)
		return 0;
	if (guard_nft_tables(look_at_other, &others, err))
		return -1;
	return others.clash ? -1 : 0;
}
