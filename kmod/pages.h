/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_PAGES_H
#define _MPCNET_PAGES_H

#include <linux/percpu.h>
#include <linux/skbuff.h>

/**
 * struct mpcnet_pages - pages of a CPU in which packets are made
 * @frag: each of them, and from where on it is free
 * @filling: the one that is being filled
 *
 * Used by its own CPU alone, BHs disabled. A packet holds the pages that it is
 * in; those that are held by nobody else are filled again.
 */
struct mpcnet_pages {
	struct page_frag frag[4];
	unsigned int filling;
};

u8 *mpcnet_pages_take(struct mpcnet_pages *pages, struct sk_buff *skb,
		      unsigned int len);
void mpcnet_pages_free(struct mpcnet_pages __percpu *pages);

#endif /* _MPCNET_PAGES_H */
