// SPDX-License-Identifier: GPL-2.0
/* Parts of the agent one by one; tools/sim has it as a whole. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "link.h"

static void no_send(void *arg, const struct agent_path *path, unsigned int ttl, const void *data,
		    size_t len)
{
	(void)arg, (void)path, (void)ttl, (void)data, (void)len;
}

static void no_use(void *arg, unsigned int party, const struct agent_path *path)
{
	(void)arg, (void)party, (void)path;
}

static void no_relay(void *arg, const union mpcnet_endpoint *peer)
{
	(void)arg, (void)peer;
}

static unsigned int doubts;

static void count_doubt(void *arg)
{
	(void)arg;
	doubts++;
}

static void no_seen(void *arg, unsigned int party, const union mpcnet_endpoint *mapped)
{
	(void)arg, (void)party, (void)mapped;
}

static void no_changed(void *arg, unsigned int party)
{
	(void)arg, (void)party;
}

static const struct agent_ops ops = { no_send,	   no_use,  no_relay,  no_relay,
				      count_doubt, no_seen, no_changed };

static union mpcnet_endpoint four(uint32_t host, uint16_t port)
{
	union mpcnet_endpoint address = { 0 };

	address.in.sin_family = AF_INET;
	address.in.sin_port = htons(port);
	address.in.sin_addr.s_addr = htonl(host);
	return address;
}

static void put(struct candidates *c, enum candidate_type type, uint32_t host, uint16_t port)
{
	union mpcnet_endpoint address = four(host, port);

	CHECK(candidates_add(c, type, &address));
}

/* Party @self of two, whose key begins with @key and whose roster with @roster */
static struct agent *make(unsigned int self, uint8_t key, uint8_t roster)
{
	struct agent_conf conf = { .self = self, .parties = 2, .roster = { roster }, .seed = 7 };
	struct agent_peer peer = { .key = { key }, .controlling = !self };
	struct candidates own = { .mapping = NAT_INDEPENDENT };
	struct agent *agent = agent_new(&conf, &ops, NULL);

	put(&own, CANDIDATE_HOST, 0xc0a80001 + self, 1000);
	put(&own, CANDIDATE_REFLEXIVE, 0x01010101 + self, 1000);
	put(&own, CANDIDATE_RELAYED, 0x02020202, (uint16_t)(2000 + self));
	agent_set_self(agent, 0, &own);
	peer.candidates.mapping = NAT_INDEPENDENT;
	put(&peer.candidates, CANDIDATE_HOST, 0xc0a80001 + !self, 1000);
	put(&peer.candidates, CANDIDATE_REFLEXIVE, 0x01010101 + !self, 1000);
	put(&peer.candidates, CANDIDATE_RELAYED, 0x02020202, (uint16_t)(2000 + !self));
	CHECK(agent_add(agent, 0, !self, &peer));
	return agent;
}

static const uint8_t id[STUN_ID_LEN] = { 1, 2, 3 };

/* A check of @from, as @to takes it */
static struct link *pass(struct agent *from, struct agent *to, bool use, struct check *check,
			 uint8_t data[STUN_ROOM])
{
	struct link *link = &from->links[!from->conf.self];
	size_t len = check_request(data, STUN_ROOM, from, link, id, use);

	CHECK(len);
	CHECK(check_decode(check, data, len));
	return check_sender(to, check);
}

static void request(void)
{
	struct agent *a = make(0, 1, 1), *b = make(1, 1, 1);
	uint8_t data[STUN_ROOM];
	struct check check;

	CHECK(pass(a, b, true, &check, data) == &b->links[0]);
	CHECK(check.use && check.punching);
	CHECK(check_same_roster(b, &check));
	a->links[1].phase = LINK_REST;
	CHECK(pass(a, b, false, &check, data) == &b->links[0]);
	CHECK(!check.use && !check.punching);
	CHECK(pass(b, a, false, &check, data) == &a->links[1]);
	agent_free(a);
	agent_free(b);
}

