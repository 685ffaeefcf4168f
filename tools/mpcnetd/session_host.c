// SPDX-License-Identifier: GPL-2.0
/* What a session changes on its machine beside its interface: rules, and names. */
#include "session.h"

#include <string.h>

#include "guard.h"
#include "log.h"
#include "names.h"

static int put_names(const struct session *session, struct mpcnet_err *err)
{
	struct names_entry entries[PARTIES_MAX];
	unsigned int count = 0;

	for (unsigned int i = 0; i < session->roster.count; i++) {
		if (!roster_has(&session->roster, i))
			continue;
		entries[count] = (struct names_entry){
			.index = i,
			.name = session->roster.cards[i].name,
		};
		roster_addresses(entries[count++].addresses, &session->ticket, i);
	}
	return names_up(session->name, session->kernel.name, entries, count, err);
}

/**
 * session_host_up() - guard the interface, open it when the parties are
 * verified, and give them names
 * @session: the session, of which the roster is settled, with its interface
 * @err: says why not
 *
 * Return: 0, or -1 if there is no guard. Without names it goes on.
 */
int session_host_up(struct session *session, struct mpcnet_err *err)
{
	/* Its own program's: another session may have another party's here. */
	uint16_t port = (uint16_t)(session->port + session->self);
	struct guard_ports ports = { .ranges = { { .first = port, .last = port } }, .count = 1 };
	struct mpcnet_err no_names;

	if (guard_up(session->kernel.name, MESH_PORT, &ports, session->verified, err))
		return -1;
	if (session->verified && put_names(session, &no_names))
		log_error("session %s: %s", session->name, no_names.text);
	return 0;
}

/**
 * session_host_down() - take both back
 * @session: the session, with its interface
 */
void session_host_down(const struct session *session)
{
	guard_down(session->kernel.name);
	names_down(session->name, session->kernel.name);
}

static bool is_alive(const char *name, const char *interface)
{
	for (struct session *s = session_first(); s; s = s->next) {
		if (s->have_kernel && !strcmp(s->name, name) && !strcmp(s->kernel.name, interface))
			return true;
	}
	return false;
}

/**
 * session_host_sweep() - take back what a helper that died has left, and no
 * session that was taken up needs
 */
void session_host_sweep(void)
{
	guard_sweep();
	names_sweep(is_alive);
}
