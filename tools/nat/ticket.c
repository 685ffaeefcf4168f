// SPDX-License-Identifier: GPL-2.0
/* What a ticket may say, whoever made it. */
#include "card.h"

#include <string.h>

#include <arpa/inet.h>

/**
 * card_name_is_valid() - may a party, or a session, be called so?
 * @name: the name
 *
 * Names become names of hosts, RFC 1123 section 2.1.
 *
 * Return: true for up to CARD_NAME_MAX letters, digits, and "-" that neither
 * begin nor end it, and for none.
 */
bool card_name_is_valid(const char *name)
{
	size_t len = strnlen(name, CARD_NAME_MAX + 1);

	if (len > CARD_NAME_MAX || name[0] == '-' || (len && name[len - 1] == '-'))
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-')
			return false;
	}
	return true;
}

static bool is_private(uint32_t address)
{
	union mpcnet_endpoint e = { .in = { .sin_family = AF_INET } };

	e.in.sin_addr.s_addr = htonl(address);
	return endpoint_is_private(&e);
}

static int check_network(const struct ticket *ticket, struct mpcnet_err *err)
{
	uint32_t first = ntohl(ticket->network), hosts;

	if (ticket->network_len < 8 || ticket->network_len > 30)
		return mpcnet_err_set(err, "the network has to have a length of 8 to 30, not %u",
				      ticket->network_len);
	hosts = UINT32_MAX >> ticket->network_len;
	if (first & hosts)
		return mpcnet_err_set(err, "the network has bits set behind its length of %u",
				      ticket->network_len);
	/* Who makes a ticket must not get at the others' way to the Internet. */
	if (first && (!is_private(first) || !is_private(first | hosts)))
		return mpcnet_err_set(err, "the network has to be a private one, as 10.0.0.0/8 is");
	/* The first address and the last are those of the network and of broadcast. */
	if (hosts - 1 < ticket->parties)
		return mpcnet_err_set(err, "a network of length %u is too small for %u parties",
				      ticket->network_len, ticket->parties);
	return 0;
}

static int check_stun(const char *url, struct mpcnet_err *err)
{
	struct mpcnet_host host;

	return ticket_stun_parse(&host, url, err);
}

static int check_turn(const char *url, struct mpcnet_err *err)
{
	struct ticket_turn turn;
	int rc = ticket_turn_parse(&turn, url, err);

	explicit_bzero(&turn, sizeof(turn));
	return rc;
}

static int check_broker(const char *url, struct mpcnet_err *err)
{
	struct ticket_broker broker;
	int rc = ticket_broker_parse(&broker, url, err);

	explicit_bzero(&broker, sizeof(broker));
	return rc;
}

static int check_servers(const char (*urls)[TICKET_URL_MAX + 1], unsigned int count,
			 int (*check)(const char *url, struct mpcnet_err *err), const char *kind,
			 struct mpcnet_err *err)
{
	if (count > TICKET_SERVERS_MAX)
		return mpcnet_err_set(err, "a ticket holds %u %s servers at most",
				      TICKET_SERVERS_MAX, kind);
	for (unsigned int i = 0; i < count; i++) {
		if (strnlen(urls[i], TICKET_URL_MAX + 1) > TICKET_URL_MAX)
			return mpcnet_err_set(err, "a URL of a %s server has %u characters at most",
					      kind, TICKET_URL_MAX);
		if (check(urls[i], err))
			return mpcnet_err_prefix(err, "%s server %u: ", kind, i + 1);
	}
	return 0;
}

/**
 * ticket_check() - is a ticket as it has to be?
 * @ticket: the ticket
 * @err: says what is wrong
 *
 * Whether it is too late for it is not asked.
 *
 * Return: 0, or -1.
 */
int ticket_check(const struct ticket *ticket, struct mpcnet_err *err)
{
	if (ticket->parties < 2 || ticket->parties > PARTIES_MAX)
		return mpcnet_err_set(err, "a session has 2 to %u parties, not %u", PARTIES_MAX,
				      ticket->parties);
	if (!card_name_is_valid(ticket->name))
		return mpcnet_err_set(
			err,
			"a name has up to %u letters, digits, and \"-\" that do not begin or end it",
			CARD_NAME_MAX);
	if (check_network(ticket, err) ||
	    check_servers(ticket->stun, ticket->stun_count, check_stun, "STUN", err) ||
	    check_servers(ticket->turn, ticket->turn_count, check_turn, "TURN", err))
		return -1;
	return check_servers(ticket->broker, ticket->broker_count, check_broker, "rendezvous", err);
}

/**
 * ticket_expired() - is it too late for a ticket?
 * @ticket: the ticket
 * @now_s: the time, in seconds since 1970
 *
 * Return: true if so.
 */
bool ticket_expired(const struct ticket *ticket, uint64_t now_s)
{
	return now_s >= ticket->expires;
}
