// SPDX-License-Identifier: GPL-2.0
/* Are the others who they should be? By the ticket, by known keys, or by the string. */
#include "session.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "did.h"
#include "known.h"
#include "log.h"

static const char *const modes[] = { "ticket", "keys", "sas" };

/**
 * session_verify_parse() - a way to verify by its name
 * @verify: gets it
 * @text: ticket, keys or sas
 * @err: says what is wrong
 *
 * Return: 0, or -1.
 */
int session_verify_parse(enum session_verify *verify, const char *text, struct mpcnet_err *err)
{
	for (unsigned int i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strcmp(text, modes[i])) {
			*verify = (enum session_verify)i;
			return 0;
		}
	}
	return mpcnet_err_set(err, "verify: expected sas, keys or ticket, not \"%s\"", text);
}

/**
 * session_verify_name() - the name of a way to verify
 * @verify: it
 *
 * Return: its name.
 */
const char *session_verify_name(enum session_verify verify)
{
	return modes[verify];
}

/* The first party that is not known, -1 if all are. */
static int first_unknown(const struct session *session, const struct mpcnet_known *known)
{
	const struct roster *roster = session_said_roster(session);

	for (unsigned int i = 0; i < roster->count; i++) {
		if (i != session->self && roster_has(roster, i) &&
		    !mpcnet_known_find(known, roster->cards[i].public_key))
			return (int)i;
	}
	return -1;
}

static int refuse_unknown(const struct session *session, unsigned int party, struct mpcnet_err *err)
{
	const struct card *card = &session_said_roster(session)->cards[party];
	char did[MPCNET_DID_MAX + 1];

	mpcnet_did_from_key(did, card->public_key);
	return mpcnet_err_set(err,
			      "party %u%s%s is not known here: join with verify sas once, or "
			      "mpcnetctl id know %s",
			      party, *card->name ? " " : "", card->name, did);
}

/**
 * session_verify_admits() - may somebody have a place that was left?
 * @session: the session
 * @public_key: its identity
 *
 * Return: unless only known parties may, and it is not known.
 */
bool session_verify_admits(const struct session *session, const uint8_t public_key[MPCNET_KEY_LEN])
{
	struct mpcnet_known known;
	struct mpcnet_err ignored;
	bool admits;

	if (session->verify != SESSION_VERIFY_KEYS)
		return true;
	if (mpcnet_known_read(&known, &ignored))
		return false;
	admits = mpcnet_known_find(&known, public_key);
	mpcnet_known_free(&known);
	return admits;
}

static void be_content(struct session *session)
{
	if (session->epoch.moving)
		session->epoch.next_verified = true;
	else
		session->verified = true;
	session->dirty = loop_now();
	log_info("session %s: the parties are verified", session->name);
}

/**
 * session_verify_begin() - there is a roster, or a next one: are its parties known?
 * @session: the session
 * @err: says who is not, and has to be
 *
 * Return: 0, also if the string is to be compared; or -1.
 */
int session_verify_begin(struct session *session, struct mpcnet_err *err)
{
	struct mpcnet_known known;
	int unknown, ret = 0;

	session->epoch.next_verified = false;
	if (session->verify == SESSION_VERIFY_TICKET ||
	    (session->epoch.moving && session->verified && !session_epoch_has_newcomers(session))) {
		be_content(session);
		return 0;
	}
	if (mpcnet_known_read(&known, err))
		return -1;
	unknown = first_unknown(session, &known);
	if (unknown < 0)
		be_content(session);
	else if (session->verify == SESSION_VERIFY_KEYS)
		ret = refuse_unknown(session, (unsigned int)unknown, err);
	mpcnet_known_free(&known);
	return ret;
}

/**
 * session_verify_look() - is the string there by now?
 * @session: the session, of which the roster is settled
 */
void session_verify_look(struct session *session)
{
	struct mpcnet_err err;

	if (*session->sas ||
	    board_sas(session->sas, &session->board, session_said_roster(session), &err))
		return;
	*session->sas = '\0';
	if (*err.text && session->verify == SESSION_VERIFY_SAS && !session->verified)
		session_fail(session, err.text);
}

static void digits_of(char digits[BOARD_SAS_TEXT], const char *text)
{
	unsigned int len = 0;

	for (; *text && len < BOARD_SAS_TEXT - 1; text++) {
		if (!isspace((unsigned char)*text) && *text != '-')
			digits[len++] = *text;
	}
	digits[len] = '\0';
}

static int remember(const struct session *session, struct mpcnet_err *err)
{
	const struct roster *roster = session_said_roster(session);
	struct mpcnet_known known;
	int ret = mpcnet_known_read(&known, err);

	for (unsigned int i = 0; !ret && i < roster->count; i++) {
		const struct card *card = &roster->cards[i];

		if (i != session->self && roster_has(roster, i) &&
		    !mpcnet_known_find(&known, card->public_key))
			ret = mpcnet_known_add(&known, card->public_key, card->name, err);
	}
	if (!ret)
		ret = mpcnet_known_write(&known, err);
	mpcnet_known_free(&known);
	return ret;
}

/**
 * session_verify_string() - the user says what the others read
 * @session: the session
 * @text: the string; white space does not matter
 * @err: says why it is not taken
 *
 * From then on the parties are known.
 *
 * Return: 0, or -1.
 */
int session_verify_string(struct session *session, const char *text, struct mpcnet_err *err)
{
	char own[BOARD_SAS_TEXT] = "", others[BOARD_SAS_TEXT] = "";

	if (session->state == SESSION_FAILED)
		return mpcnet_err_set(err, "the session has failed: %s", session->error);
	if (!*session->sas)
		return mpcnet_err_set(err, "there is no string to compare yet: not all parties are "
					   "there");
	digits_of(own, session->sas);
	digits_of(others, text);
	if (CRYPTO_memcmp(own, others, sizeof(own)))
		return mpcnet_err_set(err,
				      "the string here is another: if it was not mistyped, "
				      "somebody stands in between: mpcnetctl session leave %s",
				      session->name);
	if (remember(session, err))
		return -1;
	if (session->epoch.moving) {
		be_content(session);
	} else if (!session->verified) {
		be_content(session);
		if (session_host_up(session, err)) {
			session_fail(session, err->text);
			return -1;
		}
	}
	session_board_look(session);
	return 0;
}
