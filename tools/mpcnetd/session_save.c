// SPDX-License-Identifier: GPL-2.0
/*
 * What a helper that died leaves behind for the next: a file of each session in
 * the run folder, as JSON. Kernel and relay go on meanwhile; the file tells
 * which interface, and what was agreed on.
 */
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "guard.h"
#include "identity.h"
#include "log.h"
#include "resolve.h"

#define SUFFIX ".session"
/* Of the relay's state: channels and permissions of 255 parties */
#define RELAY_ROOM 65536

static bool file_name(char path[PATH_MAX], const char *session)
{
	return snprintf(path, PATH_MAX, "%s/%s" SUFFIX, mpcnet_run_folder(), session) < PATH_MAX;
}

static void put(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static struct json_object *save_cards(const struct session *session)
{
	struct json_object *list = json_object_new_array();
	char text[CARD_TEXT_MAX];

	for (unsigned int i = 0; i < session->roster.count; i++) {
		if (roster_has(&session->roster, i) &&
		    card_seal(text, &session->roster.cards[i], &session->ticket))
			json_object_array_add(list, json_object_new_string(text));
	}
	return list;
}

static struct json_object *hex(const uint8_t *data, size_t len)
{
	static char text[2 * RELAY_ROOM + 1];

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
	return json_object_new_string_len(text, (int)(2 * len));
}

static void save_relay(struct json_object *object, const struct session *session)
{
	static uint8_t data[RELAY_ROOM];
	char server[MPCNET_ENDPOINT_TEXT];
	size_t len;

	/* Over TLS the allocation ends with the connection. */
	if (!relay_ready_by_udp(&session->relay))
		return;
	len = turn_save(session->relay.turn, loop_now(), data, sizeof(data));
	mpcnet_endpoint_format(server, &relay_server(&session->relay)->address);
	if (!len)
		return;
	put(object, "relay_server", server);
	json_object_object_add(object, "relay_url",
			       json_object_new_int((int)relay_server(&session->relay)->url));
	json_object_object_add(object, "relay", hex(data, len));
	explicit_bzero(data, sizeof(data));
}

/**
 * session_save() - write a session's file
 * @session: the session
 */
void session_save(struct session *session)
{
	struct json_object *object;
	struct mpcnet_err err;
	char path[PATH_MAX];
	const char *text;

	session->dirty = LOOP_NEVER;
	if (!file_name(path, session->name))
		return;
	object = json_object_new_object();
	put(object, "ticket", session->ticket_text);
	put(object, "name", session->own.name);
	json_object_object_add(object, "index", json_object_new_int(session->own.index));
	if (session->have_kernel) {
		put(object, "interface", session->kernel.name);
		json_object_object_add(object, "ifindex",
				       json_object_new_int((int)session->kernel.ifindex));
	}
	json_object_object_add(object, "port", json_object_new_int(session->port));
	put(object, "verify", session_verify_name(session->verify));
	json_object_object_add(object, "verified", json_object_new_boolean(session->verified));
	json_object_object_add(object, "ready", json_object_new_boolean(session->ready));
	json_object_object_add(object, "met", json_object_new_boolean(session->met));
	json_object_object_add(object, "epoch", json_object_new_int((int)session->roster.epoch));
	json_object_object_add(object, "renewed", json_object_new_int64(session->epoch.renewed_s));
	json_object_object_add(object, "lost",
			       json_object_new_int64((int64_t)session->epoch.lost_after));
	json_object_object_add(object, "nonce", hex(session->nonce, sizeof(session->nonce)));
	json_object_object_add(object, "cards", save_cards(session));
	save_relay(object, session);
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	if (mpcnet_file_replace(path, text, strlen(text), &err))
		log_error("session %s: %s", session->name, err.text);
	json_object_put(object);
}

/**
 * session_forget() - remove a session's file
 * @session: the session
 */
void session_forget(const struct session *session)
{
	char path[PATH_MAX];

	if (file_name(path, session->name))
		unlink(path);
}

static const char *text_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static size_t unhex(uint8_t *data, size_t room, const char *text)
{
	size_t len = strlen(text) / 2;
	unsigned int byte;

	if (len > room)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return 0;
		data[i] = (uint8_t)byte;
	}
	return len;
}

/* The allocation belongs to the socket, which is the same. */
static void load_relay(struct session *session, struct json_object *object)
{
	const char *server = text_of(object, "relay_server"), *state = text_of(object, "relay");
	static uint8_t data[RELAY_ROOM];
	struct relay_server from = { 0 };
	struct json_object *url;
	struct mpcnet_host host;
	struct mpcnet_err err;
	size_t len;

	len = server && state ? unhex(data, sizeof(data), state) : 0;
	if (json_object_object_get_ex(object, "relay_url", &url))
		from.url = (unsigned int)json_object_get_int(url);
	if (!len || from.url >= session->ticket.turn_count ||
	    mpcnet_host_parse(&host, server, &err) ||
	    mpcnet_host_resolve(&from.address, &host, &err) ||
	    ticket_turn_parse(&from.turn, session->ticket.turn[from.url], &err))
		return;
	relay_resume(&session->relay, loop_now(), &from, data, len);
	explicit_bzero(&from, sizeof(from));
	explicit_bzero(data, sizeof(data));
}

