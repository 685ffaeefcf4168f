// SPDX-License-Identifier: GPL-2.0
/* The servers that a ticket names. */
#include "card.h"

#include <string.h>

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/*
 * Return: what stands behind the first of two schemes, or behind the second,
 * which means TLS; NULL if neither is there.
 */
static const char *behind_scheme(const char *url, const char *plain, const char *tls, bool *is_tls)
{
	*is_tls = !strncmp(url, tls, strlen(tls));
	if (*is_tls)
		return url + strlen(tls);
	return strncmp(url, plain, strlen(plain)) ? NULL : url + strlen(plain);
}

/**
 * ticket_stun_parse() - take the name of a STUN server apart
 * @host: gets host and port
 * @url: HOST:PORT
 * @err: says what was expected
 *
 * Return: 0, or -1.
 */
int ticket_stun_parse(struct mpcnet_host *host, const char *url, struct mpcnet_err *err)
{
	/* A ticket may come from anyone: nothing else of it gets to a terminal. */
	if (url[strspn(url, ALPHANUMERIC "-._:%[]")])
		return mpcnet_err_set(err,
				      "expected HOST:PORT of letters, digits, \"-\" and \".\"");
	return mpcnet_host_parse(host, url, err);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *found = c ? strchr(digits, c) : NULL;
	int value = found ? (int)(found - digits) : -1;

	return value > 15 ? value - 6 : value;
}

/*
 * A word of a URL, with its %XX decoded (RFC 3986 section 2.1). Return: false
 * if it is empty, too long or not printable.
 */
static bool decode_word(char word[TURN_CREDENTIAL_MAX + 1], const char *text, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		int c = (uint8_t)text[i];

		if (c == '%') {
			int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
			int low = len - i > 2 ? hex_digit(text[i + 2]) : -1;

			c = high < 0 || low < 0 ? -1 : high << 4 | low;
			i += 2;
		}
		if (c < 0x20 || c == 0x7f || at == TURN_CREDENTIAL_MAX)
			return false;
		word[at++] = (char)c;
	}
	word[at] = '\0';
	return at > 0;
}

/* USER:PASSWORD; the first colon ends the user, RFC 3986 section 3.2.1. */
static bool credentials(char *user, char *password, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t user_len = colon ? (size_t)(colon - text) : 0;

	return colon && decode_word(user, text, user_len) &&
	       decode_word(password, colon + 1, len - user_len - 1);
}

/* [USER:PASSWORD@]HOST:PORT. The last "@" counts: a password may hold others. */
static bool authority(char *user, char *password, struct mpcnet_host *host, const char *text)
{
	struct mpcnet_err ignored;
	const char *at = strrchr(text, '@');

	if (at && !credentials(user, password, text, (size_t)(at - text)))
		return false;
	return !ticket_stun_parse(host, at ? at + 1 : text, &ignored);
}

/**
 * ticket_turn_parse() - take the URL of a TURN server apart
 * @turn: gets the parts; holds a secret afterwards
 * @url: turn:[USER:PASSWORD@]HOST:PORT, or turns: for TLS. A ":" in the user,
 * or a "%", is written %3A or %25.
 * @err: says what was expected, and nothing of the URL, which may be secret
 *
 * Return: 0, or -1.
 */
int ticket_turn_parse(struct ticket_turn *turn, const char *url, struct mpcnet_err *err)
{
	const char *rest;

	memset(turn, 0, sizeof(*turn));
	rest = behind_scheme(url, "turn:", "turns:", &turn->tls);
	if (rest && authority(turn->user, turn->password, &turn->host, rest))
		return 0;
	explicit_bzero(turn, sizeof(*turn));
	return mpcnet_err_set(err, "expected turn:[USER:PASSWORD@]HOST:PORT, or turns: for TLS");
}

/**
 * ticket_broker_parse() - take the URL of a rendezvous apart
 * @broker: gets the parts; holds a secret afterwards
 * @url: mqtt://[USER:PASSWORD@]HOST:PORT, or mqtts:// for TLS; spelt as a TURN
 * server's
 * @err: says what was expected, and nothing of the URL, which may be secret
 *
 * Return: 0, or -1.
 */
int ticket_broker_parse(struct ticket_broker *broker, const char *url, struct mpcnet_err *err)
{
	const char *rest;

	memset(broker, 0, sizeof(*broker));
	rest = behind_scheme(url, "mqtt://", "mqtts://", &broker->tls);
	if (rest && authority(broker->user, broker->password, &broker->host, rest))
		return 0;
	explicit_bzero(broker, sizeof(*broker));
	return mpcnet_err_set(err,
			      "expected mqtt://[USER:PASSWORD@]HOST:PORT, or mqtts:// for TLS");
}
