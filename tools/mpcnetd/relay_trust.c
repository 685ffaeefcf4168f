// SPDX-License-Identifier: GPL-2.0
/* Whether a TURN server is who it ought to be, and what to say if it is not. */
#include "relay_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define CA_VARIABLE "MPCNET_CA"

static bool trust(SSL_CTX *ctx, struct mpcnet_err *err)
{
	const char *file = getenv(CA_VARIABLE);

	if (!SSL_CTX_set_default_verify_paths(ctx)) {
		mpcnet_err_set(err, "the system's certificates cannot be read");
		return false;
	}
	if (!file || !*file || SSL_CTX_load_verify_file(ctx, file))
		return true;
	mpcnet_err_set(err, "%s: no certificates can be read from %s", CA_VARIABLE, file);
	return false;
}

static SSL_CTX *make_context(struct mpcnet_err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	mpcnet_err_set(err, "libssl cannot be used");
	if (!ctx)
		return NULL;
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) && trust(ctx, err)) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
		SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		return ctx;
	}
	SSL_CTX_free(ctx);
	return NULL;
}

/* A literal address is no name: neither asked for, nor found among names. */
static bool expect_host(SSL *ssl, const char *name)
{
	uint8_t address[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, name) && SSL_set_tlsext_host_name(ssl, name);
}

/**
 * relay_trust_new() - a TLS client, which takes no server but this
 * @host: name or address of the server
 * @err: says why not
 *
 * Return: the client, to be ended by SSL_free(); or NULL.
 */
SSL *relay_trust_new(const struct mpcnet_host *host, struct mpcnet_err *err)
{
	SSL_CTX *ctx = make_context(err);
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;

	SSL_CTX_free(ctx);
	if (ssl && !expect_host(ssl, host->name)) {
		mpcnet_err_set(err, "no certificate can be for \"%s\"", host->name);
		SSL_free(ssl);
		return NULL;
	}
	if (ssl)
		SSL_set_connect_state(ssl);
	return ssl;
}

static bool hangs_on_time(long verdict)
{
	return verdict == X509_V_ERR_CERT_NOT_YET_VALID || verdict == X509_V_ERR_CERT_HAS_EXPIRED;
}

/**
 * relay_trust_reason() - why a call of libssl failed
 * @ssl: the client
 * @ret: what the call returned
 * @host: the server
 * @err: gets a sentence
 */
void relay_trust_reason(SSL *ssl, int ret, const struct mpcnet_host *host, struct mpcnet_err *err)
{
	int error = errno, kind = SSL_get_error(ssl, ret);
	unsigned long code = ERR_peek_last_error();
	long verdict = SSL_get_verify_result(ssl);
	const char *why = code ? ERR_reason_error_string(code) : NULL;

	if (verdict != X509_V_OK)
		mpcnet_err_set(err, "the certificate of %s:%s is not valid: %s%s", host->name,
			       host->port, X509_verify_cert_error_string(verdict),
			       hangs_on_time(verdict) ? ", if the clock here is right" : "");
	else if (kind == SSL_ERROR_ZERO_RETURN ||
		 ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		mpcnet_err_set(err, "%s:%s closed the connection", host->name, host->port);
	else if (kind == SSL_ERROR_SYSCALL && error)
		mpcnet_err_set(err, "the connection to %s:%s is lost: %s", host->name, host->port,
			       strerror(error));
	else
		mpcnet_err_set(err, "%s:%s speaks no TLS that can be used: %s", host->name,
			       host->port, why ? why : "no reason given");
}
