// SPDX-License-Identifier: GPL-2.0
/* The worker that asks a router by UPnP IGD, versions 1 and 2. */
#include "portmap_worker.h"

#include <arpa/inet.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <miniupnpc/upnperrors.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>
#include <unistd.h>

/* How long a router may stay silent after it was called, or another answered. */
#define DISCOVER_MS 1000
#define DISCOVER_TTL 2
/* The library waits for each part of an answer as long as it likes. */
#define STUCK_SECONDS 30
/* How many external ports to ask for. */
#define PORT_TRIES 4
/* A router that was found is asked for at least so long. */
#define LEAST_MS 250

/* WANIPConnection:1 section 2.4.16. */
#define UPNP_CONFLICT 718
#define UPNP_ONLY_PERMANENT 725

/**
 * struct portmap_upnp - a router
 * @start: when this process began, by portmap_now()
 * @found: there is one
 * @urls: of its services
 * @data: their types
 * @self: our address, as the router is reached from it
 * @err: why there is none
 */
struct portmap_upnp {
	uint64_t start;
	bool found;
	struct UPNPUrls urls;
	struct IGDdatas data;
	char self[64];
	struct mpcnet_err err;
};

/**
 * struct watchdog - interrupts the library, and ends the process if it cannot
 * @out: where to say so
 * @line: what to say, "" for nothing
 * @barks: how often it has
 */
static struct watchdog {
	int out;
	char line[PORTMAP_LINE_MAX];
	volatile sig_atomic_t barks;
} watchdog;

static void bark(int signal)
{
	ssize_t ignored __attribute__((unused));

	(void)signal;
	if (watchdog.barks++)
		_exit(1);
	ignored = write(watchdog.out, watchdog.line, strlen(watchdog.line));
	alarm(STUCK_SECONDS);
}

static void watch(unsigned int ms)
{
	struct itimerval timer = {
		.it_value = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 + 1 },
	};
	struct sigaction action = { .sa_handler = bark };

	watchdog.barks = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* The first result is late if it is not there after three seconds. */
static void watch_first(const struct portmap_worker *worker)
{
	static const struct portmap_line late = {
		.what = PORTMAP_FAILED,
		.how = PORTMAP_UPNP,
		.reason = "the router takes too long to answer",
	};
	uint64_t passed = portmap_now() - worker->upnp->start;

	if (worker->quiet) {
		watch(STUCK_SECONDS * 1000);
		return;
	}
	watchdog.out = worker->out;
	portmap_line_format(watchdog.line, &late);
	strcat(watchdog.line, "\n");
	if (passed + LEAST_MS < PORTMAP_FIRST_MS)
		watch(PORTMAP_FIRST_MS - (unsigned int)passed);
	else
		watch(LEAST_MS);
}

/* True if the library was interrupted. */
static bool unwatch(void)
{
	alarm(0);
	watchdog.line[0] = '\0';
	return watchdog.barks;
}

static void forget(struct portmap_upnp *u)
{
	if (u->found)
		FreeUPNPUrls(&u->urls);
	u->found = false;
}

static void find(struct portmap_upnp *u)
{
	static const char *const types[] = {
		"urn:schemas-upnp-org:device:InternetGatewayDevice:2",
		"urn:schemas-upnp-org:device:InternetGatewayDevice:1",
		"urn:schemas-upnp-org:service:WANIPConnection:2",
		"urn:schemas-upnp-org:service:WANIPConnection:1",
		"urn:schemas-upnp-org:service:WANPPPConnection:1",
		NULL,
	};
	struct UPNPDev *devices;
	int error = 0, kind;

	forget(u);
	mpcnet_err_set(&u->err, "no router answers");
	devices = upnpDiscoverDevices(types, DISCOVER_MS, NULL, NULL, UPNP_LOCAL_PORT_ANY, 0,
				      DISCOVER_TTL, &error, 1);
	if (!devices)
		return;
	/* 2 is a router that says that it is not connected, which some say that are. */
	kind = UPNP_GetValidIGD(devices, &u->urls, &u->data, u->self, sizeof(u->self));
	freeUPNPDevlist(devices);
	u->found = kind == 1 || kind == 2;
	if (kind == 3)
		FreeUPNPUrls(&u->urls);
	if (!u->found)
		mpcnet_err_set(&u->err, "what answers is not a router");
}

/* Codes below 0 are the library's: it got no answer, or none that it can read.
 * The router may come back with other URLs. */
static int refuse(struct portmap_upnp *u, int code, struct mpcnet_err *err)
{
	const char *text = strupnperror(code);

	if (code < 0)
		forget(u);
	if (code < 0 || !text)
		return mpcnet_err_set(err, "the router does not answer as it should (%d)", code);
	return mpcnet_err_set(err, "the router refuses it: %s (%d)", text, code);
}

