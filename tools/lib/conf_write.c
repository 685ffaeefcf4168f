// SPDX-License-Identifier: GPL-2.0
#include "conf.h"

#include <string.h>

#include "key.h"

static bool write_key(struct mpcnet_text *text, const char *name, const uint8_t *key)
{
	char spelt[MPCNET_KEY_TEXT_LEN + 1];
	bool done;

	mpcnet_key_to_text(spelt, key);
	done = mpcnet_text_add(text, "%s = %s\n", name, spelt);
	explicit_bzero(spelt, sizeof(spelt));
	return done;
}

static bool write_private_key(struct mpcnet_text *text, const struct mpcnet_device *d, bool secrets)
{
	if (d->new_private_key)
		return mpcnet_text_add(text,
				       "# PrivateKey was made by the kernel, which keeps it\n");
	if (mpcnet_key_is_zero(d->private_key))
		return true;
	if (secrets)
		return write_key(text, "PrivateKey", d->private_key);
	return mpcnet_text_add(
		text, "# PrivateKey is left out, see: mpcnetctl conf show %s private-key\n",
		d->name);
}

static bool write_interface(struct mpcnet_text *text, const struct mpcnet_device *d, bool secrets)
{
	return mpcnet_text_add(text, "[Interface]\n") && write_private_key(text, d, secrets) &&
	       (!d->listen_port || mpcnet_text_add(text, "ListenPort = %u\n", d->listen_port)) &&
	       (!d->fwmark || mpcnet_text_add(text, "FwMark = 0x%x\n", d->fwmark));
}

static bool write_psk(struct mpcnet_text *text, const struct mpcnet_peer *p, bool secrets)
{
	if (mpcnet_key_is_zero(p->psk))
		return true;
	if (secrets)
		return write_key(text, "PresharedKey", p->psk);
	return mpcnet_text_add(text, "PresharedKey = " MPCNET_CONF_HIDDEN "\n");
}

static bool write_allowedips(struct mpcnet_text *text, const struct mpcnet_peer *p)
{
	char ip[MPCNET_ALLOWEDIP_TEXT];

	for (size_t i = 0; i < p->ip_count; i++) {
		mpcnet_allowedip_format(ip, &p->ips[i]);
		if (!mpcnet_text_add(text, "%s%s", i ? ", " : "AllowedIPs = ", ip))
			return false;
	}
	return !p->ip_count || mpcnet_text_add(text, "\n");
}

/* The format has no word for a relay, so a relayed peer has no Endpoint. */
static bool write_endpoint(struct mpcnet_text *text, const struct mpcnet_peer *p)
{
	char spelt[MPCNET_ENDPOINT_TEXT];

	if (p->has & MPCNET_PEER_HAS_RELAY) {
		mpcnet_endpoint_format(spelt, &p->relay);
		if (!mpcnet_text_add(text, "# relay %s channel 0x%x\n", spelt, p->channel))
			return false;
	}
	if (!(p->has & MPCNET_PEER_HAS_ENDPOINT) || p->relayed)
		return true;
	mpcnet_endpoint_format(spelt, &p->endpoint);
	return mpcnet_text_add(text, "Endpoint = %s\n", spelt);
}

static bool write_peer(struct mpcnet_text *text, const struct mpcnet_peer *p, bool secrets)
{
	return mpcnet_text_add(text, "\n[Peer]\n") && write_key(text, "PublicKey", p->public_key) &&
	       write_psk(text, p, secrets) && write_allowedips(text, p) &&
	       write_endpoint(text, p) &&
	       (!p->keepalive || mpcnet_text_add(text, "PersistentKeepalive = %u\n", p->keepalive));
}

/**
 * mpcnet_conf_write() - an interface as a file of configuration
 * @text: the file is written behind it
 * @device: the interface
 * @secrets: with its private key and the pre-shared keys
 *
 * Return: false without memory.
 */
bool mpcnet_conf_write(struct mpcnet_text *text, const struct mpcnet_device *device, bool secrets)
{
	if (!write_interface(text, device, secrets))
		return false;
	for (size_t i = 0; i < device->peer_count; i++) {
		if (!write_peer(text, &device->peers[i], secrets))
			return false;
	}
	return true;
}