static void not_authentic(void)
{
	struct agent *a = make(0, 1, 1), *b = make(1, 1, 1), *c = make(1, 2, 1);
	struct agent *same_side = make(0, 1, 1);
	uint8_t data[STUN_ROOM];
	struct check check;

	CHECK(!pass(a, c, false, &check, data));
	CHECK(!pass(a, same_side, false, &check, data));
	CHECK(!pass(a, a, false, &check, data));
	/* The right name, under another key */
	memcpy(a->links[1].tag, c->links[0].tag, sizeof(a->links[1].tag));
	CHECK(!pass(a, c, false, &check, data));
	agent_remove(b, 0);
	CHECK(!pass(a, b, false, &check, data));
	agent_free(a);
	agent_free(b);
	agent_free(c);
	agent_free(same_side);
}

static void other_roster(void)
{
	struct agent *a = make(0, 1, 1), *b = make(1, 1, 2);
	uint8_t data[STUN_ROOM], answer[STUN_ROOM];
	union mpcnet_endpoint from = four(0x01020304, 5);
	struct check check, back;
	size_t len;

	CHECK(pass(a, b, false, &check, data) == &b->links[0]);
	CHECK(!check_same_roster(b, &check));
	len = check_answer(answer, sizeof(answer), b, &b->links[0], &check, &from, false);
	CHECK(check_decode(&back, answer, len));
	CHECK(back.message.class == STUN_ERROR && back.message.error == STUN_ROSTER_DIFFERS);
	CHECK(stun_verify_sha256(&back.message, a->links[1].peer.key, MPCNET_KEY_LEN));
	CHECK(!check_same_roster(a, &back));
	agent_free(a);
	agent_free(b);
}

/* From roster 1 to 2: checks of either are good, those of others are not. */
static void next_roster(void)
{
	static const uint8_t one[STUN_ROSTER_LEN] = { 1 }, two[STUN_ROSTER_LEN] = { 2 };
	struct agent *a = make(0, 1, 1), *b = make(1, 1, 1), *c = make(0, 1, 3);
	uint8_t data[STUN_ROOM];
	struct check check;

	agent_set_rosters(b, two, one);
	CHECK(pass(a, b, false, &check, data) && check_same_roster(b, &check));
	CHECK(pass(b, a, false, &check, data) && !check_same_roster(a, &check));
	agent_set_rosters(a, one, two);
	CHECK(check_same_roster(a, &check));
	agent_set_rosters(a, two, one);
	CHECK(pass(a, b, false, &check, data) && check_same_roster(b, &check));
	CHECK(pass(c, b, false, &check, data) && !check_same_roster(b, &check));
	agent_free(a);
	agent_free(b);
	agent_free(c);
}

static void answer(void)
{
	struct agent *a = make(0, 1, 1), *b = make(1, 1, 1);
	uint8_t data[STUN_ROOM], bytes[STUN_ROOM];
	union mpcnet_endpoint from = four(0x01020304, 5);
	struct check check, back;
	size_t len;

	CHECK(pass(a, b, false, &check, data));
	CHECK(!check_answer(bytes, 60, b, &b->links[0], &check, &from, true));
	len = check_answer(bytes, sizeof(bytes), b, &b->links[0], &check, &from, true);
	CHECK(len && check_decode(&back, bytes, len));
	CHECK(back.message.class == STUN_SUCCESS && !memcmp(back.message.id, id, STUN_ID_LEN));
	CHECK(mpcnet_endpoint_equal(&back.message.mapped, &from));
	CHECK(check_same_roster(a, &back));
	CHECK(stun_verify_sha256(&back.message, a->links[1].peer.key, MPCNET_KEY_LEN));
	bytes[len - 20] ^= 1;
	CHECK(!check_decode(&back, bytes, len));
	CHECK(!check_decode(&back, bytes, len - 4));
	CHECK(!check_decode(&back, "x", 1));
	agent_free(a);
	agent_free(b);
}

static struct path *at(struct agent *agent, enum agent_via via, uint32_t host, uint16_t port)
{
	struct agent_path path = { via, four(host, port) };

	return path_find(&agent->links[1], &path);
}

