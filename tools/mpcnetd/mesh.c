// SPDX-License-Identifier: GPL-2.0
#include "mesh.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "post.h"

#define AT_ONCE 64

/**
 * mesh_init() - begin without a socket
 * @mesh: gets it
 */
void mesh_init(struct mesh *mesh)
{
	mesh->watch.fd = -1;
	mesh->out = -1;
}

static void on_ready(void *arg, uint32_t events)
{
	struct mesh *mesh = arg;
	uint8_t data[POST_ROOM + 1];
	ssize_t len;

	(void)events;
	for (unsigned int i = 0; i < AT_ONCE && mesh->watch.fd >= 0; i++) {
		len = recv(mesh->watch.fd, data, sizeof(data), MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			return;
		mesh->heard |= len > 0;
		if (len > 0 && len <= POST_ROOM)
			mesh->received(mesh->arg, data, (size_t)len);
	}
}

static int open_socket(const char *interface, const void *address, uint16_t port)
{
	struct sockaddr_in self = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(&self.sin_addr, address, sizeof(self.sin_addr));
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
				   (socklen_t)strlen(interface) + 1) ||
			bind(fd, (struct sockaddr *)&self, sizeof(self)))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/**
 * mesh_open() - send and receive on a session's interface
 * @mesh: gets the sockets; @received and @arg are set
 * @interface: its name
 * @address: this party's address there, IPv4 in network order
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int mesh_open(struct mesh *mesh, const char *interface, const void *address, struct mpcnet_err *err)
{
	mesh->sent_at = 0;
	mesh->watch = (struct loop_fd){
		.fd = open_socket(interface, address, MESH_PORT),
		.ready = on_ready,
		.arg = mesh,
	};
	if (mesh->watch.fd >= 0)
		mesh->out = open_socket(interface, address, 0);
	if (mesh->watch.fd >= 0 && mesh->out >= 0)
		return loop_watch(&mesh->watch, EPOLLIN, err);
	return mpcnet_err_set(err, "cannot open port %u of %s: %s", MESH_PORT, interface,
			      strerror(errno));
}

/**
 * mesh_is_deaf() - does nothing that others send come to us?
 * @mesh: the sockets
 * @patience: how long they may take for it after we have sent, in microseconds
 */
bool mesh_is_deaf(const struct mesh *mesh, uint64_t patience)
{
	return !mesh->heard && mesh->sent_at && loop_now() > mesh->sent_at + patience;
}

/**
 * mesh_send() - send a posting to a party
 * @mesh: the sockets, open or not
 * @address: the party's, IPv4 in network order
 * @data: the posting
 * @len: its length in bytes
 *
 * It may be lost.
 */
void mesh_send(struct mesh *mesh, const void *address, const uint8_t *data, size_t len)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(MESH_PORT) };

	if (mesh->out < 0)
		return;
	if (!mesh->sent_at)
		mesh->sent_at = loop_now();
	memcpy(&to.sin_addr, address, sizeof(to.sin_addr));
	sendto(mesh->out, data, len, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
}

/**
 * mesh_close() - close the sockets
 * @mesh: they, open or not
 */
void mesh_close(struct mesh *mesh)
{
	loop_forget(&mesh->watch);
	if (mesh->out >= 0)
		close(mesh->out);
	mesh->out = -1;
}
