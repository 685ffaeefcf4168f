// SPDX-License-Identifier: GPL-2.0
/* The life of a link: rounds of punching, checks, and the choice of a path. */
#include "link.h"

#include <string.h>

static bool is_direct(const struct path *path)
{
	return path->class <= PATH_DIRECT;
}

static struct path *selected(struct link *link)
{
	return link->selected < 0 ? NULL : &link->paths[link->selected];
}

static void set_state(struct agent *agent, struct link *link, enum link_state state, uint64_t now)
{
	if (link->state != state)
		link->state_since = now;
	link->state = state;
	agent->ops->changed(agent->arg, link->party);
}

/* A relayed path would carry word of the other: worth waiting for. */
static bool may_hear(const struct link *link)
{
	for (unsigned int i = 0; i < link->count; i++) {
		if (!is_direct(&link->paths[i]))
			return true;
	}
	return false;
}

/**
 * link_begin_round() - begin to punch
 * @agent: the agent
 * @link: the link
 * @now: the time
 */
void link_begin_round(struct agent *agent, struct link *link, uint64_t now)
{
	link->phase = LINK_KNOCK;
	link->phase_end = now + (may_hear(link) ? KNOCK_HEARD : KNOCK_BLIND);
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (path->valid)
			continue;
		path->pause = CHECK_RTO;
		path->next = path->class == PATH_RELAYED_TWICE ? now + TWICE_DELAY : now;
	}
	if (link->selected < 0)
		set_state(agent, link, LINK_CONNECTING, now);
}

static void begin_punch(struct link *link, uint64_t now)
{
	link->phase = LINK_PUNCH;
	link->phase_end = now + PUNCH_TIME;
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (path->valid || !path->behind_nat)
			continue;
		path->pause = CHECK_RTO;
		path->next = now;
	}
}

/* Both sides come to the same moments of the calendar, whoever began first. */
static uint64_t next_round(const struct agent *agent, uint64_t now)
{
	uint64_t earliest = now + agent->conf.wall + REST_TIME - 8 * SEC;

	return (earliest / REST_TIME + 1) * REST_TIME - agent->conf.wall;
}

static void begin_rest(struct agent *agent, struct link *link, uint64_t now)
{
	struct path *use = selected(link);

	link->phase = LINK_REST;
	link->round_end = now;
	link->phase_end = use && is_direct(use) ? NEVER : next_round(agent, now);
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (!path->valid)
			path->next = use || is_direct(path) ? NEVER : now + RESERVE_INTERVAL;
	}
	if (!use)
		set_state(agent, link, LINK_FAILED, now);
	else
		agent->ops->changed(agent->arg, link->party);
}

static void end_phase(struct agent *agent, struct link *link, uint64_t now)
{
	switch (link->phase) {
	case LINK_KNOCK:
		begin_punch(link, now);
		break;
	case LINK_PUNCH:
		begin_rest(agent, link, now);
		break;
	default:
		link_begin_round(agent, link, now);
	}
}

static void lose(struct agent *agent, struct link *link, struct path *path, uint64_t now)
{
	bool used = path == selected(link);

	path->valid = false;
	path->nominated = false;
	path->next = NEVER;
	if (!used)
		return;
	link_choose(agent, link, now);
	if (link->phase == LINK_REST)
		link_begin_round(agent, link, now);
}

/**
 * link_advance() - do what its time has come for, but for checks
 * @agent: the agent
 * @link: the link
 * @now: the time
 */
void link_advance(struct agent *agent, struct link *link, uint64_t now)
{
	if (link->phase == LINK_IDLE)
		return;
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];
		uint64_t lost = (int)i == link->selected ? CONSENT_LOST : RESERVE_LOST;

		if (path->valid && now > path->heard + lost)
			lose(agent, link, path, now);
	}
	if (now >= link->phase_end)
		end_phase(agent, link, now);
	if (link->selected < 0)
		link_choose(agent, link, now);
}

