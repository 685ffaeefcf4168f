// SPDX-License-Identifier: GPL-2.0
/* Whether a broker is who it ought to be, and what to say if it is not. */
#include "broker_mqtt.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "relay_tls.h"

/* There is one broker a process. */
static struct mqtt *broker;

static int on_certificate(int ok, X509_STORE_CTX *store)
{
	if (!ok && broker->certificate == X509_V_OK)
		broker->certificate = X509_STORE_CTX_get_error(store);
	return ok;
}

/*
 * libmosquitto is given an address, and asks for a certificate by it: what is
 * behind that address may serve several names, and has to know ours.
 */
static void on_state(const SSL *ssl, int where, int ret)
{
	uint8_t address[sizeof(struct in6_addr)];
	const char *name = broker->url.host.name;

	(void)ret;
	if (!(where & SSL_CB_HANDSHAKE_START))
		return;
	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
		name = NULL;
	SSL_set_tlsext_host_name((SSL *)(uintptr_t)ssl, name);
}

/**
 * mqtt_tls_init() - prepare TLS, while we may read all files
 * @mqtt: the broker; @why says why not
 *
 * Return: false if not.
 */
bool mqtt_tls_init(struct mqtt *mqtt)
{
	SSL *ssl = relay_trust_new(&mqtt->url.host, &mqtt->why);

	broker = mqtt;
	if (!ssl)
		return false;
	mqtt->ctx = SSL_get_SSL_CTX(ssl);
	SSL_CTX_up_ref(mqtt->ctx);
	/* libmosquitto makes the connection of the context alone. */
	X509_VERIFY_PARAM_set1(SSL_CTX_get0_param(mqtt->ctx), SSL_get0_param(ssl));
	SSL_CTX_set_verify(mqtt->ctx, SSL_VERIFY_PEER, on_certificate);
	SSL_CTX_set_info_callback(mqtt->ctx, on_state);
	SSL_free(ssl);
	return true;
}

static const char *remedy(int certificate)
{
	switch (certificate) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "set the clock here if it is wrong, or have the broker's owner renew it";
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "name the broker in the ticket as its certificate does";
	default:
		return "if its authority is your own, name its file in $MPCNET_CA of mpcnetd";
	}
}

/**
 * mqtt_tls_reason() - say in @why that TLS did not come about
 * @mqtt: the broker
 */
void mqtt_tls_reason(struct mqtt *mqtt)
{
	const struct mpcnet_host *host = &mqtt->url.host;

	if (mqtt->certificate != X509_V_OK)
		mpcnet_err_set(&mqtt->why, "the certificate of %s:%s is not valid: %s; %s",
			       host->name, host->port,
			       X509_verify_cert_error_string(mqtt->certificate),
			       remedy(mqtt->certificate));
	else
		mpcnet_err_set(&mqtt->why,
			       "%s:%s speaks no TLS that can be used: is it a port for mqtts?",
			       host->name, host->port);
}
