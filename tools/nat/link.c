// SPDX-License-Identifier: GPL-2.0
/* Checks of a link: when they are due, and what comes of them. */
#include "link.h"

#include <string.h>

static bool one_relay_works(const struct link *link)
{
	for (unsigned int i = 0; i < link->count; i++) {
		if (link->paths[i].valid && link->paths[i].class < PATH_RELAYED_TWICE)
			return true;
	}
	return false;
}

/* What is in reserve has to show now whether it could be used. */
static void rouse_reserves(struct link *link, uint64_t now)
{
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (path->valid && (int)i != link->selected &&
		    path->checks[path->check_at].at + RESERVE_SOONER < now)
			path->next = now;
	}
}

/* Before a check that was not answered is sent again: twice a round trip at least. */
static uint64_t pause(const struct agent *agent, uint64_t least)
{
	uint64_t patience = 2 * agent->rtt < PATIENCE_MAX ? 2 * agent->rtt : PATIENCE_MAX;

	return patience > least ? patience : least;
}

static void back_off(const struct agent *agent, struct path *path, uint64_t now)
{
	path->next = now + pause(agent, path->pause);
	path->pause += path->pause / 2;
	if (path->pause > CHECK_RTO_MAX)
		path->pause = CHECK_RTO_MAX;
}

static void schedule_selected(const struct agent *agent, struct link *link, struct path *path,
			      uint64_t now)
{
	uint64_t last = path->checks[path->check_at].at;

	if (link->peer.controlling && !path->told) {
		back_off(agent, path, now);
	} else if (link->phase == LINK_KNOCK) {
		path->next = now + pause(agent, CONSENT_AGAIN);
	} else if (path->heard >= last) {
		path->next = now + CONSENT_INTERVAL;
	} else {
		path->missed = true;
		path->next = now + pause(agent, CONSENT_AGAIN);
		rouse_reserves(link, now);
	}
}

/* When is the check behind this one due? */
static void schedule(const struct agent *agent, struct link *link, struct path *path, bool knock,
		     uint64_t now)
{
	if (knock) {
		path->next = path->pause == CHECK_RTO ? now + KNOCK_AGAIN : NEVER;
		path->pause = KNOCK_AGAIN;
	} else if (path == link_selected(link)) {
		schedule_selected(agent, link, path, now);
	} else if (path->valid) {
		path->next = now + RESERVE_INTERVAL;
	} else if (link->phase == LINK_REST) {
		path->next = path_is_direct(path) ? NEVER : now + RESERVE_INTERVAL;
	} else {
		back_off(agent, path, now);
	}
}

static void new_check(struct agent *agent, struct link *link, struct path *path, bool use,
		      uint64_t now)
{
	path->check_at = (path->check_at + 1) % PATH_CHECKS;
	path->checks[path->check_at].at = now;
	path->checks[path->check_at].use = use;
	path->checks[path->check_at].done = false;
	agent_random(agent, path->checks[path->check_at].id, STUN_ID_LEN);
	path->checks[path->check_at].id[0] = (uint8_t)link->party;
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
	bool knock = link->phase == LINK_KNOCK && path->behind_nat && !path->open && !path->valid;
	bool use = link->peer.controlling && path == link_selected(link);
	uint8_t data[STUN_ROOM];
	size_t len;

	if ((path->class == PATH_RELAYED_TWICE && !path->valid && one_relay_works(link)) ||
	    (knock && path->at.via == AGENT_RELAY)) {
		path->next = NEVER;
		return;
	}
	schedule(agent, link, path, knock, now);
	new_check(agent, link, path, use, now);
	len = check_request(data, sizeof(data), agent, link, path->checks[path->check_at].id, use);
	if (!len)
		return;
	path->sent++;
	agent->ops->send(agent->arg, &path->at, knock ? agent->hops : 0, data, len);
}

/*
 * A triggered check, RFC 8445 section 7.3.1.4: at once when the other is first
 * heard, else both would have the other check again and again.
 */
static void trigger(struct path *path, bool first, uint64_t now)
{
	uint64_t due = path->checks[path->check_at].at + (first ? CHECK_RTO : CHECK_RTO_MAX);

	if (!path->sent || due < now)
		due = now;
	if (!path->valid && path->next > due)
		path->next = due;
}

/**
 * link_challenged() - the other has checked a path, but means another group
 * @agent: the agent
 * @link: the link
 * @path: the path
 * @check: the request, which is authentic
 * @now: the time
 *
 * It may be a copy of an old one. The answer to a check of our own will tell.
 */
void link_challenged(struct agent *agent, struct link *link, struct path *path,
		     const struct check *check, uint64_t now)
{
	bool first = !path->open;

	link_heard(agent, link, path, check->punching, now);
	if (!link->roster_differs)
		trigger(path, first, now);
}

static void nominate(struct link *link, struct path *path)
{
	for (unsigned int i = 0; i < link->count; i++)
		link->paths[i].nominated = false;
	path->nominated = true;
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
	bool first = !path->open;

	link_heard(agent, link, path, check->punching, now);
	if (check->use && !link->peer.controlling)
		nominate(link, path);
	path_ask_channel(agent, link, path);
	trigger(path, first, now);
	link_choose(agent, link, now);
	return path->at.via == AGENT_DIRECT || path->bound;
}

/**
 * link_answered() - the other has answered a check
 * @agent: the agent
 * @link: the link
 * @path: the path, by which the answer came
 * @check: which of its checks
 * @now: the time
 */
void link_answered(struct agent *agent, struct link *link, struct path *path, unsigned int check,
		   uint64_t now)
{
	int64_t sample = (int64_t)(now - path->checks[check].at);
	bool first = !path->valid;

	link_heard(agent, link, path, false, now);
	path_set_valid(path, now);
	path->checks[check].done = true;
	path->answered++;
	path->rtt = path->rtt ? (uint32_t)(path->rtt + (sample - path->rtt) / 8) :
				(uint32_t)(sample ? sample : 1);
	agent->rtt = agent->rtt ?
			     (uint64_t)((int64_t)agent->rtt + (sample - (int64_t)agent->rtt) / 8) :
			     (uint64_t)sample;
	if (path->checks[check].use && path == link_selected(link) && !path->told) {
		path->told = true;
		path->next = now + CONSENT_INTERVAL;
	}
	link_choose(agent, link, now);
	if (first && path != link_selected(link))
		path->next = now + RESERVE_INTERVAL;
}

static uint64_t path_deadline(const struct link *link, unsigned int index)
{
	const struct path *path = &link->paths[index];
	uint64_t lost = (int)index == link->selected ? CONSENT_LOST : RESERVE_LOST;

	if (path->valid && path->heard + lost + 1 < path->next)
		return path->heard + lost + 1;
	return path->next;
}

/**
 * link_deadline() - when is something to be done for a link?
 * @link: the link
 *
 * Return: the time, NEVER if nothing is.
 */
uint64_t link_deadline(const struct link *link)
{
	uint64_t first = NEVER, next;

	if (link->phase == LINK_IDLE)
		return NEVER;
	first = link->phase_end;
	for (unsigned int i = 0; i < link->count; i++) {
		next = path_deadline(link, i);
		if (next < first)
			first = next;
	}
	if (link->selected < 0 && link_patience(link) < first)
		first = link_patience(link);
	return first;
}
