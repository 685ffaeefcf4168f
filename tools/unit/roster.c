// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "roster.h"
#include "sample.h"

#define NOW 1700000000
#define PARTIES 3

/* Party @n: its key begins with @n, and it leaves its place open. */
static struct card card_of(unsigned int n)
{
	struct card card = { .index = -1, .epoch = 1, .sequence = 5, .expires = NOW + 60 };

	memset(card.public_key, (int)n, sizeof(card.public_key));
	snprintf(card.name, sizeof(card.name), "p%u", n);
	return card;
}

static struct card at_index(unsigned int n, int index)
{
	struct card card = card_of(n);

	card.index = index;
	return card;
}

static struct card without_name(unsigned int n)
{
	struct card card = card_of(n);

	card.name[0] = '\0';
	return card;
}

static struct roster empty(const struct ticket *ticket)
{
	struct roster roster;

	roster_init(&roster, ticket);
	return roster;
}

static enum roster_change add(struct roster *roster, const struct card *card)
{
	struct mpcnet_err err = { "" };
	enum roster_change change = roster_add(roster, card, NOW, &err);

	CHECK((change == ROSTER_REFUSED) == (err.text[0] != '\0'));
	return change;
}

static bool refused(struct roster *roster, const struct card *card, const char *words)
{
	struct mpcnet_err err = { "" };
	unsigned int count = roster->count;

	return roster_add(roster, card, NOW, &err) == ROSTER_REFUSED && strstr(err.text, words) &&
	       roster->count == count;
}

/* The three cards, in the order that @order says. */
static struct roster settled(const struct ticket *ticket, const struct card cards[PARTIES],
			     const unsigned int order[PARTIES])
{
	struct roster roster = empty(ticket);
	struct mpcnet_err err;

	for (unsigned int i = 0; i < PARTIES; i++) {
		CHECK(roster_settle(&roster, &err) == 1);
		CHECK(add(&roster, &cards[order[i]]) == ROSTER_ADDED);
	}
	CHECK(!roster_settle(&roster, &err));
	CHECK(!roster_settle(&roster, &err));
	return roster;
}

