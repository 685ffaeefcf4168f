// SPDX-License-Identifier: GPL-2.0
/* The choice of a path, and the state that comes of it. */
#include "link.h"

/**
 * link_selected() - the path in use
 * @link: the link
 *
 * Return: the path, NULL if there is none.
 */
struct path *link_selected(struct link *link)
{
	return link->selected < 0 ? NULL : &link->paths[link->selected];
}

static enum link_state state_of(struct link *link)
{
	struct path *use = link_selected(link);

	if (link->roster_differs)
		return LINK_FAILED;
	if (use)
		return path_is_direct(use) ? LINK_DIRECT : LINK_RELAYED;
	/* Something works, and the other is about to choose it. */
	if (link_patience(link) != NEVER)
		return LINK_CONNECTING;
	/* What failed is tried again, but not called anything else for that. */
	return link->phase == LINK_REST || link->vain ? LINK_FAILED : LINK_CONNECTING;
}

/**
 * link_update() - find out what state a link is in
 * @agent: the agent
 * @link: the link
 * @tell: the reason may be another in any case
 */
void link_update(struct agent *agent, struct link *link, bool tell)
{
	enum link_state state = state_of(link);

	if (link->state == state && !tell)
		return;
	link->state = state;
	agent->ops->changed(agent->arg, link->party);
}

static void select_path(struct agent *agent, struct link *link, int index, bool tell, uint64_t now)
{
	struct path *path;

	link->selected = index;
	path = link_selected(link);
	if (path) {
		/* The other is to know at once. */
		path->next = now;
		path->pause = CHECK_RTO;
		path->told = false;
	}
	if (tell)
		agent->ops->use(agent->arg, link->party, path ? &path->at : NULL);
	link_update(agent, link, true);
}

/**
 * link_patience() - how long does the side that follows wait for a choice?
 * @link: the link
 *
 * Return: the time, NEVER if there is nothing to choose.
 */
uint64_t link_patience(const struct link *link)
{
	uint64_t end = NEVER;

	for (unsigned int i = 0; i < link->count; i++) {
		const struct path *path = &link->paths[i];

		if (path_usable(path) && path->since + NOMINATION_WAIT < end)
			end = path->since + NOMINATION_WAIT;
	}
	return end;
}

/* The side that does not choose follows, unless there is nothing to follow. */
static int wanted(const struct link *link, uint64_t now)
{
	if (link->roster_differs)
		return -1;
	if (link->peer.controlling)
		return path_best(link);
	for (unsigned int i = 0; i < link->count; i++) {
		if (link->paths[i].nominated && path_usable(&link->paths[i]))
			return (int)i;
	}
	if (link->selected >= 0 && path_usable(&link->paths[link->selected]))
		return link->selected;
	return now >= link_patience(link) ? path_best(link) : -1;
}

/* Paths by our relay that would be taken get their channel. */
static void ask_channels(struct agent *agent, struct link *link)
{
	const struct path *use = link_selected(link);

	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (path->valid && (path->nominated || !use || path->class < use->class))
			path_ask_channel(agent, link, path);
	}
}

/**
 * link_choose() - take the best path
 * @agent: the agent
 * @link: the link
 * @now: the time
 */
void link_choose(struct agent *agent, struct link *link, uint64_t now)
{
	int want = wanted(link, now);

	if (want != link->selected)
		select_path(agent, link, want, true, now);
	ask_channels(agent, link);
}

/*
 * The side that chooses keeps to its choice while that works: what comes by
 * another known path was sent before the other heard of it. An unknown path of
 * the same kind is what becomes of a path when a NAT has forgotten it.
 */
static bool keeps(struct link *link, const struct path *path, bool known)
{
	const struct path *use = link_selected(link);

	return use && link->peer.controlling && !use->missed && path_usable(use) &&
	       (known || path->class > use->class);
}

/**
 * link_follow() - the kernel has moved to a path by itself
 * @agent: the agent
 * @link: the link
 * @path: the path, by which an authentic message came
 * @now: the time
 */
void link_follow(struct agent *agent, struct link *link, struct path *path, uint64_t now)
{
	bool known = path->valid;

	path_set_valid(path, now);
	path->open = true;
	if (path->at.via == AGENT_RELAY)
		path->bound = true;
	if (path == link_selected(link))
		return;
	if (keeps(link, path, known))
		agent->ops->use(agent->arg, link->party, &link_selected(link)->at);
	else
		select_path(agent, link, (int)(path - link->paths), false, now);
}

/**
 * link_set_roster_differs() - say whether the other means our group
 * @agent: the agent
 * @link: the link
 * @differs: it means another; nothing works then
 * @now: the time
 */
void link_set_roster_differs(struct agent *agent, struct link *link, bool differs, uint64_t now)
{
	if (link->roster_differs == differs)
		return;
	link->roster_differs = differs;
	for (unsigned int i = 0; differs && i < link->count; i++) {
		if (link->paths[i].valid)
			path_set_lost(&link->paths[i]);
	}
	link_choose(agent, link, now);
	link_update(agent, link, true);
}
