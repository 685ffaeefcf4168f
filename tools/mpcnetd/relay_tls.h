/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TURN over TLS (RFC 8656 section 3.1), for parties whose UDP is blocked. Here
 * alone packets pass through the daemon. TLS hides the outer wrapping from the
 * network between us and the server, no more: what is inside is ciphertext.
 *
 *	kernel ──► 127.0.0.1 ──► padding ──► queue ──► TLS ──► server
 *	kernel ◄── 127.0.0.1 ◄── messages of WireGuard ◄── TLS ◄── server
 *	relay ◄── all other frames ◄──
 */
#ifndef MPCNETD_RELAY_TLS_H
#define MPCNETD_RELAY_TLS_H

#include <openssl/types.h>

#include "addr.h"

struct relay_tls;

/**
 * struct relay_tls_ops - what it tells its owner
 * @opened: the server is who it ought to be, and may be asked
 * @frame: a frame came that is not for the kernel
 * @failed: it is of no use any more; why, as a sentence. It may be closed here.
 */
struct relay_tls_ops {
	void (*opened)(void *arg);
	void (*frame)(void *arg, const uint8_t *data, size_t len);
	void (*failed)(void *arg, const char *reason);
};

/* relay_tls.c */
struct relay_tls *relay_tls_open(const union mpcnet_endpoint *server,
				 const struct mpcnet_host *host, uint16_t port,
				 const struct relay_tls_ops *ops, void *arg,
				 struct mpcnet_err *err);
void relay_tls_close(struct relay_tls *tls);
void relay_tls_send(struct relay_tls *tls, const void *data, size_t len);
void relay_tls_tick(struct relay_tls *tls, uint64_t now);
uint64_t relay_tls_deadline(const struct relay_tls *tls);
const union mpcnet_endpoint *relay_tls_address(const struct relay_tls *tls);

/* relay_trust.c */
SSL *relay_trust_new(const struct mpcnet_host *host, struct mpcnet_err *err);
void relay_trust_reason(SSL *ssl, int ret, const struct mpcnet_host *host, struct mpcnet_err *err);

#endif /* MPCNETD_RELAY_TLS_H */
