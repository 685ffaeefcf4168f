// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "device.h"
#include "events.h"
#include "key.h"
#include "show.h"

/* What is watched, and how it is told. */
struct watch {
	const char *name;
	bool json;
	struct mpcnet_err *err;
};

static const char *event_name(uint32_t event)
{
	static const char *const names[] = {
		[MPCNET_EVENT_HANDSHAKE] = "handshake",	    [MPCNET_EVENT_ENDPOINT] = "endpoint",
		[MPCNET_EVENT_UNREACHABLE] = "unreachable", [MPCNET_EVENT_EXPIRED] = "expired",
		[MPCNET_EVENT_DEADLINE] = "deadline",
	};

	return event < sizeof(names) / sizeof(*names) ? names[event] : "unknown";
}

static void print_event_text(const struct mpcnet_device *device, uint32_t event,
			     const struct timespec *now)
{
	char stamp[32], key[MPCNET_KEY_TEXT_LEN + 1], endpoint[MPCNET_ENDPOINT_TEXT];
	const struct mpcnet_peer *peer = device->peers;
	struct tm tm;

	localtime_r(&now->tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	printf("%s.%06ld %s %s", stamp, now->tv_nsec / 1000, device->name, event_name(event));
	if (device->peer_count) {
		mpcnet_key_to_text(key, peer->public_key);
		mpcnet_endpoint_format(endpoint, &peer->endpoint);
		printf(" peer %s%s%s", key, *endpoint ? " endpoint " : "", endpoint);
		if (peer->relayed)
			printf(" relayed");
	}
	putchar('\n');
}

static void print_event_json(const struct mpcnet_device *device, uint32_t event,
			     const struct timespec *now)
{
	struct json_object *object = json_object_new_object();
	const struct mpcnet_peer *peer = device->peers;
	bool has_peer = device->peer_count;
	char stamp[40];

	snprintf(stamp, sizeof(stamp), "%lld.%06ld", (long long)now->tv_sec, now->tv_nsec / 1000);
	json_object_object_add(object, "time",
			       json_object_new_double_s((double)now->tv_sec, stamp));
	json_object_object_add(object, "name", json_object_new_string(device->name));
	json_object_object_add(object, "event", json_object_new_string(event_name(event)));
	json_object_object_add(object, "public_key",
			       has_peer ? show_key_json(peer->public_key) : NULL);
	json_object_object_add(object, "endpoint",
			       has_peer ? show_endpoint_json(&peer->endpoint) : NULL);
	json_object_object_add(object, "relayed",
			       has_peer ? json_object_new_boolean(peer->relayed) : NULL);
	show_print_json(object, JSON_C_TO_STRING_PLAIN);
}

static void on_event(void *arg, const struct mpcnet_device *device, uint32_t event)
{
	const struct watch *watch = arg;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!watch->name || !strcmp(watch->name, device->name))
		(watch->json ? print_event_json : print_event_text)(device, event, &now);
}

/* Ends only by a failure; a signal ends the program. */
static int watch_events(struct mpcnet_nl *nl, struct watch *watch)
{
	int ret;

	while (!ferror(stdout)) {
		ret = mpcnet_events_take(nl, on_event, watch);
		if (ret == -ENOBUFS)
			fputs("mpcnetctl: events were lost: they came faster than they were read\n",
			      stderr);
		else if (ret && ret != -EINTR)
			return mpcnet_err_set(watch->err, "cannot receive events: %s",
					      strerror(-ret));
	}
	return mpcnet_err_set(watch->err, "cannot write to standard output: %s", strerror(errno));
}

static int monitor(struct ctl_args *args)
{
	struct watch watch = { .json = args->json, .err = &args->err };
	char name[IF_NAMESIZE];
	struct mpcnet_nl nl;

	if (args->argc) {
		if (ctl_device_name(args, name) || ctl_end(args))
			return CTL_USAGE;
		watch.name = name;
	}
	if (mpcnet_nl_open_genl(&nl, &args->err))
		return ctl_failed(&args->err);
	if (watch.name && !if_nametoindex(watch.name)) {
		mpcnet_err_set(&args->err, "there is no interface %s: mpcnetctl link add %s", name,
			       name);
	} else if (!mpcnet_events_join(&nl, &args->err)) {
		setvbuf(stdout, NULL, _IOLBF, 0);
		watch_events(&nl, &watch);
	}
	mpcnet_nl_close(&nl);
	return ctl_failed(&args->err);
}

const struct ctl_object ctl_monitor = {
	"monitor",
	"what happens to interfaces and peers",
	(const struct ctl_verb[]){
		{ NULL, "[DEV]", NULL, "print what happens, one line an event, until interrupted",
		  NULL, monitor },
		{ 0 },
	},
};
