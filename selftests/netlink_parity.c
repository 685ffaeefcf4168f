// SPDX-License-Identifier: GPL-2.0
/*
 * A controller that differs only in the family's and the kind's name finds
 * the same answers: one sequence of requests to the in-kernel WireGuard and
 * to the kind under test, whose errors and dumps must be equal.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"
#include "netlink_parity.h"

static struct side side[2];

/* Lines of what the other family does not have. */
static const char * const own_lines[] = {
	"dev ifindex", "dev ifname", "dev counter", "dev socket-adopted", "dev bind-",
	"dev expires", "dev new-private-key", "dev batch", " relay", " roam ",
	" state ", " counter ",
};

static void read_own(struct side *side)
{
	const char *text = text_get(side->text, "dev public-key");
	unsigned int i, byte;

	memset(side->own, 0, KEY_LEN);
	for (i = 0; text && i < KEY_LEN; i++) {
		sscanf(text + 2 * i, "%2x", &byte);
		side->own[i] = byte;
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/* Whether a line tells of an order: of peers, or of a peer's allowed IPs. */
static bool in_order(const char *line)
{
	return !strncmp(line, "peer ", 5) &&
	       (!strchr(line + 5, ' ') || strstr(line, " allowed-ip "));
}

/*
 * Attributes may come in any order, peers and allowed IPs may not; nor does it
 * matter in how many parts a peer is shown.
 */
static char *normal(char *text)
{
	size_t size = strlen(text) + 1, count = 0, i;
	char **lines = calloc(size, sizeof(*lines)), *line, *save = NULL;
	char *ordered = calloc(1, size), *at = ordered, *last = NULL;

	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!in_order(line)) {
			lines[count++] = line;
		} else if (strstr(line, " allowed-ip ") || !last ||
			   strcmp(line, last)) {
			at += sprintf(at, "%s\n", line);
			if (!strchr(line + 5, ' '))
				last = line;
		}
	}
	qsort(lines, count, sizeof(*lines), by_text);
	for (i = 0; i < count; i++)
		at += sprintf(at, "%s\n", lines[i]);
	free(lines);
	free(text);
	return ordered;
}

static void look(struct side *side)
{
	unsigned int i;

	free(side->text);
	side->text = nl_dump(&side->nl, "p0");
	if (!side->text)
		side->text = strdup(strerror(errno));
	for (i = 0; i < KTAP_COUNT(own_lines); i++)
		text_drop(side->text, own_lines[i]);
	side->text = normal(side->text);
	read_own(side);
}

static bool make_side(struct side *side, const char *name)
{
	side->kind = name;
	side->ns = ns_new();
	ns_enter(side->ns);
	if (sh("ip link add p0 type %s", name) || !nl_open(&side->nl, name))
		return false;
	look(side);
	return true;
}

/* The first line in which two texts differ. */
static const char *difference(const char *a, const char *b)
{
	const char *line_a = a, *line_b = b;

	while (*a && *a == *b) {
		if (*a == '\n') {
			line_a = a + 1;
			line_b = b + 1;
		}
		a++;
		b++;
	}
	return *a == *b ? NULL :
	       ktap_why("%s has '%.*s', %s '%.*s'",
			side[0].kind, (int)strcspn(line_a, "\n"), line_a,
			side[1].kind, (int)strcspn(line_b, "\n"), line_b);
}

static void take(const struct step *step, struct side *side)
{
	struct set *s;

	ns_enter(side->ns);
	if (step->shell && strstr(step->shell, "q0")) {
		struct set *busy;

		sh("ip link add q0 type %s", side->kind);
		sh("ip link set q0 up");
		busy = set_begin(&side->nl, "q0");
		step_listen(busy, 4599);
		set_send(busy);
	} else if (step->shell) {
		sh("%s", step->shell);
	}
	s = set_begin(&side->nl, "p0");
	step->build(s, side);
	side->err = set_send(s);
	look(side);
}

static const char *compare(const struct step *step)
{
	take(step, &side[0]);
	take(step, &side[1]);
	if (step->build == step_key)
		memcpy(first_own, side[0].own, KEY_LEN);
	if (side[0].err != side[1].err)
		return ktap_why("%s says '%s', %s '%s' (%s)", side[0].kind,
				strerror(-side[0].err), side[1].kind,
				strerror(-side[1].err), side[1].nl.why);
	if (step->refused)
		return side[0].err ? NULL : "accepted";
	return side[0].err ? strerror(-side[0].err) :
	       difference(side[0].text, side[1].text);
}

/* Errors of the interface's name, for a set and for a dump. */
static const char *compare_name(const char *name)
{
	int err[2][2];
	int i;

	for (i = 0; i < 2; i++) {
		char buf[64], *text;

		ns_enter(side[i].ns);
		err[i][0] = set_send(set_begin(&side[i].nl, name));
		if (name) {
			text = nl_dump(&side[i].nl, name);
			err[i][1] = text ? 0 : -errno;
			free(text);
		} else {
			err[i][1] = nl_ask(&side[i].nl,
					   nl_msg(&side[i].nl, buf, 0,
						  NLM_F_ACK | NLM_F_DUMP),
					   NULL, NULL);
		}
	}
	if (err[0][0] != err[1][0])
		return ktap_why("set: '%s' and '%s'", strerror(-err[0][0]),
				strerror(-err[1][0]));
	if (err[0][1] != err[1][1])
		return ktap_why("get: '%s' and '%s'", strerror(-err[0][1]),
				strerror(-err[1][1]));
	return err[0][0] && err[0][1] ? NULL : "accepted";
}

int main(void)
{
	unsigned int i;

	ns_private();
	if (!make_side(&side[0], "wireguard"))
		ktap_skip_all("no in-kernel WireGuard to compare with");
	if (!make_side(&side[1], kind()))
		ktap_skip_all("no mpcnet on this machine");
	ktap_plan(step_count + 4);
	for (i = 0; i < step_count; i++)
		ktap_result(steps[i].name, compare(&steps[i]));
	ktap_result("no interface named", compare_name(NULL));
	ktap_result("no such interface", compare_name("none0"));
	ktap_result("another kind of interface", compare_name("lo"));
	ktap_result("name too long", compare_name("abcdefghijklmnopq"));
	return ktap_finish();
}
