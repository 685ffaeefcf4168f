// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <stdlib.h>
#include <string.h>

#include "nat.h"

static int add_server(struct ctl_args *args, struct nat_check *check, const char *text)
{
	struct nat_server *server = &check->servers[check->count];

	if (check->count == BEHAVIOUR_SERVERS_MAX)
		return ctl_usage(args, "stun: at most %d servers", BEHAVIOUR_SERVERS_MAX);
	if (mpcnet_host_parse(&server->host, text, &args->err))
		return ctl_usage(args, "stun: %s", args->err.text);
	server->text = text;
	check->count++;
	return CTL_DONE;
}

/* "stun A B" and "stun A stun B" mean the same. */
static int take_servers(struct ctl_args *args, struct nat_check *check)
{
	const char *word;
	int ret;

	while ((word = ctl_next(args))) {
		if (strcmp(word, "stun") && !check->count)
			return ctl_usage(args, "\"%s\" is no keyword here", word);
		if (!strcmp(word, "stun"))
			word = ctl_value(args, "stun");
		ret = word ? add_server(args, check, word) : CTL_USAGE;
		if (ret)
			return ret;
	}
	return CTL_DONE;
}

static int check_nat(struct nat_check *check, struct mpcnet_err *err)
{
	uint64_t end = nat_now() + NAT_TOTAL_MS * 1000ull;
	int ret;

	if (!check->count)
		return mpcnet_err_set(err, "no STUN server is built in, as nobody in between is "
					   "trusted: name one, better two: stun HOST:PORT");
	if (nat_resolve(check, err))
		return -1;
	nat_portmap_start();
	ret = nat_run(check, end, err);
	nat_portmap_finish(check, end);
	return ret;
}

static int check_run(struct ctl_args *args)
{
	struct nat_check *check = calloc(1, sizeof(*check));
	int ret;

	if (!check) {
		mpcnet_err_set(&args->err, "out of memory");
		return ctl_failed(&args->err);
	}
	check->json = args->json;
	ret = take_servers(args, check);
	if (!ret)
		ret = check_nat(check, &args->err) ? ctl_failed(&args->err) : nat_show(check);
	free(check);
	return ret;
}

const struct ctl_object ctl_nat = {
	"nat",
	"what kind of NAT is in the way",
	(const struct ctl_verb[]){
		{ "check", "[stun HOST:PORT ...]", NULL,
		  "find out the NAT's behaviour, and which parties will be reached directly",
		  "Ask one server with two addresses (RFC 5780), which tells all of it, or two\n"
		  "plain ones on different addresses, which tell the mapping. It ends after 10 s.\n",
		  check_run },
		{ 0 },
	},
};
