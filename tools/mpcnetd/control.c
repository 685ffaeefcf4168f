// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket, $MPCNET_RUNDIR/control: root, and the group mpcnet.
 * Whoever has it open may do all that mpcnetctl session does. A line of JSON
 * is a request, a line of JSON is its answer, {"speaks": 1, "ok": true, ...} or
 * {"speaks": 1, "error": "..."}.
 */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "file.h"
#include "identity.h"
#include "request.h"
#include "session.h"

#define CLIENTS_MAX 32
#define GROUP "mpcnet"
#define VERSION "0.1"

/* One who asks: the line that is coming, and the session that ends with the connection. */
struct client {
	struct loop_fd watch;
	size_t len;
	char line[REQUEST_MAX];
	char holds[64];
};

static struct loop_fd listener = { .fd = -1 };
/* The run folder, locked as long as we live: there is one daemon for it. */
static int lock = -1;
static struct sockaddr_un place = { .sun_family = AF_UNIX };
static struct client *clients[CLIENTS_MAX];
/* mpcnetctl has started us: without a session and without anybody who asks, we end. */
static bool ends_alone;
static bool was_asked;

static bool is_asked(void)
{
	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i])
			return true;
	}
	return false;
}

static uint64_t ends_at(void *arg)
{
	(void)arg;
	return ends_alone && was_asked && !is_asked() && !session_first() ? 0 : LOOP_NEVER;
}

static void end(void *arg, uint64_t now)
{
	(void)arg;
	(void)now;
	loop_stop();
}

static struct loop_timer ending = { .deadline = ends_at, .due = end };

static void end_client(struct client *client)
{
	struct session *held;
	struct mpcnet_err ignored;

	held = *client->holds ? session_find(client->holds, &ignored) : NULL;
	if (held)
		session_leave(held);

	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i] == client)
			clients[i] = NULL;
	}
	loop_forget(&client->watch);
	explicit_bzero(client, sizeof(*client));
	free(client);
}

static struct json_object *show(const struct request *request, struct mpcnet_err *err)
{
	struct json_object *list, *answer = json_object_new_object();
	struct session *session = NULL;

	if (*request->session) {
		session = session_find(request->session, err);
		if (!session) {
			json_object_put(answer);
			return NULL;
		}
	}
	list = json_object_new_array();
	for (struct session *s = session_first(); s; s = s->next) {
		if (!session || s == session)
			json_object_array_add(list, session_show(s, request->brief));
	}
	json_object_object_add(answer, "sessions", list);
	return answer;
}

static struct json_object *join(const struct request *request, struct mpcnet_err *err)
{
	struct session *session = session_join(request, err);
	struct json_object *answer;

	if (!session)
		return NULL;
	answer = json_object_new_object();
	json_object_object_add(answer, "session", json_object_new_string(session->name));
	return answer;
}

static struct json_object *card(const struct session *session, struct mpcnet_err *err)
{
	struct json_object *answer = json_object_new_object();
	const char *waits = session_net_card_waits(session);
	char text[CARD_TEXT_MAX];

	if (waits) {
		json_object_object_add(answer, "waits", json_object_new_string(waits));
		return answer;
	}
	if (card_seal(text, &session->own, &session->ticket)) {
		json_object_object_add(answer, "card", json_object_new_string(text));
		return answer;
	}
	json_object_put(answer);
	mpcnet_err_set(err, "libcrypto cannot seal the card");
	return NULL;
}

static struct json_object *of_session(const struct request *request, struct mpcnet_err *err)
{
	const char *name = *request->session ? request->session : NULL;
	struct session *session = session_find(name, err);

	if (!session)
		return NULL;
	if (request->verb == REQUEST_CARD)
		return card(session, err);
	if (request->verb == REQUEST_LEAVE)
		session_leave(session);
	else if (request->verb == REQUEST_VERIFY &&
		 session_verify_string(session, request->string, err))
		return NULL;
	else if (request->verb == REQUEST_ADD && session_add_card(session, request->card, err))
		return NULL;
	return json_object_new_object();
}

/* Who holds a session is there as long as it is. */
static struct json_object *hold(struct client *client, const struct request *request,
				struct mpcnet_err *err)
{
	const struct session *session = session_find(request->session, err);

	if (!session)
		return NULL;
	snprintf(client->holds, sizeof(client->holds), "%s", session->name);
	return json_object_new_object();
}

static struct json_object *version(void)
{
	struct json_object *answer = json_object_new_object();

	json_object_object_add(answer, "version", json_object_new_string(VERSION));
	return answer;
}

static struct json_object *answer(struct client *client, const struct request *request,
				  struct mpcnet_err *err)
{
	switch (request->verb) {
	case REQUEST_HOLD:
		return hold(client, request, err);
	case REQUEST_VERSION:
		return version();
	case REQUEST_SHOW:
		return show(request, err);
	case REQUEST_JOIN:
		return join(request, err);
	default:
		return of_session(request, err);
	}
}

