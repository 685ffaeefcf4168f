/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_DID_H
#define MPCNET_DID_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/mpcnet.h>

/* "did:key:z", then 34 bytes in base58, of which each digit holds 5.86 bits. */
#define MPCNET_DID_MAX 57

void mpcnet_did_from_key(char did[MPCNET_DID_MAX + 1], const uint8_t key[MPCNET_KEY_LEN]);
bool mpcnet_did_to_key(uint8_t key[MPCNET_KEY_LEN], const char *did);

#endif /* MPCNET_DID_H */
