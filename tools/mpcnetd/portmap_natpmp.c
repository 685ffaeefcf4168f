// SPDX-License-Identifier: GPL-2.0
#include "portmap_worker.h"

#include <arpa/inet.h>
#include <natpmp.h>
#include <poll.h>
#include <string.h>

#define UNMAP_MS 1000

static const char *reason(int code)
{
	switch (code) {
	case NATPMP_TRYAGAIN:
		return "does not answer";
	case NATPMP_ERR_NOGATEWAYSUPPORT:
	case NATPMP_ERR_UNSUPPORTEDVERSION:
	case NATPMP_ERR_UNSUPPORTEDOPCODE:
		return "does not speak NAT-PMP";
	case NATPMP_ERR_NOTAUTHORIZED:
		return "is set to refuse it";
	case NATPMP_ERR_NETWORKFAILURE:
		return "is not connected itself";
	case NATPMP_ERR_OUTOFRESOURCES:
		return "has no room for more mappings";
	case NATPMP_ERR_CONNECTERR:
	case NATPMP_ERR_SENDERR:
		return "cannot be reached";
	default:
		return "answers what NAT-PMP does not know";
	}
}

/* The library sends again by itself; it does not wait. */
static int receive(natpmp_t *natpmp, natpmpresp_t *answer, uint64_t end)
{
	struct pollfd pollfd = { .fd = natpmp->s, .events = POLLIN };
	int ret = NATPMP_TRYAGAIN;
	struct timeval tv;
	uint64_t now, wait;

	while (ret == NATPMP_TRYAGAIN && (now = portmap_now()) < end) {
		wait = end - now;
		if (!getnatpmprequesttimeout(natpmp, &tv) && tv.tv_sec >= 0 &&
		    (uint64_t)tv.tv_sec * 1000 + (uint64_t)tv.tv_usec / 1000 < wait)
			wait = (uint64_t)tv.tv_sec * 1000 + (uint64_t)tv.tv_usec / 1000 + 1;
		poll(&pollfd, 1, (int)wait);
		ret = readnatpmpresponseorretry(natpmp, answer);
	}
	return ret;
}

/* Each exchange has its own socket: an answer that comes twice is not taken
 * for one to the next request. */
static int exchange(const struct portmap_lease *lease, uint16_t type, uint16_t external,
		    uint32_t lifetime, uint64_t end, natpmpresp_t *answer)
{
	natpmp_t natpmp;
	int ret = initnatpmp(&natpmp, 1, lease->gateway.s_addr);

	if (ret)
		return ret;
	if (type == NATPMP_RESPTYPE_PUBLICADDRESS)
		ret = sendpublicaddressrequest(&natpmp);
	else
		ret = sendnewportmappingrequest(&natpmp, NATPMP_PROTOCOL_UDP,
						lease->worker->conf->port, external, lifetime);
	if (ret >= 0)
		ret = receive(&natpmp, answer, end);
	closenatpmp(&natpmp);
	if (!ret && (answer->type != type ||
		     (type == NATPMP_RESPTYPE_UDPPORTMAPPING &&
		      answer->pnu.newportmapping.privateport != lease->worker->conf->port)))
		ret = NATPMP_ERR_UNDEFINEDERROR;
	return ret;
}

static int refuse(const struct portmap_lease *lease, int code, struct mpcnet_err *err)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &lease->gateway, text, sizeof(text));
	return mpcnet_err_set(err, "the gateway %s %s", text, reason(code));
}

static int natpmp_map(struct portmap_lease *lease, unsigned int ms, struct mpcnet_err *err)
{
	const struct portmap_conf *conf = lease->worker->conf;
	uint16_t want =
		lease->external.sa.sa_family ? ntohs(lease->external.in.sin_port) : conf->port;
	uint64_t end = portmap_now() + ms;
	natpmpresp_t address, mapping;
	int ret;

	ret = exchange(lease, NATPMP_RESPTYPE_PUBLICADDRESS, 0, 0, end, &address);
	if (!ret)
		ret = exchange(lease, NATPMP_RESPTYPE_UDPPORTMAPPING, want, conf->lifetime, end,
			       &mapping);
	if (!ret && !mapping.pnu.newportmapping.lifetime)
		ret = NATPMP_ERR_UNDEFINEDERROR;
	if (ret)
		return refuse(lease, ret, err);
	if (!natpmp_clock_tick(&lease->clock, mapping.epoch, portmap_now() / 1000))
		lease->restarted = true;
	memset(&lease->external, 0, sizeof(lease->external));
	lease->external.in.sin_family = AF_INET;
	lease->external.in.sin_addr = address.pnu.publicaddress.addr;
	lease->external.in.sin_port = htons(mapping.pnu.newportmapping.mappedpublicport);
	lease->lifetime = mapping.pnu.newportmapping.lifetime;
	return 0;
}

/* No port is asked for then, RFC 6886 section 3.4. */
static void natpmp_unmap(struct portmap_lease *lease)
{
	natpmpresp_t answer;

	exchange(lease, NATPMP_RESPTYPE_UDPPORTMAPPING, 0, 0, portmap_now() + UNMAP_MS, &answer);
}

static bool natpmp_heard(struct portmap_lease *lease, const void *data, size_t len)
{
	uint32_t epoch;

	if (!natpmp_announced(&epoch, data, len))
		return false;
	if (!natpmp_clock_tick(&lease->clock, epoch, portmap_now() / 1000))
		lease->restarted = true;
	return lease->restarted;
}

const struct portmap_method portmap_by_natpmp = {
	.how = PORTMAP_NATPMP,
	.map = natpmp_map,
	.unmap = natpmp_unmap,
	.heard = natpmp_heard,
};
