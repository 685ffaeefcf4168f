// SPDX-License-Identifier: GPL-2.0
/* What the module tells of its own accord. */
#include "events.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>
#include <sys/socket.h>

/* Room of the socket, so that a burst of events is not lost */
#define RECEIVE_ROOM (1 << 20)

struct taker {
	mpcnet_event_cb *take;
	void *arg;
};

/**
 * mpcnet_events_join() - have events come to a netlink socket
 * @nl: a socket with the family; for nothing else from now on
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int mpcnet_events_join(struct mpcnet_nl *nl, struct mpcnet_err *err)
{
	int room = RECEIVE_ROOM;

	if (!nl->group) {
		mpcnet_err_set(err, "the kernel module has no group of events");
		return -EOPNOTSUPP;
	}
	/* The force needs a right; without it the room is the system's limit. */
	if (setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUFFORCE, &room,
		       sizeof(room)))
		setsockopt(mnl_socket_get_fd(nl->sock), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (!mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &nl->group, sizeof(nl->group)))
		return 0;
	mpcnet_err_set(err, "cannot join the group of events: %s", strerror(errno));
	return -errno;
}

static int on_event(const struct nlmsghdr *nlh, void *arg)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const char *payload = mnl_nlmsg_get_payload(nlh);
	struct mpcnet_device device = { 0 };
	const struct taker *taker = arg;
	uint32_t event;

	if (len < GENL_HDRLEN ||
	    ((const struct genlmsghdr *)payload)->cmd != MPCNET_CMD_EVENT_NOTIFY)
		return MNL_CB_OK;
	if (!mpcnet_device_decode(&device, payload + GENL_HDRLEN, len - GENL_HDRLEN, &event))
		taker->take(taker->arg, &device, event);
	mpcnet_device_clear(&device);
	return MNL_CB_OK;
}

/**
 * mpcnet_events_take() - take what has come
 * @nl: the socket
 * @take: called for each event
 * @arg: handed to @take
 *
 * Return: 0, or -errno: -ENOBUFS if events were lost, -EAGAIN if there are none
 * and the socket does not block.
 */
int mpcnet_events_take(struct mpcnet_nl *nl, mpcnet_event_cb *take, void *arg)
{
	struct taker taker = { take, arg };
	ssize_t len = mnl_socket_recvfrom(nl->sock, nl->buf, MPCNET_NL_SIZE);

	if (len < 0)
		return -errno;
	mnl_cb_run(nl->buf, (size_t)len, 0, 0, on_event, &taker);
	return 0;
}
