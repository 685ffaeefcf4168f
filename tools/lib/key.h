/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_KEY_H
#define MPCNET_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mpcnet.h>

/* 32 bytes in base64 are 43 digits and one '='. */
#define MPCNET_KEY_TEXT_LEN 44
#define MPCNET_KEY_HEX_LEN 64

void mpcnet_key_to_text(char text[MPCNET_KEY_TEXT_LEN + 1], const uint8_t key[MPCNET_KEY_LEN]);
bool mpcnet_key_from_text(uint8_t key[MPCNET_KEY_LEN], const char *text, size_t len);
bool mpcnet_key_from_hex(uint8_t key[MPCNET_KEY_LEN], const char *text, size_t len);
bool mpcnet_key_looks_like(const char *text);
bool mpcnet_key_is_zero(const uint8_t key[MPCNET_KEY_LEN]);
bool mpcnet_key_random(uint8_t key[MPCNET_KEY_LEN]);
void mpcnet_key_clamp(uint8_t key[MPCNET_KEY_LEN]);
bool mpcnet_key_public(uint8_t public_key[MPCNET_KEY_LEN],
		       const uint8_t private_key[MPCNET_KEY_LEN]);

#endif /* MPCNET_KEY_H */
