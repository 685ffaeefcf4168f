/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_CONF_H
#define MPCNET_CONF_H

#include "model.h"
#include "text.h"

/* Stands in a file for a secret that is not shown. */
#define MPCNET_CONF_HIDDEN "(hidden)"

/**
 * struct mpcnet_conf_peer - what a file says of a peer beside the model
 * @line: line of its [Peer]
 * @psk_line: line of its PresharedKey, if that is hidden, else 0
 * @endpoint_line: line of its Endpoint, 0 if it has none
 * @signed_line: line of an allowed IP behind "+" or "-", 0 if there is none
 * @unsigned_line: line of an allowed IP without, 0 if there is none
 * @endpoint: its Endpoint as spelt
 */
struct mpcnet_conf_peer {
	unsigned int line;
	unsigned int psk_line;
	unsigned int endpoint_line;
	unsigned int signed_line;
	unsigned int unsigned_line;
	struct mpcnet_host endpoint;
};

/**
 * struct mpcnet_conf - a file of configuration
 * @device: what it says, as a model
 * @extra: one for each peer of @device, in the same order
 * @extra_room: how many fit
 * @has_secret: it holds a private or a pre-shared key
 */
struct mpcnet_conf {
	struct mpcnet_device device;
	struct mpcnet_conf_peer *extra;
	size_t extra_room;
	bool has_secret;
};

/* conf.c */
int mpcnet_conf_parse(struct mpcnet_conf *conf, struct mpcnet_text *text, struct mpcnet_err *err);
void mpcnet_conf_clear(struct mpcnet_conf *conf);

/* conf_finish.c */
int mpcnet_conf_finish(struct mpcnet_conf *conf, struct mpcnet_err *err);
int mpcnet_conf_resolve(struct mpcnet_conf *conf, struct mpcnet_err *err);
int mpcnet_conf_unhide(struct mpcnet_conf *conf, const struct mpcnet_device *have,
		       struct mpcnet_err *err);
bool mpcnet_conf_has_hidden(const struct mpcnet_conf *conf);

/* conf_write.c */
bool mpcnet_conf_write(struct mpcnet_text *text, const struct mpcnet_device *device, bool secrets);

/* sync.c */
int mpcnet_sync(struct mpcnet_device *change, const struct mpcnet_device *have,
		const struct mpcnet_device *want);

#endif /* MPCNET_CONF_H */