static bool one_relay_works(const struct link *link)
{
	for (unsigned int i = 0; i < link->count; i++) {
		if (link->paths[i].valid && link->paths[i].class < PATH_RELAYED_TWICE)
			return true;
	}
	return false;
}

/* When is the check behind this one due? */
static void schedule(struct link *link, struct path *path, bool knock, uint64_t now)
{
	if (knock) {
		path->next = path->pause == CHECK_RTO ? now + KNOCK_AGAIN : NEVER;
		path->pause = KNOCK_AGAIN;
	} else if (path->valid) {
		path->next = now + (path == selected(link) ? CONSENT_INTERVAL : RESERVE_INTERVAL);
	} else if (link->phase == LINK_REST) {
		path->next = now + RESERVE_INTERVAL;
	} else {
		path->next = now + path->pause;
		path->pause += path->pause / 2;
		if (path->pause > CHECK_RTO_MAX)
			path->pause = CHECK_RTO_MAX;
	}
}

static void new_id(struct agent *agent, struct link *link, uint8_t id[STUN_ID_LEN])
{
	agent_random(agent, id, STUN_ID_LEN);
	id[0] = (uint8_t)link->party;
}

/**
 * link_send() - send a check
 * @agent: the agent
 * @link: the link
 * @path: where to; its next one is scheduled
 * @now: the time
 */
void link_send(struct agent *agent, struct link *link, struct path *path, uint64_t now)
{
	bool knock = link->phase == LINK_KNOCK && path->behind_nat && !path->valid;
	bool use = link->peer.controlling && path == selected(link);
	uint8_t data[STUN_ROOM];
	size_t len;

	if (path->class == PATH_RELAYED_TWICE && !path->valid && one_relay_works(link)) {
		path->next = NEVER;
		return;
	}
	schedule(link, path, knock, now);
	path->check_at = (path->check_at + 1) % PATH_CHECKS;
	new_id(agent, link, path->checks[path->check_at].id);
	path->checks[path->check_at].at = now;
	len = check_request(data, sizeof(data), agent, link, path->checks[path->check_at].id, use);
	if (!len)
		return;
	path->sent++;
	agent->ops->send(agent->arg, &path->at, knock ? agent->hops : 0, data, len);
}

/* Something of the other came: it has our card, and its NAT is ready. */
static void hear(struct link *link, struct path *path, uint64_t now)
{
	path->behind_nat = false;
	if (link->phase == LINK_KNOCK)
		begin_punch(link, now);
}

static bool wants_round(const struct agent *agent, struct link *link, const struct check *check,
			uint64_t now)
{
	struct path *use = selected(link);

	(void)agent;
	return link->phase == LINK_REST && check->punching && (!use || !is_direct(use)) &&
	       now > link->round_end + REST_TIME - 8 * SEC;
}

static void ask_channel(struct agent *agent, struct path *path)
{
	if (path->at.via != AGENT_RELAY || path->bound || path->bind_asked)
		return;
	path->bind_asked = true;
	agent->ops->bind(agent->arg, &path->at.remote);
}

/**
 * link_requested() - the other has checked a path
 * @agent: the agent
 * @link: the link
 * @path: the path
 * @check: the request, which is authentic
 * @now: the time
 *
 * Who is answered may send data at once. What comes by our relay without a
 * channel would not reach the kernel, so there is no answer until it has one.
 *
 * Return: whether to answer.
 */
bool link_requested(struct agent *agent, struct link *link, struct path *path,
		    const struct check *check, uint64_t now)
{
	uint64_t last = path->checks[path->check_at].at;

	hear(link, path, now);
	if (wants_round(agent, link, check, now)) {
		link_begin_round(agent, link, now);
		begin_punch(link, now);
	}
	if (check->use && !link->peer.controlling) {
		for (unsigned int i = 0; i < link->count; i++)
			link->paths[i].nominated = false;
		path->nominated = true;
	}
	ask_channel(agent, path);
	/* A triggered check, RFC 8445 section 7.3.1.4 */
	if (!path->valid && (!path->sent || now >= last + CHECK_RTO) && path->next > now)
		path->next = now;
	link_choose(agent, link, now);
	return path->at.via == AGENT_DIRECT || path->bound;
}

