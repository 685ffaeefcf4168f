// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps in many messages: complete, marked when the interface changed
 * meanwhile, and harmless when the reader goes away or the interface does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "ktap.h"
#include "netlink_lib.h"

#define PEERS 2000
#define IPS 8000

static struct nl nl, other;

static const char *add_peers(void)
{
	struct set *s = NULL;
	char ip[32];
	int i;

	for (i = 0; i < PEERS; i++) {
		if (i % 200 == 0)
			s = set_begin(&nl, "mp0");
		set_peer(s, key_of(1000 + i));
		snprintf(ip, sizeof(ip), "10.%d.%d.0/24", i / 256, i % 256);
		set_ip(s, ip);
		if (i % 200 == 199 && set_send(s))
			return nl.why;
	}
	return NULL;
}

static const char *add_ips(void)
{
	struct set *s = NULL;
	char ip[32];
	int i;

	for (i = 0; i < IPS; i++) {
		if (i % 1000 == 0) {
			s = set_begin(&nl, "mp0");
			set_peer(s, key_of(1500));
		}
		snprintf(ip, sizeof(ip), "172.16.%d.%d/32", i / 256, i % 256);
		set_ip(s, ip);
		if (i % 1000 == 999 && set_send(s))
			return nl.why;
	}
	return NULL;
}

static unsigned int count(const char *text, const char *word)
{
	unsigned int n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static const char *test_complete(void)
{
	const char *why = add_peers();
	char *text;

	if (!why)
		why = add_ips();
	if (why)
		return why;
	text = nl_dump(&nl, "mp0");
	if (!text)
		return strerror(errno);
	if (count(text, " allowed-ip ") != PEERS + IPS)
		why = ktap_why("%u allowed IPs shown of %u",
			       count(text, " allowed-ip "), PEERS + IPS);
	if (count(text, " protocol-version ") != PEERS)
		why = ktap_why("%u peers shown of %u",
			       count(text, " protocol-version "), PEERS);
	if (count(text, "dev listen-port") != 1)
		why = "the interface's own attributes are shown more than once";
	free(text);
	return why;
}

/**
 * struct part - what one part of a dump held
 * @number: parts so far
 * @unnamed: parts without the interface's name
 * @marked: parts marked as inconsistent
 */
struct part {
	int number, unnamed, marked;
};

static int read_part(const struct nlmsghdr *nlh, void *data)
{
	struct part *part = data;
	const struct nlattr *attr;
	bool named = false;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == MPCNET_DEVICE_A_IFNAME)
			named = true;
	part->number++;
	part->unnamed += !named;
	part->marked += !!(nlh->nlmsg_flags & NLM_F_DUMP_INTR);
	/* The first part is read: change the interface under the dump. */
	if (part->number == 1 && other.sk) {
		struct set *s = set_begin(&other, "mp0");

		mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FWMARK, now_ms());
		mnl_socket_sendto(other.sk, s->nlh, s->nlh->nlmsg_len);
	}
	return MNL_CB_OK;
}

static int ask_parts(struct part *part)
{
	char buf[256];
	struct nlmsghdr *nlh = nl_msg(&nl, buf, MPCNET_CMD_GET_DEVICE,
				      NLM_F_ACK | NLM_F_DUMP);

	memset(part, 0, sizeof(*part));
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, "mp0");
	return nl_ask(&nl, nlh, read_part, part);
}

static const char *test_names(void)
{
	struct part part;

	if (ask_parts(&part))
		return "refused";
	if (part.number < 2)
		return "one part only";
	if (part.marked)
		return "marked as inconsistent";
	return kind_is_own() && part.unnamed ? "a part lacks the interface's name" : NULL;
}

static const char *test_marked(void)
{
	struct part part;

	if (!nl_open(&other, kind()))
		return "no second socket";
	ask_parts(&part);
	nl_close(&other);
	other.sk = NULL;
	return part.marked ? NULL : "a change went unmarked";
}

/* Begin a dump and read its first part only. */
static bool half_dump(struct nl *reader)
{
	static char part[65536];
	struct nlmsghdr *nlh;
	char buf[256];

	if (!nl_open(reader, kind()))
		return false;
	nlh = nl_msg(reader, buf, MPCNET_CMD_GET_DEVICE, NLM_F_DUMP);
	mnl_attr_put_strz(nlh, MPCNET_DEVICE_A_IFNAME, "mp0");
	mnl_socket_sendto(reader->sk, nlh, nlh->nlmsg_len);
	mnl_socket_recvfrom(reader->sk, part, sizeof(part));
	nlh = (void *)part;
	return nlh->nlmsg_flags & NLM_F_MULTI && nlh->nlmsg_type != NLMSG_DONE;
}

static void rest_of_dump(struct nl *reader)
{
	static char part[65536];
	struct nlmsghdr *nlh;
	bool done = false;

	while (!done) {
		int len = mnl_socket_recvfrom(reader->sk, part, sizeof(part));

		if (len < 0)
			break;
		for (nlh = (void *)part; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len))
			done |= nlh->nlmsg_type == NLMSG_DONE ||
				nlh->nlmsg_type == NLMSG_ERROR;
	}
	nl_close(reader);
}

static const char *test_reader_gone(void)
{
	struct nl reader;
	int i;

	for (i = 0; i < 20; i++) {
		if (!half_dump(&reader))
			return "no dump in parts";
		nl_close(&reader);
	}
	return sh("ip link show mp0") ? "the interface is gone" : NULL;
}

static const char *test_peers_gone(void)
{
	struct nl reader;
	struct set *s;

	if (!half_dump(&reader))
		return "no dump in parts";
	s = set_begin(&nl, "mp0");
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_FLAGS,
			 MPCNET_DEVICE_F_REPLACE_PEERS);
	if (set_send(s))
		return nl.why;
	rest_of_dump(&reader);
	return nl_get(&nl, "mp0", "dev listen-port") < 0 ? "no dump" : NULL;
}

/* The deletion may wait for the reader, but not for ever. */
static const char *test_deleted(void)
{
	const char *why = add_peers();
	struct nl reader;

	if (why)
		return why;
	if (!half_dump(&reader))
		return "no dump in parts";
	sh("ip link del mp0 &");
	wait_for(sh("ip link show mp0"), 2000);
	rest_of_dump(&reader);
	if (!wait_for(sh("ip link show mp0"), 10000))
		return "the interface is not deleted";
	return sh("ip link add mp0 type %s", kind()) ?
		"the interface cannot be made again" : NULL;
}

static const struct ktap_case cases[] = {
	{ "2000 peers and 8000 allowed IPs of one are shown", test_complete },
	{ "each part names the interface", test_names },
	{ "a change during a dump is marked", test_marked },
	{ "a reader that goes away", test_reader_gone },
	{ "peers that go away during a dump", test_peers_gone },
	{ "an interface that goes away during a dump", test_deleted },
};

int main(void)
{
	ns_private();
	if (!nl_open(&nl, kind()) || sh("ip link add mp0 type %s", kind()))
		ktap_skip_all("no mpcnet on this machine");
	return ktap_run(cases, KTAP_COUNT(cases));
}
