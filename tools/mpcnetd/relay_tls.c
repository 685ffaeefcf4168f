// SPDX-License-Identifier: GPL-2.0
#include "relay_tls.h"

#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "turn_stream.h"
#include "udp.h"

#define SEC UINT64_C(1000000)
/* Then who has not connected, or not shown a certificate, is silent. */
#define PATIENCE (8 * SEC)
/* One turn of the loop takes no more, so that time goes on. */
#define READS_AT_ONCE 32
#define DATAGRAMS_AT_ONCE 64
/* What TCP holds back is only late: the rest waits in our queue, or is lost. */
#define UNSENT_MAX 65536
/* A connection that is dead is found out by its silence, in seconds. */
#define PROBE_AFTER 10
#define PROBE_EVERY 5
#define PROBES 3

enum tls_state {
	TLS_CONNECTING,
	TLS_SHAKING_HANDS,
	TLS_OPEN,
	TLS_BROKEN,
};

/**
 * struct relay_tls - a connection
 * @ops: what it tells its owner
 * @arg: handed to @ops
 * @host: the server
 * @state: of enum tls_state
 * @until: when a server that is not there counts as silent
 * @tcp: its socket
 * @events: what is waited for there
 * @full: TCP takes no more for now
 * @local: the kernel's packets go through here
 * @address: of @local
 * @ssl: TLS
 * @busy: inside of a callback
 * @closed: to be freed behind it
 * @why: why it is broken
 * @stream: what is on its way
 */
struct relay_tls {
	const struct relay_tls_ops *ops;
	void *arg;
	struct mpcnet_host host;
	enum tls_state state;
	uint64_t until;
	struct loop_fd tcp;
	uint32_t events;
	bool full;
	struct loop_fd local;
	union mpcnet_endpoint address;
	SSL *ssl;
	bool busy;
	bool closed;
	struct mpcnet_err why;
	struct turn_stream stream;
};

/* Return: true if the call is only to be repeated later. */
static bool later(struct relay_tls *tls, int ret)
{
	int kind = SSL_get_error(tls->ssl, ret);

	tls->full |= kind == SSL_ERROR_WANT_WRITE;
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
		return true;
	relay_trust_reason(tls->ssl, ret, &tls->host, &tls->why);
	tls->state = TLS_BROKEN;
	return false;
}

static void flush(struct relay_tls *tls)
{
	const uint8_t *data;
	size_t len;
	int ret;

	while (tls->state == TLS_OPEN) {
		data = turn_stream_out(&tls->stream, &len);
		if (!len)
			return;
		ERR_clear_error();
		errno = 0;
		ret = SSL_write(tls->ssl, data, (int)len);
		if (ret <= 0) {
			later(tls, ret);
			return;
		}
		turn_stream_sent(&tls->stream, (size_t)ret);
	}
}

static void connected(struct relay_tls *tls)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(tls->tcp.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	tls->state = error ? TLS_BROKEN : TLS_SHAKING_HANDS;
	if (error)
		mpcnet_err_set(&tls->why, "cannot connect to %s:%s: %s", tls->host.name,
			       tls->host.port, strerror(error));
}

static void shake_hands(struct relay_tls *tls)
{
	int ret;

	ERR_clear_error();
	errno = 0;
	ret = SSL_do_handshake(tls->ssl);
	if (ret <= 0) {
		later(tls, ret);
		return;
	}
	tls->state = TLS_OPEN;
	tls->until = LOOP_NEVER;
	tls->ops->opened(tls->arg);
}