static void classes(void)
{
	struct agent *a = make(0, 1, 1);
	struct path *local = at(a, AGENT_DIRECT, 0xc0a80002, 1000);
	struct path *direct = at(a, AGENT_DIRECT, 0x01010102, 1000);
	struct path *theirs = at(a, AGENT_DIRECT, 0x02020202, 2001);
	struct path *ours = at(a, AGENT_RELAY, 0x01010102, 1000);
	struct path *both = at(a, AGENT_RELAY, 0x02020202, 2001);

	CHECK(a->links[1].count == 5);
	CHECK(local && local->class == PATH_LOCAL && !local->behind_nat);
	CHECK(direct && direct->class == PATH_DIRECT && direct->behind_nat);
	CHECK(theirs && theirs->class == PATH_RELAYED && !theirs->behind_nat);
	CHECK(ours && ours->class == PATH_RELAYED && ours->behind_nat);
	CHECK(both && both->class == PATH_RELAYED_TWICE);
	CHECK(!at(a, AGENT_RELAY, 0xc0a80002, 1000));
	agent_free(a);
}

/* What a NAT of this kind will do is foreseen, or not tried. */
static void mappings(void)
{
	struct agent *a = make(0, 1, 1);
	struct agent_peer peer = a->links[1].peer;
	unsigned int count;

	peer.candidates.mapping = NAT_SEQUENTIAL;
	CHECK(agent_add(a, 0, 1, &peer));
	CHECK(at(a, AGENT_DIRECT, 0x01010102, 1001) && at(a, AGENT_DIRECT, 0x01010102, 1008));
	CHECK(!at(a, AGENT_DIRECT, 0x01010102, 1009));
	CHECK(!at(a, AGENT_RELAY, 0x01010102, 1000));
	peer.candidates.mapping = NAT_DEPENDENT;
	CHECK(agent_add(a, 0, 1, &peer));
	CHECK(!at(a, AGENT_DIRECT, 0x01010102, 1001));
	count = a->links[1].count;
	put(&peer.candidates, CANDIDATE_REFLEXIVE, 0x01010102, 1500);
	CHECK(agent_add(a, 0, 1, &peer));
	CHECK(a->links[1].count == count);
	/* The last port of all has no next. */
	peer.candidates.mapping = NAT_SEQUENTIAL;
	put(&peer.candidates, CANDIDATE_REFLEXIVE, 0x01010102, UINT16_MAX);
	CHECK(agent_add(a, 0, 1, &peer));
	CHECK(!at(a, AGENT_DIRECT, 0x01010102, 0));
	agent_free(a);
}

static void best(void)
{
	struct agent *a = make(0, 1, 1);
	struct link *link = &a->links[1];
	struct path *x = &link->paths[0], *y = &link->paths[1], *z;

	CHECK(path_best(link) == -1);
	x->class = y->class = PATH_DIRECT;
	x->valid = y->valid = true;
	x->rtt = 100 * MSEC;
	y->rtt = 80 * MSEC;
	link->selected = 0;
	CHECK(path_best(link) == 0);
	y->rtt = 76 * MSEC;
	CHECK(path_best(link) == 0);
	y->rtt = 76 * MSEC - 1;
	CHECK(path_best(link) == 1);
	y->class = PATH_RELAYED;
	CHECK(path_best(link) == 0);
	x->valid = false;
	CHECK(path_best(link) == 1);
	z = at(a, AGENT_RELAY, 0x01010102, 1000);
	y->valid = false;
	z->valid = true;
	CHECK(path_best(link) == -1);
	z->bound = true;
	CHECK(path_best(link) == (int)(z - link->paths));
	agent_free(a);
}

/* Learned paths make room for each other, not at the cost of a card's. */
static void full(void)
{
	struct agent *a = make(0, 1, 1);
	struct link *link = &a->links[1];
	struct agent_path path = { AGENT_DIRECT, four(0x03030303, 1) };
	struct path *first = path_learn(a, link, &path);

	CHECK(first && first->learned && path_learn(a, link, &path) == first);
	first->valid = true;
	for (uint16_t port = 2; port < 200; port++) {
		path.remote = four(0x03030303, port);
		CHECK(path_learn(a, link, &path));
		CHECK(link->count <= PATHS_MAX);
	}
	CHECK(at(a, AGENT_DIRECT, 0x03030303, 1) == first);
	CHECK(at(a, AGENT_DIRECT, 0x01010102, 1000) && at(a, AGENT_DIRECT, 0x02020202, 2001));
	for (unsigned int i = 0; i < link->count; i++)
		link->paths[i].valid = true;
	path.remote = four(0x03030303, 200);
	CHECK(!path_learn(a, link, &path));
	agent_free(a);
}