/**
 * link_answered() - the other has answered a check
 * @agent: the agent
 * @link: the link
 * @path: the path, by which the answer came
 * @sent: when the check was sent
 * @now: the time
 */
void link_answered(struct agent *agent, struct link *link, struct path *path, uint64_t sent,
		   uint64_t now)
{
	int64_t sample = (int64_t)(now - sent);
	bool first = !path->valid;

	hear(link, path, now);
	path->answered++;
	path->heard = now;
	path->valid = true;
	path->rtt = path->rtt ? (uint32_t)(path->rtt + (sample - path->rtt) / 8) :
				(uint32_t)(sample ? sample : 1);
	link_choose(agent, link, now);
	if (first && path != selected(link))
		path->next = now + RESERVE_INTERVAL;
}

static void select_path(struct agent *agent, struct link *link, int index, bool tell, uint64_t now)
{
	struct path *path;

	link->selected = index;
	path = selected(link);
	if (!path) {
		agent->ops->use(agent->arg, link->party, NULL);
		set_state(agent, link, LINK_CONNECTING, now);
		return;
	}
	/* The other is to know at once. */
	path->next = now;
	if (tell)
		agent->ops->use(agent->arg, link->party, &path->at);
	set_state(agent, link, is_direct(path) ? LINK_DIRECT : LINK_RELAYED, now);
}

/* The side that does not choose follows, unless there is nothing to follow. */
static int wanted(const struct link *link, uint64_t now)
{
	if (link->peer.controlling)
		return path_best(link);
	for (unsigned int i = 0; i < link->count; i++) {
		if (link->paths[i].nominated && path_usable(&link->paths[i]))
			return (int)i;
	}
	if (link->selected >= 0 && path_usable(&link->paths[link->selected]))
		return link->selected;
	return now > link->state_since + NOMINATION_WAIT ? path_best(link) : -1;
}

/* Paths by our relay that would be taken get their channel. */
static void ask_channels(struct agent *agent, struct link *link)
{
	const struct path *use = selected(link);

	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (path->valid && (path->nominated || !use || path->class < use->class))
			ask_channel(agent, path);
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

/**
 * link_follow() - the kernel has moved to a path by itself
 * @agent: the agent
 * @link: the link
 * @path: the path, by which an authentic message came
 * @now: the time
 */
void link_follow(struct agent *agent, struct link *link, struct path *path, uint64_t now)
{
	path->valid = true;
	path->behind_nat = false;
	path->heard = now;
	if (path->at.via == AGENT_RELAY)
		path->bound = true;
	if (path != selected(link))
		select_path(agent, link, (int)(path - link->paths), false, now);
}

/**
 * link_set_roster_differs() - say whether the other means our group
 * @agent: the agent
 * @link: the link
 * @differs: it means another
 * @now: the time
 */
void link_set_roster_differs(struct agent *agent, struct link *link, bool differs, uint64_t now)
{
	if (link->roster_differs == differs)
		return;
	link->roster_differs = differs;
	if (differs)
		set_state(agent, link, LINK_FAILED, now);
}

/**
 * link_deadline() - when is something to be done for a link?
 * @link: the link
 *
 * Return: the time, NEVER if nothing is.
 */
uint64_t link_deadline(const struct link *link)
{
	uint64_t first = NEVER;

	if (link->phase == LINK_IDLE)
		return NEVER;
	first = link->phase_end;
	for (unsigned int i = 0; i < link->count; i++) {
		if (link->paths[i].next < first)
			first = link->paths[i].next;
	}
	return first;
}