static void on_frame(void *arg, const uint8_t *data, size_t len)
{
	struct relay_tls *tls = arg;
	size_t message = turn_stream_message(data, len);

	if (tls->closed)
		return;
	/* Of which party the channel is, and whether of any, the kernel knows. */
	if (message)
		send(tls->local.fd, data, message, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		tls->ops->frame(tls->arg, data, len);
}

static void receive(struct relay_tls *tls)
{
	size_t room;
	uint8_t *to;
	int ret;

	/* What libssl has taken from TCP already wakes nobody. */
	for (unsigned int i = 0; i < READS_AT_ONCE || SSL_pending(tls->ssl); i++) {
		to = turn_stream_room(&tls->stream, &room);
		ERR_clear_error();
		errno = 0;
		ret = SSL_read(tls->ssl, to, (int)room);
		if (ret <= 0) {
			later(tls, ret);
			return;
		}
		if (!turn_stream_came(&tls->stream, (size_t)ret, on_frame, tls)) {
			mpcnet_err_set(&tls->why, "%s:%s is no TURN server", tls->host.name,
				       tls->host.port);
			tls->state = TLS_BROKEN;
		}
		if (tls->closed || tls->state != TLS_OPEN)
			return;
	}
}

static void take_from_kernel(struct relay_tls *tls)
{
	static uint8_t data[TURN_FRAME_MAX];
	ssize_t len;

	for (unsigned int i = 0; i < DATAGRAMS_AT_ONCE; i++) {
		len = recv(tls->local.fd, data, sizeof(data), MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			return;
		if (len > 0 && tls->state == TLS_OPEN)
			turn_stream_put(&tls->stream, data, (size_t)len, false);
	}
}

static void destroy(struct relay_tls *tls)
{
	if (tls->state == TLS_OPEN)
		SSL_shutdown(tls->ssl);
	SSL_free(tls->ssl);
	loop_forget(&tls->tcp);
	loop_forget(&tls->local);
	free(tls);
}

/* The end of each callback; there may be no connection behind it. */
static void leave(struct relay_tls *tls)
{
	uint32_t events = EPOLLIN | (tls->full || tls->state == TLS_CONNECTING ? EPOLLOUT : 0);

	tls->busy = false;
	if (tls->closed) {
		destroy(tls);
		return;
	}
	if (tls->state == TLS_BROKEN) {
		tls->ops->failed(tls->arg, tls->why.text);
		return;
	}
	if (events != tls->events)
		loop_change(&tls->tcp, events);
	tls->events = events;
}

static void on_tcp(void *arg, uint32_t events)
{
	struct relay_tls *tls = arg;

	(void)events;
	tls->busy = true;
	tls->full = false;
	if (tls->state == TLS_CONNECTING)
		connected(tls);
	if (tls->state == TLS_SHAKING_HANDS)
		shake_hands(tls);
	if (tls->state == TLS_OPEN && !tls->closed)
		receive(tls);
	flush(tls);
	leave(tls);
}

static void on_local(void *arg, uint32_t events)
{
	struct relay_tls *tls = arg;

	(void)events;
	tls->busy = true;
	take_from_kernel(tls);
	flush(tls);
	leave(tls);
}

static void set(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

static int connect_to(const union mpcnet_endpoint *server)
{
	int fd = socket(server->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MAX);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (PROBE_AFTER + PROBES * PROBE_EVERY) * 1000);
	if (connect(fd, &server->sa, (socklen_t)mpcnet_endpoint_len(server)) &&
	    errno != EINPROGRESS) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

static bool open_all(struct relay_tls *tls, const union mpcnet_endpoint *server, uint16_t port,
		     struct mpcnet_err *err)
{
	tls->ssl = relay_trust_new(&tls->host, err);
	if (!tls->ssl)
		return false;
	tls->local.fd = udp_open_local(port, &tls->address, err);
	if (tls->local.fd < 0)
		return false;
	tls->tcp.fd = connect_to(server);
	if (tls->tcp.fd < 0) {
		mpcnet_err_set(err, "cannot connect to %s:%s: %s", tls->host.name, tls->host.port,
			       strerror(-tls->tcp.fd));
		return false;
	}
	mpcnet_err_set(err, "libssl has no memory");
	tls->events = EPOLLIN | EPOLLOUT;
	return SSL_set_fd(tls->ssl, tls->tcp.fd) && !loop_watch(&tls->tcp, tls->events, err) &&
	       !loop_watch(&tls->local, EPOLLIN, err);
}

/**
 * relay_tls_open() - connect to a server
 * @server: its address
 * @host: its name, which the certificate has to be for
 * @port: of the session's socket, to which its packets go by 127.0.0.1
 * @ops: what it tells its owner; not called before return
 * @arg: handed to @ops
 * @err: says why not
 *
 * Return: the connection, or NULL.
 */
struct relay_tls *relay_tls_open(const union mpcnet_endpoint *server,
				 const struct mpcnet_host *host, uint16_t port,
				 const struct relay_tls_ops *ops, void *arg, struct mpcnet_err *err)
{
	struct relay_tls *tls = calloc(1, sizeof(*tls));

	if (!tls) {
		mpcnet_err_set(err, "there is no memory for a relay");
		return NULL;
	}
	tls->ops = ops;
	tls->arg = arg;
	tls->host = *host;
	tls->until = loop_now() + PATIENCE;
	tls->tcp = (struct loop_fd){ .fd = -1, .ready = on_tcp, .arg = tls };
	tls->local = (struct loop_fd){ .fd = -1, .ready = on_local, .arg = tls };
	turn_stream_init(&tls->stream);
	if (open_all(tls, server, port, err))
		return tls;
	destroy(tls);
	return NULL;
}

/**
 * relay_tls_close() - end a connection
 * @tls: the connection, or NULL; it is not to be used any more
 */
void relay_tls_close(struct relay_tls *tls)
{
	if (tls && tls->busy)
		tls->closed = true;
	else if (tls)
		destroy(tls);
}

/**
 * relay_tls_send() - send a message of the TURN client
 * @tls: the connection
 * @data: the message
 * @len: its length
 *
 * That it is broken, the owner hears later.
 */
void relay_tls_send(struct relay_tls *tls, const void *data, size_t len)
{
	turn_stream_put(&tls->stream, data, len, true);
	if (!tls->busy && !tls->full)
		flush(tls);
	if (!tls->busy && tls->full && !(tls->events & EPOLLOUT)) {
		tls->events |= EPOLLOUT;
		loop_change(&tls->tcp, tls->events);
	}
}

/**
 * relay_tls_tick() - do what its time has come for
 * @tls: the connection; it may be none any more behind the call
 * @now: the time
 */
void relay_tls_tick(struct relay_tls *tls, uint64_t now)
{
	if (tls->state != TLS_BROKEN && now < tls->until)
		return;
	if (tls->state != TLS_BROKEN)
		mpcnet_err_set(&tls->why, "%s:%s does not answer", tls->host.name, tls->host.port);
	tls->state = TLS_BROKEN;
	tls->ops->failed(tls->arg, tls->why.text);
}

/**
 * relay_tls_deadline() - when is relay_tls_tick() to be called?
 * @tls: the connection
 *
 * Return: the time, LOOP_NEVER for never.
 */
uint64_t relay_tls_deadline(const struct relay_tls *tls)
{
	return tls->state == TLS_BROKEN ? 0 : tls->until;
}

/**
 * relay_tls_address() - our end on this machine
 * @tls: the connection
 *
 * Return: the address on 127.0.0.1 that takes the kernel's ChannelData.
 */
const union mpcnet_endpoint *relay_tls_address(const struct relay_tls *tls)
{
	return &tls->address;
}
