// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "card.h"
#include "daemon.h"
#include "session_format.h"
#include "session_join.h"
#include "session_run.h"
#include "show.h"

/* Of a ticket, unless it is said: a day */
#define EXPIRES_S 86400
#define YEAR_S (366 * 86400)
/* Of the network that the ticket chooses, in bits: room for all groups */
#define NETWORK_LEN 23

static int take_server(struct ctl_args *args, const char *word, char (*list)[TICKET_URL_MAX + 1],
		       unsigned int *count)
{
	const char *value = ctl_value(args, word);

	if (!value)
		return CTL_USAGE;
	if (*count == TICKET_SERVERS_MAX)
		return ctl_usage(args, "%s: at most %d", word, TICKET_SERVERS_MAX);
	if (strlen(value) > TICKET_URL_MAX)
		return ctl_usage(args, "%s: longer than %d characters", word, TICKET_URL_MAX);
	strcpy(list[(*count)++], value);
	return CTL_DONE;
}

static int take_stun(struct ctl_args *args, void *request)
{
	struct ticket *t = request;

	return take_server(args, "stun", t->stun, &t->stun_count);
}

static int take_turn(struct ctl_args *args, void *request)
{
	struct ticket *t = request;

	return take_server(args, "turn", t->turn, &t->turn_count);
}

static int take_ticket_name(struct ctl_args *args, void *request)
{
	return session_take_name(args, "name", ((struct ticket *)request)->name);
}

static int take_broker(struct ctl_args *args, void *request)
{
	struct ticket *t = request;

	return take_server(args, "broker", t->broker, &t->broker_count);
}

static int take_parties(struct ctl_args *args, void *request)
{
	struct ticket *t = request;
	uint64_t number;
	int ret = ctl_number(args, "parties", &number, 2, PARTIES_MAX);

	t->parties = (unsigned int)number;
	return ret;
}

static int take_expires(struct ctl_args *args, void *request)
{
	struct ticket *t = request;

	return ctl_number(args, "expires", &t->expires, 60, YEAR_S);
}

static int take_network(struct ctl_args *args, void *request)
{
	const char *value = ctl_value(args, "network");
	struct mpcnet_allowedip prefix;
	struct ticket *t = request;

	if (!value)
		return CTL_USAGE;
	if (!mpcnet_allowedip_parse(&prefix, value, strlen(value)) || prefix.family != AF_INET)
		return ctl_usage(args, "network: \"%s\" is no IPv4 network such as 10.9.8.0/24",
				 value);
	memcpy(&t->network, prefix.addr, 4);
	t->network_len = prefix.cidr;
	return CTL_DONE;
}

static const struct ctl_word new_words[] = {
	{ "parties", "N", take_parties, false },    { "name", "S", take_ticket_name, false },
	{ "broker", "URL", take_broker, true },	    { "stun", "HOST:PORT", take_stun, true },
	{ "turn", "URL", take_turn, true },	    { "expires", "SECONDS", take_expires, false },
	{ "network", "CIDR", take_network, false }, { 0 },
};

static int print_ticket(struct ctl_args *args, const struct ticket *ticket)
{
	char text[TICKET_TEXT_MAX];
	struct json_object *object;

	if (!ticket_format(text, ticket)) {
		mpcnet_err_set(&args->err, "the ticket cannot be written");
		return ctl_failed(&args->err);
	}
	if (!args->json) {
		puts(text);
		return CTL_DONE;
	}
	object = json_object_new_object();
	json_object_object_add(object, "ticket", json_object_new_string(text));
	return show_print_json(object, JSON_C_TO_STRING_PRETTY);
}

static int session_new(struct ctl_args *args)
{
	struct ticket ticket = { .expires = EXPIRES_S, .network_len = NETWORK_LEN };
	int ret = ctl_words(args, &ticket);

	if (ret)
		return ret;
	if (!ticket.parties)
		return ctl_usage(args, "say for how many: parties N");
	ticket.expires += (uint64_t)time(NULL);
	if (ticket_check(&ticket, &args->err))
		return ctl_usage(args, "%s", args->err.text);
	if (RAND_bytes(ticket.secret, sizeof(ticket.secret)) != 1) {
		mpcnet_err_set(&args->err, "there is no randomness to make a ticket of");
		return ctl_failed(&args->err);
	}
	ret = print_ticket(args, &ticket);
	explicit_bzero(ticket.secret, sizeof(ticket.secret));
	return ret;
}

static int session_verify(struct ctl_args *args)
{
	const char *string = ctl_next(args), *name = ctl_next(args);
	struct json_object *request, *answer;

	if (!string)
		return ctl_usage(args, "the string is missing: six digits, which all parties read");
	if (ctl_end(args))
		return CTL_USAGE;
	request = daemon_request("verify", name);
	json_object_object_add(request, "string", json_object_new_string(string));
	answer = daemon_ask(request, false, &args->err);
	if (!answer)
		return ctl_failed(&args->err);
	json_object_put(answer);
	return CTL_DONE;
}

static int session_leave(struct ctl_args *args)
{
	const char *name = ctl_next(args);
	struct json_object *answer;

	if (ctl_end(args))
		return CTL_USAGE;
	answer = daemon_ask(daemon_request("leave", name), false, &args->err);
	if (!answer)
		return ctl_failed(&args->err);
	json_object_put(answer);
	return CTL_DONE;
}

const struct ctl_object ctl_session = {
	"session",
	"groups of parties, and the links among them",
	(const struct ctl_verb[]){
		{ "new", NULL, new_words, "make a ticket and print it",
		  "Whoever has the ticket may join: send it as you would a password. Without\n"
		  "\"network\" the addresses are of 10.0.0.0/8, chosen by the ticket. It expires\n"
		  "after a day unless said otherwise.\n",
		  session_new },
		{ "join", "TICKET", session_join_words, "join a session",
		  "Prints its name. With \"wait\", ends when all links of all parties are up, or\n"
		  "fails. Who holds the ticket may take part; with \"verify keys\" only those whom\n"
		  "mpcnetctl id known prints; with \"verify sas\" also those with whom you have\n"
		  "compared the string that session show prints (session verify).\n",
		  session_join },
		{ "verify", "STRING [SESSION]", NULL, "say which string the others read",
		  "If it is the one here, nobody stands in between, and the parties are known from\n"
		  "then on. Who does has a chance of one in a million.\n",
		  session_verify },
		{ "run", "TICKET", session_run_words,
		  "run a command in a session: ... -- COMMAND...",
		  "Joins, waits until all links are up, 300 s at most, runs COMMAND, and leaves. It\n"
		  "ends as COMMAND does. F is one of mpyc, mp-spdz, env, motion, spu, crypten, emp,\n"
		  "fresco; unless it is said, mpyc if COMMAND is Python, and env else. Party I has\n"
		  "the TCP port N + I; N is 11365 unless it is said.\n",
		  session_run },
		{ "card", "show [SESSION] | add FILE [SESSION]", NULL,
		  "exchange cards by copy and paste",
		  "\"show\" prints the card of this party: give it to all others. \"add\" takes\n"
		  "theirs, one or several, from a file or from standard input (-).\n",
		  session_card },
		{ "show", "[SESSION]", session_format_words,
		  "print the parties and the links to them",
		  "With \"format\", prints what a program that is started by hand needs to know.\n",
		  session_show },
		{ "leave", "[SESSION]", NULL, "end a session: nothing of it stays", NULL,
		  session_leave },
		{ 0 },
	},
};
