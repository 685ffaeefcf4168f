// SPDX-License-Identifier: GPL-2.0
#include "portmap_worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As RFC 6886 section 3.1: RFC 6887's three seconds are for servers that may
 * be far away, ours is the next hop. */
#define RESEND_MS 250
#define UNMAP_MS 1000
/* Longer leases are renewed once a day all the same. */
#define LIFETIME_MAX 86400

static int refuse(struct mpcnet_err *err, struct in_addr gateway, const char *why)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &gateway, text, sizeof(text));
	return mpcnet_err_set(err, "the gateway %s %s", text, why);
}

static int refuse_errno(struct mpcnet_err *err, struct in_addr gateway)
{
	if (errno == ECONNREFUSED)
		return refuse(err, gateway, "does not speak PCP");
	return mpcnet_err_set(err, "cannot reach the gateway: %s", strerror(errno));
}

/* A socket to the gateway, and the address that it sees us by. */
static int open_socket(struct in_addr gateway, union mpcnet_endpoint *self)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(PCP_PORT),
				  .sin_addr = gateway };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(self->in);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) || getsockname(fd, &self->sa, &len)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Wait for the answer until the time given: 1 it came, 0 not, -1 none will. */
static int receive(int fd, const struct pcp_map *map, struct pcp_answer *answer, uint64_t until,
		   struct in_addr gateway, struct mpcnet_err *err)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	uint8_t data[PCP_MESSAGE_MAX + 1];
	enum pcp_kind kind;
	uint64_t now;
	ssize_t len;

	while ((now = portmap_now()) < until) {
		if (poll(&pollfd, 1, (int)(until - now)) <= 0)
			continue;
		len = recv(fd, data, sizeof(data), MSG_DONTWAIT);
		if (len < 0)
			return refuse_errno(err, gateway);
		kind = pcp_answer_decode(answer, data, (size_t)len);
		if (kind == PCP_OTHER_VERSION)
			return refuse(err, gateway, "does not speak PCP");
		if (kind == PCP_ANSWER && pcp_answer_is_for(answer, map))
			return 1;
	}
	return 0;
}

static int exchange(int fd, const struct pcp_map *map, struct pcp_answer *answer, unsigned int ms,
		    struct in_addr gateway, struct mpcnet_err *err)
{
	uint64_t end = portmap_now() + ms, until = portmap_now();
	uint8_t data[PCP_MAP_LEN];
	int ret;

	pcp_map_encode(data, map);
	for (unsigned int wait = RESEND_MS; until < end; wait *= 2) {
		if (send(fd, data, sizeof(data), 0) < 0)
			return refuse_errno(err, gateway);
		until = until + wait < end ? until + wait : end;
		ret = receive(fd, map, answer, until, gateway, err);
		if (ret)
			return ret < 0 ? -1 : 0;
	}
	return refuse(err, gateway, "does not answer");
}

static int ask(struct portmap_lease *lease, uint32_t lifetime, unsigned int ms,
	       struct pcp_answer *answer, struct mpcnet_err *err)
{
	struct pcp_map map = { .external = lease->external, .lifetime = lifetime };
	int fd = open_socket(lease->gateway, &map.internal);
	int ret;

	if (fd < 0)
		return refuse_errno(err, lease->gateway);
	memcpy(map.nonce, lease->nonce, sizeof(map.nonce));
	map.internal.in.sin_port = htons(lease->worker->conf->port);
	/* Without a wish for the address, there is one for the port: our own. */
	if (!map.external.sa.sa_family) {
		map.external.in.sin_family = AF_INET;
		map.external.in.sin_port = map.internal.in.sin_port;
	}
	ret = exchange(fd, &map, answer, ms, lease->gateway, err);
	close(fd);
	return ret;
}

static int pcp_map(struct portmap_lease *lease, unsigned int ms, struct mpcnet_err *err)
{
	struct pcp_answer answer;

	if (ask(lease, lease->worker->conf->lifetime, ms, &answer, err))
		return -1;
	if (!pcp_clock_tick(&lease->clock, answer.epoch, portmap_now() / 1000))
		lease->restarted = true;
	if (answer.result != PCP_SUCCESS)
		return refuse(err, lease->gateway, pcp_result_text(answer.result));
	if (!answer.lifetime)
		return refuse(err, lease->gateway, "maps it for no time at all");
	lease->external = answer.external;
	lease->lifetime = answer.lifetime < LIFETIME_MAX ? answer.lifetime : LIFETIME_MAX;
	return 0;
}

static void pcp_unmap(struct portmap_lease *lease)
{
	struct pcp_answer answer;
	struct mpcnet_err err;

	ask(lease, 0, UNMAP_MS, &answer, &err);
}

static bool pcp_heard(struct portmap_lease *lease, const void *data, size_t len)
{
	uint32_t epoch;

	if (!pcp_announced(&epoch, data, len))
		return false;
	if (!pcp_clock_tick(&lease->clock, epoch, portmap_now() / 1000))
		lease->restarted = true;
	return lease->restarted;
}

const struct portmap_method portmap_by_pcp = {
	.how = PORTMAP_PCP,
	.map = pcp_map,
	.unmap = pcp_unmap,
	.heard = pcp_heard,
};