/* Who does not take the answer, does not want it. */
static bool reply(struct client *client, struct json_object *object)
{
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	struct iovec parts[] = { { (void *)(uintptr_t)text, strlen(text) }, { "\n", 1 } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
	int room = 4 << 20;

	/* All of it must fit: the daemon waits for nobody. */
	setsockopt(client->watch.fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	return sendmsg(client->watch.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	       (ssize_t)(parts[0].iov_len + 1);
}

static bool serve(struct client *client, size_t len)
{
	struct json_object *object = NULL;
	struct request request;
	struct mpcnet_err err;
	bool taken;

	if (!request_parse(&request, client->line, len, &err))
		object = answer(client, &request, &err);
	explicit_bzero(&request, sizeof(request));
	if (object) {
		json_object_object_add(object, "ok", json_object_new_boolean(true));
	} else {
		object = json_object_new_object();
		json_object_object_add(object, "error", json_object_new_string(err.text));
	}
	json_object_object_add(object, "speaks", json_object_new_int(REQUEST_SPEAKS));
	taken = reply(client, object);
	json_object_put(object);
	return taken;
}

static void on_client(void *arg, uint32_t events)
{
	struct client *client = arg;
	char *end;
	ssize_t len;

	(void)events;
	len = recv(client->watch.fd, client->line + client->len, sizeof(client->line) - client->len,
		   MSG_DONTWAIT);
	if (len < 0 && errno == EAGAIN)
		return;
	if (len <= 0) {
		end_client(client);
		return;
	}
	client->len += (size_t)len;
	end = memchr(client->line, '\n', client->len);
	if (!end && client->len < sizeof(client->line))
		return;
	if (!end || !serve(client, (size_t)(end - client->line))) {
		end_client(client);
		return;
	}
	client->len -= (size_t)(end + 1 - client->line);
	memmove(client->line, end + 1, client->len);
}

static struct client **free_place(void)
{
	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		if (!clients[i])
			return &clients[i];
	}
	return NULL;
}

static void on_connection(void *arg, uint32_t events)
{
	struct client **at = free_place();
	struct client *client;
	struct mpcnet_err err;
	int fd;

	(void)arg;
	(void)events;
	fd = accept4(listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	client = at ? calloc(1, sizeof(*client)) : NULL;
	if (!client) {
		close(fd);
		return;
	}
	client->watch = (struct loop_fd){ .fd = fd, .ready = on_client, .arg = client };
	*at = client;
	was_asked = true;
	if (loop_watch(&client->watch, EPOLLIN, &err))
		end_client(client);
}

/* The folder keeps others out; the socket's group lets those of the group in. */
static void let_group_in(void)
{
	struct group *group = getgrnam(GROUP);

	if (!group)
		return;
	if (chown(mpcnet_run_folder(), (uid_t)-1, group->gr_gid) ||
	    chmod(mpcnet_run_folder(), 0750) || chown(place.sun_path, (uid_t)-1, group->gr_gid))
		return;
	chmod(place.sun_path, 0660);
}

/* Does another daemon answer there? A socket that nobody has open is left over. */
static bool is_served(int fd)
{
	return !connect(fd, (struct sockaddr *)&place, sizeof(place)) || errno == EAGAIN;
}

static bool take_lock(void)
{
	lock = open(mpcnet_run_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return lock < 0 || !flock(lock, LOCK_EX | LOCK_NB);
}

static int listen_at(struct mpcnet_err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && (!take_lock() || is_served(fd))) {
		close(fd);
		mpcnet_err_set(err, "mpcnetd runs already: %s answers", place.sun_path);
		return -EADDRINUSE;
	}
	unlink(place.sun_path);
	umask(0077);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&place, sizeof(place)) &&
	    !listen(fd, CLIENTS_MAX))
		return fd;
	mpcnet_err_set(err, "cannot listen at %s: %s", place.sun_path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -errno;
}

/**
 * control_open() - listen for mpcnetctl
 * @transient: end behind the last session
 * @err: says why not
 *
 * Return: 0, or -errno.
 */
int control_open(bool transient, struct mpcnet_err *err)
{
	const char *folder = mpcnet_run_folder();
	int fd;

	if (mpcnet_folder_make(folder, err))
		return -1;
	if (snprintf(place.sun_path, sizeof(place.sun_path), "%s/control", folder) >=
	    (int)sizeof(place.sun_path))
		return mpcnet_err_set(err, MPCNET_RUNDIR_ENV ": the name is too long");
	fd = listen_at(err);
	if (fd < 0)
		return fd;
	ends_alone = transient;
	let_group_in();
	loop_add_timer(&ending);
	listener = (struct loop_fd){ .fd = fd, .ready = on_connection };
	return loop_watch(&listener, EPOLLIN, err);
}

/**
 * control_close() - listen no more; if we were started for a session, nothing
 * of ours stays in the run folder
 */
void control_close(void)
{
	char path[PATH_MAX];

	if (listener.fd < 0)
		return;
	loop_forget(&listener);
	loop_remove_timer(&ending);
	unlink(place.sun_path);
	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i])
			end_client(clients[i]);
	}
	if (!ends_alone)
		return;
	snprintf(path, sizeof(path), "%s/log", mpcnet_run_folder());
	unlink(path);
	rmdir(mpcnet_run_folder());
}
