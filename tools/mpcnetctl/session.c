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
#include "file.h"
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

static int take_name(struct ctl_args *args, const char *word, char name[CARD_NAME_MAX + 1])
{
	const char *value = ctl_value(args, word);

	if (!value)
		return CTL_USAGE;
	if (strlen(value) > CARD_NAME_MAX)
		return ctl_usage(args, "%s: at most %d characters", word, CARD_NAME_MAX);
	if (!card_name_is_valid(value))
		return ctl_usage(args, "%s: expected letters, digits, and \"-\" inside", word);
	strcpy(name, value);
	return CTL_DONE;
}

static int take_ticket_name(struct ctl_args *args, void *request)
{
	return take_name(args, "name", ((struct ticket *)request)->name);
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
	{ "parties", "N", take_parties, false },
	{ "name", "S", take_ticket_name, false },
	{ "stun", "HOST:PORT", take_stun, true },
	{ "turn", "URL", take_turn, true },
	{ "expires", "SECONDS", take_expires, false },
	{ "network", "CIDR", take_network, false },
	{ 0 },
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

/* What is asked for with a ticket */
struct join {
	char name[CARD_NAME_MAX + 1];
	uint64_t index;
	bool has_index;
	uint64_t wait;
};

static int take_own_name(struct ctl_args *args, void *request)
{
	return take_name(args, "name", ((struct join *)request)->name);
}

static int take_index(struct ctl_args *args, void *request)
{
	struct join *join = request;

	join->has_index = true;
	return ctl_number(args, "index", &join->index, 0, PARTIES_MAX - 1);
}

static int take_wait(struct ctl_args *args, void *request)
{
	return ctl_number(args, "wait", &((struct join *)request)->wait, 1, YEAR_S);
}

static const struct ctl_word join_words[] = {
	{ "name", "S", take_own_name, false },
	{ "index", "I", take_index, false },
	{ "wait", "SECONDS", take_wait, false },
	{ 0 },
};

/* What is wrong already needs no daemon to be refused. */
static int check_join(struct ctl_args *args, const char *text, const struct join *join)
{
	struct ticket ticket;
	int ret = CTL_DONE;

	if (ticket_parse(&ticket, text, &args->err))
		return ctl_failed(&args->err);
	if (ticket_expired(&ticket, (uint64_t)time(NULL))) {
		mpcnet_err_set(&args->err, "the ticket has expired, or the clock of this machine "
					   "is wrong: ask for a new ticket");
		ret = ctl_failed(&args->err);
	} else if (join->has_index && join->index >= ticket.parties) {
		ret = ctl_usage(args, "index: there are %u parties, from 0 to %u", ticket.parties,
				ticket.parties - 1);
	}
	explicit_bzero(&ticket, sizeof(ticket));
	return ret;
}

static struct json_object *join_request(const char *ticket, const struct join *join)
{
	struct json_object *request = daemon_request("join", NULL);

	json_object_object_add(request, "ticket", json_object_new_string(ticket));
	json_object_object_add(request, "name", json_object_new_string(join->name));
	if (join->has_index)
		json_object_object_add(request, "index", json_object_new_int((int)join->index));
	return request;
}

static int joined(struct ctl_args *args, struct json_object *answer, const struct join *join)
{
	struct json_object *name;
	int ret = CTL_DONE;

	if (!json_object_object_get_ex(answer, "session", &name))
		ret = CTL_FAILED;
	else if (join->wait)
		ret = session_wait(args, json_object_get_string(name), join->wait);
	else if (args->json)
		ret = show_print_json(json_object_get(answer), JSON_C_TO_STRING_PRETTY);
	else
		puts(json_object_get_string(name));
	json_object_put(answer);
	return ret;
}

static int session_join(struct ctl_args *args)
{
	const char *ticket = ctl_next(args);
	struct json_object *answer;
	struct join join = { 0 };
	int ret;

	if (!ticket)
		return ctl_usage(args, "the ticket is missing");
	ret = ctl_words(args, &join);
	if (!ret)
		ret = check_join(args, ticket, &join);
	if (ret)
		return ret;
	answer = daemon_ask(join_request(ticket, &join), true, &args->err);
	return answer ? joined(args, answer, &join) : ctl_failed(&args->err);
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
		{ "join", "TICKET", join_words, "join a session",
		  "Prints its name. With \"wait\", ends when all links are up, or fails.\n",
		  session_join },
		{ "card", "show [SESSION] | add FILE [SESSION]", NULL,
		  "exchange cards by copy and paste",
		  "\"show\" prints the card of this party: give it to all others. \"add\" takes\n"
		  "theirs, one or several, from a file or from standard input (-).\n",
		  session_card },
		{ "show", "[SESSION]", NULL, "print the parties and the links to them", NULL,
		  session_show },
		{ "leave", "[SESSION]", NULL, "end a session: nothing of it stays", NULL,
		  session_leave },
		{ 0 },
	},
};
