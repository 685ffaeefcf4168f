/* SPDX-License-Identifier: GPL-2.0 */
/* Parties whose identity this one has verified, by the names that it gave them. */
#ifndef MPCNET_KNOWN_H
#define MPCNET_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/mpcnet.h>

#include "err.h"

/* Longest name, as of a card */
#define MPCNET_KNOWN_NAME_MAX 31
#define MPCNET_KNOWN_MAX 4096

/**
 * struct mpcnet_known_party - one of them
 * @public_key: its identity
 * @name: what it is called here; may be empty
 */
struct mpcnet_known_party {
	uint8_t public_key[MPCNET_KEY_LEN];
	char name[MPCNET_KNOWN_NAME_MAX + 1];
};

/**
 * struct mpcnet_known - all of them
 * @parties: the parties
 * @count: how many
 */
struct mpcnet_known {
	struct mpcnet_known_party *parties;
	unsigned int count;
};

int mpcnet_known_parse(struct mpcnet_known *known, char *text, struct mpcnet_err *err);
int mpcnet_known_read(struct mpcnet_known *known, struct mpcnet_err *err);
int mpcnet_known_write(const struct mpcnet_known *known, struct mpcnet_err *err);
const struct mpcnet_known_party *mpcnet_known_find(const struct mpcnet_known *known,
						   const uint8_t public_key[MPCNET_KEY_LEN]);
int mpcnet_known_add(struct mpcnet_known *known, const uint8_t public_key[MPCNET_KEY_LEN],
		     const char *name, struct mpcnet_err *err);
bool mpcnet_known_remove(struct mpcnet_known *known, const uint8_t public_key[MPCNET_KEY_LEN]);
void mpcnet_known_free(struct mpcnet_known *known);

#endif /* MPCNET_KNOWN_H */