static void load_cards(struct session *session, struct json_object *object)
{
	struct json_object *list;
	struct mpcnet_err err;
	struct card card;

	if (!json_object_object_get_ex(object, "cards", &list) ||
	    !json_object_is_type(list, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));

		if (!text || card_open(&card, text, &session->ticket, &err))
			continue;
		/* It was judged when it came: of an expired session all is to be taken back. */
		roster_add(&session->roster, &card, 0, &err);
		if (!memcmp(card.public_key, session->own.public_key, MPCNET_KEY_LEN)) {
			session->own = card;
			session->have_card = true;
		}
	}
}

static bool flag_of(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_get_boolean(value);
}

static void load_verify(struct session *session, struct json_object *object)
{
	const char *verify = text_of(object, "verify"), *nonce = text_of(object, "nonce");
	struct mpcnet_err ignored;

	/* In doubt the strictest */
	if (!verify || session_verify_parse(&session->verify, verify, &ignored))
		session->verify = SESSION_VERIFY_SAS;
	session->verified = flag_of(object, "verified");
	session->ready = flag_of(object, "ready");
	session->met = flag_of(object, "met");
	if (nonce)
		unhex(session->nonce, sizeof(session->nonce), nonce);
}

static int64_t number_of(struct json_object *object, const char *key, int64_t otherwise)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_int64(value) :
								otherwise;
}

static void load_numbers(struct session *session, struct json_object *object)
{
	session->own.index = (int)number_of(object, "index", -1);
	session->port = (uint16_t)number_of(object, "port", GUARD_PORT_MPYC);
	session->epoch.lost_after =
		(uint64_t)number_of(object, "lost", (int64_t)session->epoch.lost_after);
	session->epoch.renewed_s = number_of(object, "renewed", 0);
}

/* By the same cards and epoch the roster comes out the same. */
static int take_up(struct session *session, struct json_object *object, struct mpcnet_err *err)
{
	const char *interface = text_of(object, "interface"), *name = text_of(object, "name");
	unsigned int ifindex = (unsigned int)number_of(object, "ifindex", 0);
	int socket = -1;

	snprintf(session->own.name, sizeof(session->own.name), "%s", name ? name : "");
	session->own.expires = session->ticket.expires;
	load_numbers(session, object);
	load_cards(session, object);
	load_verify(session, object);
	session->have_kernel = interface;
	if (interface && kernel_resume(&session->kernel, interface, ifindex, &socket, err))
		return -1;
	if (!interface)
		return session_net_open(session, socket, err);
	if (!session->have_card ||
	    roster_restore(&session->roster, (uint32_t)number_of(object, "epoch", 0), err)) {
		close(socket);
		return mpcnet_err_set(err, "the file does not hold the cards of the parties");
	}
	session->own.epoch = session->roster.epoch;
	session->self = (unsigned int)roster_find(&session->roster, session->own.public_key);
	session->state = SESSION_CONNECTING;
	if (session_net_open(session, socket, err))
		return -1;
	load_relay(session, object);
	if (session_board_links(session, err) || session_host_up(session, err))
		return -1;
	return session_paths_resume(session, err);
}

/* A file that makes no session any more must not leave its interface behind. */
static void remove_interface(struct json_object *object)
{
	const char *name = object ? text_of(object, "interface") : NULL;
	struct json_object *ifindex;
	struct kernel kernel = { .watch.fd = -1 };
	struct mpcnet_err ignored;

	if (!name || !json_object_object_get_ex(object, "ifindex", &ifindex))
		return;
	snprintf(kernel.name, sizeof(kernel.name), "%s", name);
	kernel.ifindex = (unsigned int)json_object_get_int(ifindex);
	kernel_remove(&kernel, &ignored);
}

/* What it has laid out for the others is erased all the same. */
static void give_up(struct session *session)
{
	struct mpcnet_err ignored;

	if (!session->have_rendezvous)
		session_board_open(session, &ignored);
	session_leave(session);
}

static void load(const char *path)
{
	struct json_object *object = json_object_from_file(path);
	const char *ticket = object ? text_of(object, "ticket") : NULL;
	struct mpcnet_err err = { "the file is damaged" };
	struct session *session;

	session = ticket ? session_new(ticket, &err) : NULL;
	if (session && !take_up(session, object, &err)) {
		log_info("session %s: taken up again", session->name);
	} else {
		log_error("%s: %s", path, err.text);
		if (session)
			give_up(session);
		remove_interface(object);
		unlink(path);
	}
	json_object_put(object);
}

/**
 * session_load_all() - take up the sessions of a helper that has died
 */
void session_load_all(void)
{
	DIR *folder = opendir(mpcnet_run_folder());
	char path[PATH_MAX];
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		size_t len = strlen(entry->d_name);

		if (len <= strlen(SUFFIX) || strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", mpcnet_run_folder(), entry->d_name) <
		    (int)sizeof(path))
			load(path);
	}
	if (folder)
		closedir(folder);
}
