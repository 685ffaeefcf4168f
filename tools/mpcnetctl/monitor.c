// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "device.h"
#include "key.h"
#include "show.h"

/* Events that come while one is printed wait here. */
#define RECEIVE_ROOM (1 << 20)

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

static int on_event(const struct nlmsghdr *nlh, void *arg)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const char *payload = mnl_nlmsg_get_payload(nlh);
	struct mpcnet_device device = { 0 };
	const struct watch *watch = arg;
	struct timespec now;
	uint32_t event;

	if (len < GENL_HDRLEN ||
	    ((const struct genlmsghdr *)payload)->cmd != MPCNET_CMD_EVENT_NOTIFY)
		return MNL_CB_OK;
	clock_gettime(CLOCK_REALTIME, &now);
	if (!mpcnet_device_decode(&device, payload + GENL_HDRLEN, len - GENL_HDRLEN, &event) &&
	    (!watch->name || !strcmp(watch->name, device.name)))
		(watch->json ? print_event_json : print_event_text)(&device, event, &now);
	mpcnet_device_clear(&device);
	return MNL_CB_OK;
}

static int join(struct mpcnet_nl *nl, struct mpcnet_err *err)
{
	int room = RECEIVE_ROOM;

	if (!nl->group)
		return mpcnet_err_set(err, "the kernel module has no group of events");
	/* The force needs a right; without it the room is the system's limit. */
	if (setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUFFORCE, &room,
		       sizeof(room)))
		setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (!mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &nl->group, sizeof(nl->group)))
		return 0;
	return mpcnet_err_set(err, "cannot join the group of events: %s", strerror(errno));
}

/* Ends only by a failure; a signal ends the program. */
static int watch_events(struct mpcnet_nl *nl, struct watch *watch)
{
	ssize_t len;

	while (!ferror(stdout)) {
		len = mnl_socket_recvfrom(nl->sock, nl->buf, MPCNET_NL_SIZE);
		if (len >= 0)
			mnl_cb_run(nl->buf, (size_t)len, 0, 0, on_event, watch);
		else if (errno == ENOBUFS)
			fputs("mpcnetctl: events were lost: they came faster than they were read\n",
			      stderr);
		else if (errno != EINTR)
			return mpcnet_err_set(watch->err, "cannot receive events: %s",
					      strerror(errno));
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
	} else if (!join(&nl, &args->err)) {
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