/* A relay's check would arrive, whatever hops it has: not before the other has sent. */
static void relay_waits(void)
{
	struct agent *a = make(0, 1, 1);
	struct link *link = &a->links[1];
	struct path *ours = at(a, AGENT_RELAY, 0x01010102, 1000);
	struct path *theirs = at(a, AGENT_DIRECT, 0x02020202, 2001);

	for (uint64_t now = 0; now < KNOCK_HEARD; now += 10 * MSEC)
		agent_tick(a, now);
	CHECK(link->phase == LINK_KNOCK && !ours->sent && theirs->sent > 1);
	link_heard(a, link, theirs, true, KNOCK_HEARD - 1);
	CHECK(link->phase == LINK_PUNCH);
	agent_tick(a, KNOCK_HEARD - 1);
	CHECK(ours->sent == 1);
	agent_free(a);
}

/* What our relay hears comes from the port that the other's NAT takes for all. */
static void relay_shows(void)
{
	struct agent *a = make(0, 1, 1);
	struct link *link = &a->links[1];
	struct agent_path by = { AGENT_RELAY, four(0x01010102, 1007) };
	struct path *direct;

	CHECK(path_learn(a, link, &by));
	direct = at(a, AGENT_DIRECT, 0x01010102, 1007);
	CHECK(direct && direct->learned && direct->behind_nat && direct->class == PATH_DIRECT);
	link->peer.candidates.mapping = NAT_DEPENDENT;
	by.remote = four(0x01010102, 1008);
	CHECK(path_learn(a, link, &by) && !at(a, AGENT_DIRECT, 0x01010102, 1008));
	agent_free(a);
}

/* Of what falls silent, only the relay's paths are its matter. */
static void relay_doubted(void)
{
	struct agent *a = make(0, 1, 1);
	struct link *link = &a->links[1];
	struct path *ours = at(a, AGENT_RELAY, 0x01010102, 1000);

	doubts = 0;
	path_set_valid(at(a, AGENT_DIRECT, 0x01010102, 1000), 0);
	path_set_valid(ours, SEC);
	ours->bound = true;
	link->selected = (int)(ours - link->paths);
	link_advance(a, link, SEC + CONSENT_LOST);
	CHECK(ours->valid && !doubts);
	link_advance(a, link, SEC + CONSENT_LOST + 1);
	CHECK(!ours->valid && doubts == 1);
	agent_free(a);
}

/* A card that says nothing new disturbs nothing. */
static void same_card(void)
{
	struct agent *a = make(0, 1, 1);
	struct agent_peer peer = a->links[1].peer;
	struct candidates self = a->self;
	struct link *link = &a->links[1];

	link->phase = LINK_REST;
	link->paths[0].sent = 9;
	CHECK(agent_add(a, SEC, 1, &peer));
	agent_set_self(a, SEC, &self);
	CHECK(link->phase == LINK_REST && link->paths[0].sent == 9);
	put(&self, CANDIDATE_REFLEXIVE, 0x05050505, 5);
	agent_set_self(a, SEC, &self);
	CHECK(link->phase == LINK_KNOCK);
	/* Another key is another party. */
	link->phase = LINK_REST;
	link->paths[0].valid = true;
	peer.key[0]++;
	CHECK(agent_add(a, SEC, 1, &peer));
	CHECK(link->phase == LINK_KNOCK && !link->paths[0].valid);
	CHECK(!agent_add(a, SEC, 0, &peer) && !agent_add(a, SEC, 2, &peer));
	agent_free(a);
}

static bool says(const struct agent *agent, const char *what)
{
	char text[AGENT_REASON_MAX];

	link_reason(agent, &agent->links[1], text, sizeof(text));
	return strstr(text, what);
}