static int get_external(struct portmap_lease *lease, struct mpcnet_err *err)
{
	struct portmap_upnp *u = lease->worker->upnp;
	char text[64] = "";
	int code = UPNP_GetExternalIPAddress(u->urls.controlURL, u->data.first.servicetype, text);

	if (code)
		return refuse(u, code, err);
	lease->external.in.sin_family = AF_INET;
	if (inet_pton(AF_INET, text, &lease->external.in.sin_addr) != 1)
		return mpcnet_err_set(err, "the router has no address outside");
	return portmap_check_public(&lease->external, err);
}

static int add(const struct portmap_lease *lease)
{
	const struct portmap_conf *conf = lease->worker->conf;
	struct portmap_upnp *u = lease->worker->upnp;
	char outside[8], inside[8], seconds[12];

	snprintf(outside, sizeof(outside), "%u", ntohs(lease->external.in.sin_port));
	snprintf(inside, sizeof(inside), "%u", conf->port);
	snprintf(seconds, sizeof(seconds), "%u", lease->permanent ? 0 : conf->lifetime);
	return UPNP_AddPortMapping(u->urls.controlURL, u->data.first.servicetype, outside, inside,
				   u->self, "mpcnet", "UDP", NULL, seconds);
}

/* Another port if this one is taken, no lease if the router knows none. */
static int add_some(struct portmap_lease *lease)
{
	uint16_t port;
	int code = 0;

	for (unsigned int i = 0; i < PORT_TRIES; i++) {
		code = add(lease);
		if (code == UPNP_ONLY_PERMANENT && !lease->permanent) {
			lease->permanent = true;
		} else if (code == UPNP_CONFLICT &&
			   getrandom(&port, sizeof(port), 0) == (ssize_t)sizeof(port)) {
			lease->external.in.sin_port = htons(1024 + port % (65536 - 1024));
		} else {
			break;
		}
	}
	return code;
}

static void upnp_unmap(struct portmap_lease *lease)
{
	struct portmap_upnp *u = lease->worker->upnp;
	char outside[8];

	if (!u->found)
		find(u);
	if (!u->found)
		return;
	snprintf(outside, sizeof(outside), "%u", ntohs(lease->external.in.sin_port));
	UPNP_DeletePortMapping(u->urls.controlURL, u->data.first.servicetype, outside, "UDP", NULL);
}

static int ask(struct portmap_lease *lease, struct mpcnet_err *err)
{
	struct portmap_upnp *u = lease->worker->upnp;
	int code;

	if (!u->found)
		find(u);
	if (!u->found) {
		*err = u->err;
		return -1;
	}
	if (!lease->external.in.sin_port)
		lease->external.in.sin_port = htons(lease->worker->conf->port);
	if (get_external(lease, err))
		return -1;
	code = add_some(lease);
	if (code)
		return refuse(u, code, err);
	lease->lifetime = lease->worker->conf->lifetime;
	return 0;
}

/* The first time acquire() watches. */
static int upnp_map(struct portmap_lease *lease, unsigned int ms, struct mpcnet_err *err)
{
	int ret;

	(void)ms;
	if (!lease->expires)
		return ask(lease, err);
	watch(STUCK_SECONDS * 1000);
	ret = ask(lease, err);
	unwatch();
	return ret;
}

static bool upnp_heard(struct portmap_lease *lease, const void *data, size_t len)
{
	(void)lease;
	(void)data;
	(void)len;
	return false;
}

static const struct portmap_method by_upnp = {
	.how = PORTMAP_UPNP,
	.map = upnp_map,
	.unmap = upnp_unmap,
	.heard = upnp_heard,
};

static bool acquire(struct portmap_lease *lease)
{
	struct portmap_worker *worker = lease->worker;
	struct portmap_upnp *u = worker->upnp;
	struct mpcnet_err err = u->err;
	int ret = -1;

	lease->method = &by_upnp;
	watch_first(worker);
	/* The first time it was looked for already. */
	if (u->found || worker->quiet)
		ret = portmap_map(lease, 0, &err);
	if (!unwatch() && ret)
		portmap_say_failed(worker, PORTMAP_UPNP, &err);
	return !ret;
}

/**
 * portmap_upnp() - have a mapping by UPnP, if it is our turn
 * @worker: this process; returns when the daemon wants the mapping no more
 *
 * To find a router takes long: that is done before it is known whether one is
 * needed.
 */
void portmap_upnp(struct portmap_worker *worker)
{
	struct portmap_upnp u = { .start = portmap_now() };

	worker->upnp = &u;
	watch_first(worker);
	find(&u);
	worker->quiet = unwatch();
	if (portmap_wait(worker, NULL, UINT64_MAX) == PORTMAP_TURN)
		portmap_serve(worker, acquire);
	forget(&u);
}
