// SPDX-License-Identifier: GPL-2.0
/* The worker that asks the default gateways: by PCP, and by NAT-PMP if not. */
#include "portmap_worker.h"

#include <arpa/inet.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* More would not be asked in time. */
#define GATEWAYS_MAX 2

/**
 * struct gateways - who may be asked, the best first
 * @count: how many
 * @metric: of the routes
 * @at: their addresses
 */
struct gateways {
	unsigned int count;
	unsigned int metric[GATEWAYS_MAX];
	struct in_addr at[GATEWAYS_MAX];
};

static void insert(struct gateways *g, unsigned int metric, struct in_addr address)
{
	unsigned int at = 0, last;

	while (at < g->count && g->metric[at] <= metric)
		at++;
	if (at == GATEWAYS_MAX)
		return;
	if (g->count < GATEWAYS_MAX)
		g->count++;
	last = g->count - 1;
	memmove(&g->metric[at + 1], &g->metric[at], (last - at) * sizeof(*g->metric));
	memmove(&g->at[at + 1], &g->at[at], (last - at) * sizeof(*g->at));
	g->metric[at] = metric;
	g->at[at] = address;
}

static void find_gateways(struct gateways *g)
{
	unsigned int dst, gateway, flags, metric, mask;
	FILE *routes = fopen("/proc/net/route", "re");
	char line[256];

	memset(g, 0, sizeof(*g));
	while (routes && fgets(line, sizeof(line), routes)) {
		if (sscanf(line, "%*s %x %x %x %*d %*d %u %x", &dst, &gateway, &flags, &metric,
			   &mask) == 5 &&
		    !dst && !mask && (flags & RTF_UP) && (flags & RTF_GATEWAY))
			insert(g, metric, (struct in_addr){ .s_addr = gateway });
	}
	if (routes)
		fclose(routes);
}

static int ask_one(struct portmap_lease *lease, const struct portmap_method *method,
		   struct in_addr gateway, unsigned int ms, struct mpcnet_err *err)
{
	*lease = (struct portmap_lease){
		.method = method,
		.worker = lease->worker,
		.gateway = gateway,
	};
	if (getrandom(lease->nonce, sizeof(lease->nonce), 0) != (ssize_t)sizeof(lease->nonce))
		return mpcnet_err_set(err, "there are no random numbers");
	return portmap_map(lease, ms, err);
}

/* One after the other. If none grants it, what the best one said is passed on. */
static bool ask(struct portmap_lease *lease, const struct portmap_method *method,
		const struct gateways *g)
{
	struct portmap_worker *worker = lease->worker;
	struct mpcnet_err first, err;

	if (!(worker->conf->hows & 1u << method->how))
		return false;
	mpcnet_err_set(&first, "there is no default gateway");
	for (unsigned int i = 0; i < g->count; i++) {
		if (!ask_one(lease, method, g->at[i], PORTMAP_TRY_MS / g->count, i ? &err : &first))
			return true;
	}
	portmap_say_failed(worker, method->how, &first);
	return false;
}

static bool acquire(struct portmap_lease *lease)
{
	struct gateways g;

	find_gateways(&g);
	return ask(lease, &portmap_by_pcp, &g) || ask(lease, &portmap_by_natpmp, &g);
}

/* Gateways announce to all hosts, 224.0.0.1, which needs no joining. */
static int open_announced(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PCP_CLIENT_PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return -1;
	/* Other clients on this host want to hear them too. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at))) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * portmap_gateway() - have a mapping by PCP or NAT-PMP
 * @worker: this process; returns when the daemon wants the mapping no more
 */
void portmap_gateway(struct portmap_worker *worker)
{
	worker->announced = open_announced();
	portmap_serve(worker, acquire);
}