static void reasons(void)
{
	struct agent *a = make(0, 1, 1);
	struct link *link = &a->links[1];

	CHECK(says(a, "5 paths are tried"));
	link->state = LINK_FAILED;
	CHECK(says(a, "no direct check was answered, and neither was one by the relay"));
	link->peer.candidates.mapping = NAT_DEPENDENT;
	CHECK(says(a, "the other's NAT gives each destination a port of its own"));
	a->self.mapping = NAT_SEQUENTIAL;
	CHECK(says(a, "both NATs give each destination"));
	link->peer.candidates.mapping = NAT_INDEPENDENT;
	CHECK(says(a, "the NAT here gives each destination"));
	link->peer.candidates.udp_blocked = true;
	CHECK(says(a, "UDP is blocked at the other party, or the STUN servers are down"));
	a->self.udp_blocked = true;
	CHECK(says(a, "UDP is blocked here, or the STUN servers are down"));
	a->self.count = link->peer.candidates.count = 0;
	CHECK(says(a, "name one (turn URL)"));
	a->conf.relays = true;
	CHECK(says(a, "no relay of the ticket works"));
	a->self.udp_blocked = link->peer.candidates.udp_blocked = false;
	link->count = 0;
	CHECK(says(a, "no address that can be reached"));
	link->roster_differs = true;
	CHECK(says(a, "roster differs"));
	link->phase = LINK_IDLE;
	CHECK(says(a, "waits for its card"));
	agent_free(a);
}

/* Who has no STUN server, is to be told so. */
static void reasons_hidden(void)
{
	struct agent *a = make(0, 1, 1);
	struct link *link = &a->links[1];

	link->state = LINK_FAILED;
	link->peer.candidates.count = 1;
	CHECK(says(a, "no STUN server has told the other party's public address"));
	a->self.count = 1;
	CHECK(says(a, "no STUN server has told the public address here"));
	CHECK(says(a, "there is no relay: name one (turn URL) in the ticket"));
	link->count = 0;
	CHECK(says(a, "the other party has no address that can be reached from here, and there"));
	agent_free(a);
}

/* A STUN server that is down must not keep those apart who have no relay. */
static void blocked(void)
{
	struct agent *a = make(0, 1, 1);
	struct agent_peer peer = a->links[1].peer;

	a->self.udp_blocked = true;
	peer.candidates.udp_blocked = true;
	agent_remove(a, 1);
	CHECK(agent_add(a, 0, 1, &peer));
	CHECK(at(a, AGENT_DIRECT, 0xc0a80002, 1000) && !at(a, AGENT_DIRECT, 0x01010102, 1000));
	agent_remove(a, 1);
	a->self.count = 2;
	peer.candidates.count = 2;
	CHECK(agent_add(a, 0, 1, &peer));
	CHECK(at(a, AGENT_DIRECT, 0x01010102, 1000));
	agent_free(a);
}

static void reasons_up(void)
{
	struct agent *a = make(0, 1, 1);
	struct link *link = &a->links[1];

	link->state = LINK_DIRECT;
	link->selected = (int)(at(a, AGENT_DIRECT, 0xc0a80002, 1000) - link->paths);
	CHECK(says(a, "in one network"));
	link->selected = (int)(at(a, AGENT_DIRECT, 0x01010102, 1000) - link->paths);
	CHECK(says(a, "through the NATs"));
	link->state = LINK_RELAYED;
	link->selected = (int)(at(a, AGENT_RELAY, 0x02020202, 2001) - link->paths);
	CHECK(says(a, "relayed twice: a direct path is still looked for"));
	link->phase = LINK_REST;
	link->selected = (int)(at(a, AGENT_RELAY, 0x01010102, 1000) - link->paths);
	CHECK(says(a, "relayed: no direct check was answered"));
	agent_free(a);
}

static const struct unit_test tests[] = {
	{ "agent: a check and who sent it", request },
	{ "agent: checks of others", not_authentic },
	{ "agent: a check of another group", other_roster },
	{ "agent: from one roster to the next", next_roster },
	{ "agent: the answer to a check", answer },
	{ "agent: kinds of paths", classes },
	{ "agent: paths through NATs with a port for each", mappings },
	{ "agent: the best path", best },
	{ "agent: a full list of paths", full },
	{ "agent: a relay waits until the other has sent", relay_waits },
	{ "agent: a relay shows the port of a NAT", relay_shows },
	{ "agent: a relay that falls silent is doubted", relay_doubted },
	{ "agent: a card with nothing new", same_card },
	{ "agent: why a link failed", reasons },
	{ "agent: a link without STUN servers", reasons_hidden },
	{ "agent: paths where UDP seems to be blocked", blocked },
	{ "agent: why a link is up", reasons_up },
	{ 0 },
};
UNIT_TESTS(tests)
