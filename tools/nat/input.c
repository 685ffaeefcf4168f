// SPDX-License-Identifier: GPL-2.0
/* What comes: checks of others, and their answers to ours. */
#include "link.h"

#include <string.h>

static void take_request(struct agent *agent, uint64_t now, const struct agent_path *from,
			 const struct check *check)
{
	struct link *link = check_sender(agent, check);
	bool same = check_same_roster(agent, check), answer = true;
	uint8_t data[STUN_ROOM];
	struct path *path;
	size_t len;

	if (!link)
		return;
	path = path_learn(agent, link, from);
	if (path && same)
		answer = link_requested(agent, link, path, check, now);
	else if (path)
		link_challenged(agent, link, path, check, now);
	if (!answer)
		return;
	len = check_answer(data, sizeof(data), agent, link, check, &from->remote, same);
	if (len)
		agent->ops->send(agent->arg, from, 0, data, len);
}

/* The check that is answered: by the path that it went by, and once. */
static int find_check(const struct path *path, const uint8_t *id)
{
	for (unsigned int i = 0; i < PATH_CHECKS; i++) {
		if (path->checks[i].at && !path->checks[i].done &&
		    !memcmp(path->checks[i].id, id, STUN_ID_LEN))
			return (int)i;
	}
	return -1;
}

static void take_answer(struct agent *agent, uint64_t now, const struct agent_path *from,
			const struct check *check)
{
	const struct stun_message *m = &check->message;
	struct link *link = agent_link(agent, m->id[0]);
	struct path *path = link ? path_find(link, from) : NULL;
	int index = path ? find_check(path, m->id) : -1;

	if (index < 0 || !stun_verify_sha256(m, link->peer.key, MPCNET_KEY_LEN))
		return;
	if (m->class == STUN_ERROR) {
		link_set_roster_differs(agent, link, m->error == STUN_ROSTER_DIFFERS, now);
		return;
	}
	link_set_roster_differs(agent, link, false, now);
	if (m->mapped.sa.sa_family && from->via == AGENT_DIRECT)
		agent->ops->seen(agent->arg, link->party, &m->mapped);
	link_answered(agent, link, path, (unsigned int)index, now);
}

/**
 * agent_input() - a datagram came
 * @agent: the agent
 * @now: the time
 * @from: what it came by, and where from
 * @data: the datagram
 * @len: its length
 *
 * Return: true if it was a check, or the answer to one; authentic or not.
 */
bool agent_input(struct agent *agent, uint64_t now, const struct agent_path *from, const void *data,
		 size_t len)
{
	struct check check;

	if (!check_decode(&check, data, len))
		return false;
	if (check.message.class == STUN_REQUEST)
		take_request(agent, now, from, &check);
	else
		take_answer(agent, now, from, &check);
	return true;
}