static const unsigned int orders[][PARTIES] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
						{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

static bool same_hash(const struct roster *a, const struct roster *b)
{
	return !memcmp(a->hash, b->hash, sizeof(a->hash));
}

/* Whatever the order in which @cards come: the places are those of @keys. */
static void check_places(const struct card cards[PARTIES], const unsigned int keys[PARTIES])
{
	struct ticket ticket = sample_ticket();
	struct roster first = settled(&ticket, cards, orders[0]);

	for (unsigned int i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct roster roster = settled(&ticket, cards, orders[i]);

		CHECK(same_hash(&first, &roster));
		for (unsigned int place = 0; place < PARTIES; place++) {
			CHECK(roster.cards[place].public_key[0] == keys[place]);
			CHECK(roster.cards[place].index == (int)place);
			CHECK(roster_find(&roster, roster.cards[place].public_key) == (int)place);
		}
	}
}

static void places(void)
{
	const struct card open[] = { card_of(7), card_of(3), card_of(5) };
	const struct card all[] = { at_index(3, 1), at_index(5, 2), at_index(7, 0) };
	const struct card middle[] = { at_index(7, 1), card_of(5), card_of(3) };
	const struct card ends[] = { at_index(3, 2), card_of(5), at_index(7, 0) };
	const struct card nameless[] = { without_name(3), without_name(7), card_of(5) };

	check_places(open, (const unsigned int[]){ 3, 5, 7 });
	check_places(all, (const unsigned int[]){ 7, 3, 5 });
	check_places(middle, (const unsigned int[]){ 3, 7, 5 });
	check_places(ends, (const unsigned int[]){ 7, 5, 3 });
	check_places(nameless, (const unsigned int[]){ 3, 5, 7 });
}

/* Settled from cards of which the last is @third. */
static struct roster with_third(const struct ticket *ticket, struct card third)
{
	const struct card cards[] = { card_of(3), card_of(5), third };

	return settled(ticket, cards, orders[0]);
}

static void other_hash(void)
{
	struct ticket ticket = sample_ticket(), other = ticket;
	struct roster known = with_third(&ticket, card_of(7));
	struct roster key, name, place, secret, moved;
	struct card rekeyed = card_of(7), renamed = card_of(7), elsewhere = card_of(7);

	rekeyed.public_key[MPCNET_KEY_LEN - 1] ^= 1;
	key = with_third(&ticket, rekeyed);
	CHECK(!same_hash(&known, &key));
	strcpy(renamed.name, "p8");
	name = with_third(&ticket, renamed);
	CHECK(!same_hash(&known, &name));
	place = with_third(&ticket, at_index(7, 0));
	CHECK(!same_hash(&known, &place));
	other.secret[15] ^= 1;
	secret = with_third(&other, card_of(7));
	CHECK(!same_hash(&known, &secret));

	/* What changes while a session lives is not in it. */
	elsewhere.sequence++;
	elsewhere.expires++;
	elsewhere.candidates.udp_blocked = true;
	moved = with_third(&ticket, elsewhere);
	CHECK(same_hash(&known, &moved));
}

static void other_epoch(void)
{
	struct card cards[] = { card_of(3), card_of(5), card_of(7) };
	struct ticket ticket = sample_ticket();
	struct roster known = settled(&ticket, cards, orders[0]), later;

	for (unsigned int i = 0; i < PARTIES; i++)
		cards[i].epoch++;
	later = settled(&ticket, cards, orders[0]);
	CHECK(!same_hash(&known, &later));
}

static void pre_shared_keys(void)
{
	struct ticket ticket = sample_ticket(), other_ticket = ticket;
	struct roster roster = with_third(&ticket, card_of(7)), other, secret;
	uint8_t psk[PARTIES][MPCNET_KEY_LEN], again[MPCNET_KEY_LEN];

	for (unsigned int i = 0; i < PARTIES; i++) {
		unsigned int next = (i + 1) % PARTIES;

		CHECK(roster_psk(psk[i], &roster, i, next));
		CHECK(roster_psk(again, &roster, next, i));
		CHECK(!memcmp(psk[i], again, sizeof(again)));
		for (unsigned int j = 0; j < i; j++)
			CHECK(memcmp(psk[i], psk[j], sizeof(again)) != 0);
	}
	/* Of another roster, although the two of the pair are the same. */
	other = with_third(&ticket, card_of(8));
	CHECK(roster_psk(again, &other, 0, 1));
	CHECK(memcmp(psk[0], again, sizeof(again)) != 0);
	/* The hash is public, the ticket's secret is not. */
	other_ticket.secret[0] ^= 1;
	secret = roster;
	secret.ticket = &other_ticket;
	CHECK(roster_psk(again, &secret, 0, 1));
	CHECK(memcmp(psk[0], again, sizeof(again)) != 0);
}

static void clashes(void)
{
	struct ticket ticket = sample_ticket();
	struct roster roster = empty(&ticket);
	struct card first = at_index(3, 1), index = at_index(5, 1), name = card_of(5);
	struct card bare = without_name(5), other = without_name(7);
	struct mpcnet_err err;

	CHECK(add(&roster, &first) == ROSTER_ADDED);
	CHECK(refused(&roster, &index, "two parties want index 1, did:key:"));
	strcpy(name.name, first.name);
	CHECK(refused(&roster, &name, "two parties want the name \"p3\", did:key:"));
	/* No name and no index are nobody's. */
	CHECK(add(&roster, &bare) == ROSTER_ADDED);
	CHECK(add(&roster, &other) == ROSTER_ADDED);
	CHECK(!roster_settle(&roster, &err));
}

static void too_much(void)
{
	struct ticket ticket = sample_ticket();
	struct roster roster = empty(&ticket);
	struct card last = at_index(2, PARTIES - 1), behind = at_index(3, PARTIES);
	struct card expired = card_of(4), just = card_of(4), third = card_of(5);
	struct card fourth = card_of(6);

	CHECK(add(&roster, &last) == ROSTER_ADDED);
	CHECK(refused(&roster, &behind, "index 3, and there are 3 parties"));
	expired.expires = NOW - 1;
	CHECK(refused(&roster, &expired, "has expired"));
	just.expires = NOW;
	CHECK(add(&roster, &just) == ROSTER_ADDED);
	CHECK(add(&roster, &third) == ROSTER_ADDED);
	CHECK(refused(&roster, &fourth, "all 3 parties are there"));
	third.sequence++;
	CHECK(add(&roster, &third) == ROSTER_UPDATED);
	CHECK(roster_find(&roster, fourth.public_key) == -1);
}

static void sequences(void)
{
	struct ticket ticket = sample_ticket();
	struct roster roster = empty(&ticket);
	struct card card = at_index(3, 1), other = card_of(5);

	CHECK(add(&roster, &card) == ROSTER_ADDED);
	CHECK(add(&roster, &other) == ROSTER_ADDED);
	CHECK(add(&roster, &card) == ROSTER_SAME);
	card.sequence--;
	card.index = 2;
	CHECK(add(&roster, &card) == ROSTER_SAME);
	CHECK(roster.cards[0].index == 1 && roster.cards[0].sequence == 5);
	/* Until the roster is settled, a party may change its mind, */
	card.sequence = 6;
	strcpy(card.name, "carol");
	CHECK(add(&roster, &card) == ROSTER_UPDATED);
	CHECK(roster.cards[0].index == 2 && !strcmp(roster.cards[0].name, "carol"));
	/* but not to what is another's; then its last card stays. */
	card.sequence = 7;
	strcpy(card.name, "p5");
	CHECK(refused(&roster, &card, "two parties want the name"));
	CHECK(roster.cards[0].sequence == 6 && roster.count == 2);
}

static void after_settling(void)
{
	struct ticket ticket = sample_ticket();
	struct roster roster = with_third(&ticket, card_of(7)), before = roster;
	struct card later = at_index(5, 1), clash = at_index(5, 2), stranger = card_of(9);
	struct mpcnet_err err;

	later.sequence = 6;
	later.expires = NOW + 120;
	later.epoch = 2;
	later.candidates.udp_blocked = true;
	strcpy(later.name, "mallory");
	CHECK(add(&roster, &later) == ROSTER_UPDATED);
	CHECK(!strcmp(roster.cards[1].name, "p5") && roster.cards[1].epoch == 1);
	CHECK(roster.cards[1].index == 1);
	CHECK(roster.cards[1].sequence == 6 && roster.cards[1].expires == NOW + 120);
	CHECK(roster.cards[1].candidates.udp_blocked);
	later.sequence = 7;
	later.index = -1;
	CHECK(add(&roster, &later) == ROSTER_UPDATED);
	CHECK(roster.cards[1].index == 1);
	clash.sequence = 8;
	CHECK(refused(&roster, &clash, "two parties want index 2"));
	CHECK(refused(&roster, &stranger, "all 3 parties are there"));
	CHECK(!roster_settle(&roster, &err));
	CHECK(same_hash(&before, &roster));
}

/* As many as there can be: the last place, and the hash over all of them. */
static void full(void)
{
	struct ticket ticket = sample_ticket();
	struct roster roster;
	struct mpcnet_err err;

	ticket.parties = PARTIES_MAX;
	ticket.network_len = 23;
	roster_init(&roster, &ticket);
	for (unsigned int i = 0; i < PARTIES_MAX; i++) {
		struct card card = card_of(PARTIES_MAX - i);

		memset(card.name, 'n', CARD_NAME_MAX);
		snprintf(card.name + CARD_NAME_MAX - 3, 4, "%03u", i);
		CHECK(roster_settle(&roster, &err) == 1);
		CHECK(add(&roster, &card) == ROSTER_ADDED);
	}
	CHECK(!roster_settle(&roster, &err));
	CHECK(roster.cards[PARTIES_MAX - 1].public_key[0] == PARTIES_MAX);
	CHECK(roster.cards[PARTIES_MAX - 1].index == PARTIES_MAX - 1);
}

static bool address_is(const struct mpcnet_allowedip *ip, const char *want)
{
	char text[MPCNET_ALLOWEDIP_TEXT];

	return !strcmp(inet_ntop(ip->family, ip->addr, text, sizeof(text)), want);
}

static void addresses(void)
{
	struct ticket ticket = sample_ticket();
	struct mpcnet_allowedip one[ROSTER_ADDRESSES], last[ROSTER_ADDRESSES];
	uint8_t id[TICKET_ID_LEN];

	roster_addresses(one, &ticket, 0);
	CHECK(address_is(&one[0], "10.77.0.1") && one[0].cidr == 32);
	CHECK(one[1].family == AF_INET6 && one[1].cidr == 128 && one[1].addr[0] == 0xfd);
	CHECK(ticket_id(id, &ticket) && !memcmp(one[1].addr + 1, id, 7));
	roster_addresses(last, &ticket, PARTIES_MAX - 1);
	CHECK(address_is(&last[0], "10.77.0.255"));
	CHECK(!memcmp(one[1].addr, last[1].addr, 14) && last[1].addr[15] == 255);
	/* Without one of its own the ticket chooses, of 10.0.0.0/8. */
	ticket.network = 0;
	ticket.network_len = 17;
	CHECK(ticket_id(id, &ticket) && id[1] & 0x7f);
	roster_addresses(last, &ticket, 0);
	CHECK(last[0].addr[0] == 10 && last[0].addr[1] == id[0]);
	CHECK(last[0].addr[2] == (id[1] & 0x80) && last[0].addr[3] == 1);
}

/* Who leaves before all are there, makes room for another. */
static void test_remove(void)
{
	struct ticket ticket = sample_ticket();
	struct roster roster = empty(&ticket);
	struct card one = card_of(1), two = card_of(2), three = card_of(3), four = card_of(4);
	struct mpcnet_err err;

	add(&roster, &one);
	add(&roster, &two);
	CHECK(roster_remove(&roster, one.public_key) && roster.count == 1);
	CHECK(!roster_remove(&roster, one.public_key));
	add(&roster, &three);
	CHECK(roster_settle(&roster, &err) == 1);
	add(&roster, &four);
	CHECK(!roster_settle(&roster, &err) && roster_find(&roster, two.public_key) == 0);
	CHECK(!roster_remove(&roster, two.public_key) && roster.count == PARTIES);
}

/* One leaves, another takes its place: all who see it come to the same. */
static void test_epochs(void)
{
	struct ticket ticket = sample_ticket();
	struct card cards[PARTIES] = { card_of(1), card_of(2), card_of(3) }, four = card_of(4);
	struct roster roster = settled(&ticket, cards, (unsigned int[]){ 0, 1, 2 });
	struct roster full = roster, back;
	struct mpcnet_err err;

	CHECK(roster_is_full(&roster) && roster_has(&roster, 1) && roster.epoch == 1);
	roster_drop(&roster, 1);
	CHECK(roster_renew(&roster, 2) && roster.epoch == 2);
	CHECK(!roster_is_full(&roster) && !roster_has(&roster, 1) && roster_has(&roster, 2));
	CHECK(roster_find(&roster, cards[1].public_key) < 0);
	CHECK(roster_find(&roster, cards[2].public_key) == 2);
	CHECK(!roster_same_parties(&roster, &full) && roster_same_parties(&full, &full));
	CHECK(memcmp(roster.hash, full.hash, STUN_ROSTER_LEN));

	/* A helper that comes back has the cards of those that are left. */
	back = empty(&ticket);
	add(&back, &roster.cards[2]);
	add(&back, &roster.cards[0]);
	CHECK(!roster_restore(&back, 2, &err) && roster_same_parties(&back, &roster));
	CHECK(!memcmp(back.hash, roster.hash, STUN_ROSTER_LEN));

	roster_reopen(&roster);
	CHECK(roster_settle(&roster, &err) == 1);
	CHECK(add(&roster, &four) == ROSTER_ADDED && !roster_settle(&roster, &err));
	CHECK(roster_is_full(&roster) && roster_find(&roster, four.public_key) == 1);
	CHECK(roster_find(&roster, cards[2].public_key) == 2);
}

/* Who comes later meets parties of a later epoch, and is of theirs. */
static void test_latecomer(void)
{
	struct ticket ticket = sample_ticket();
	struct card cards[PARTIES] = { at_index(1, 0), at_index(2, 2), card_of(3) };
	struct roster roster;
	struct card odd = card_of(4);

	cards[0].epoch = 7;
	cards[1].epoch = 6;
	cards[2].epoch = 0;
	roster = settled(&ticket, cards, (unsigned int[]){ 2, 0, 1 });
	CHECK(roster.epoch == 7 && roster_find(&roster, cards[2].public_key) == 1);
	roster = empty(&ticket);
	odd.epoch = ROSTER_EPOCH_MAX + 1;
	CHECK(refused(&roster, &odd, "which cannot be"));
}

static const struct unit_test tests[] = {
	{ "roster: parties leave, and others come", test_epochs },
	{ "roster: who comes later", test_latecomer },
	{ "roster: a party that leaves before the end", test_remove },
	{ "roster: the same places and hash in any order", places },
	{ "roster: another card, name, place or ticket, another hash", other_hash },
	{ "roster: another epoch, another hash", other_epoch },
	{ "roster: a key for each pair, the same on both sides", pre_shared_keys },
	{ "roster: what two parties cannot both have", clashes },
	{ "roster: too many, too late, out of range", too_much },
	{ "roster: later cards and older ones", sequences },
	{ "roster: identity, name and place stay once it is settled", after_settling },
	{ "roster: as many parties as there can be", full },
	{ "roster: addresses inside", addresses },
	{ 0 },
};
UNIT_TESTS(tests)
