/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A relay of one TURN channel, RFC 8656 section 12.4, which judges each byte
 * of the four that precede a message:
 *
 *	client -- ChannelData --> [client port | relayed port] -- message --> peer
 *	client <-- ChannelData -- [client port | relayed port] <-- message -- peer
 *
 * It runs in a thread, in the namespace in which it was made.
 */
#ifndef RELAY_FAKE_H
#define RELAY_FAKE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct relay - one allocation with one channel
 * @ip: address of both sides, loopback
 * @client: socket that speaks ChannelData
 * @relayed: socket that speaks to the peer
 * @channel: the channel's number
 * @client_port: the client's port; datagrams of others are not relayed
 * @peer_port: port of the peer
 * @up: messages from the client that were relayed
 * @down: messages to the client that were relayed
 * @bad: datagrams of the client whose header was wrong
 * @stop: ends the thread
 * @why: what was wrong with the last bad one
 * @thread: the thread
 */
struct relay {
	const char *ip;
	int client, relayed;
	uint16_t channel;
	uint16_t client_port, peer_port;
	atomic_uint up, down, bad;
	atomic_bool stop;
	char why[128];
	pthread_t thread;
};

/* Start; the ports of the sockets are chosen by the kernel. */
bool relay_open(struct relay *relay, const char *ip, uint16_t channel,
		uint16_t client_port, uint16_t peer_port);
void relay_close(struct relay *relay);
/* Send any datagram from the client side's socket to the client. */
void relay_say(struct relay *relay, const void *data, size_t len);

#endif
