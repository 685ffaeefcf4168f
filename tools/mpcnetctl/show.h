/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_SHOW_H
#define MPCNETCTL_SHOW_H

#include <json-c/json.h>

#include "model.h"

/* How an answer calls the reasons by which packets are counted. */
extern const char *const show_peer_drops[MPCNET_PEER_C_LAST + 1];
extern const char *const show_device_counters[MPCNET_DEVICE_C_LAST + 1];

/* show.c */
const char *show_state(uint32_t state);
const char *show_private_key(const struct mpcnet_device *device);
uint64_t show_expires_in(const struct mpcnet_device *device);
int64_t show_handshake_age(const struct mpcnet_peer *peer);
void show_bind_address(char text[MPCNET_ENDPOINT_TEXT], const struct mpcnet_device *device);
void show_bind_device(char name[IF_NAMESIZE + 8], const struct mpcnet_device *device);

/* show_text.c */
void show_device_text(const struct mpcnet_device *device);
void show_peer_text(const struct mpcnet_peer *peer, const char *indent);

/* show_json.c */
struct json_object *show_device_json(const struct mpcnet_device *device);
struct json_object *show_peer_json(const struct mpcnet_peer *peer);
struct json_object *show_key_json(const uint8_t key[MPCNET_KEY_LEN]);
struct json_object *show_endpoint_json(const union mpcnet_endpoint *endpoint);
int show_print_json(struct json_object *object, int flags);

#endif /* MPCNETCTL_SHOW_H */
