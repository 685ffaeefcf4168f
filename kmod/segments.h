/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_SEGMENTS_H
#define _MPCNET_SEGMENTS_H

#include <linux/skbuff.h>

/**
 * struct mpcnet_segments - the packets that a GSO packet is to be cut into
 * @skb: the next one, in a list of those that the stack has cut; or the GSO
 *	packet itself, of which each is a part; NULL if none is left
 * @headers: length of the GSO packet's IP and TCP headers, in bytes; 0 if @skb
 *	is a list
 * @offset: where in the GSO packet the data of the next one begins
 *
 * Owns what is left.
 */
struct mpcnet_segments {
	struct sk_buff *skb;
	unsigned int headers;
	unsigned int offset;
};

bool mpcnet_segments_whole(struct mpcnet_segments *segments,
			   struct sk_buff *skb);
unsigned int mpcnet_segments_left(const struct mpcnet_segments *segments);
unsigned int mpcnet_segments_len(const struct mpcnet_segments *segments);
void mpcnet_segments_copy(const struct mpcnet_segments *segments, u8 *to);
void mpcnet_segments_next(struct mpcnet_segments *segments,
			  struct sk_buff *out);

#endif /* _MPCNET_SEGMENTS_H */
