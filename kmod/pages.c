// SPDX-License-Identifier: GPL-2.0
/*
 * Pages for what is sealed or opened in batches. Each CPU keeps a few, and
 * takes them again when what was in them is gone: a fresh page costs more than
 * the message in it, since kernels that are set so zero it first.
 */
#include "pages.h"

#include <linux/cpumask.h>
#include <net/sock.h>

#include "crypto.h"

static bool has_room(const struct page_frag *frag, unsigned int room)
{
	return frag->page && frag->size - frag->offset >= room;
}

/* Pages with @room bytes: those in use, or the oldest, or fresh ones */
static struct page_frag *find(struct mpcnet_pages *pages, unsigned int room)
{
	struct page_frag *frag = &pages->frag[pages->filling];

	if (likely(has_room(frag, room)))
		return frag;
	pages->filling = (pages->filling + 1) % ARRAY_SIZE(pages->frag);
	frag = &pages->frag[pages->filling];
	if (frag->page)	/* full, or all of it is ours again */
		frag->offset = page_ref_count(frag->page) == 1 ? 0 : frag->size;
	if (!has_room(frag, room) &&
	    !skb_page_frag_refill(room, frag, GFP_ATOMIC | __GFP_NOWARN))
		return NULL;
	return has_room(frag, room) ? frag : NULL;
}

/**
 * mpcnet_pages_take() - lengthen a packet
 * @pages: of this CPU
 * @skb: packet, without a list of fragments
 * @len: by how much, in bytes
 *
 * The truesize is left to the caller.
 *
 * Context: BHs disabled.
 * Return: where the bytes are, with MPCNET_SEAL_ROOM behind them that may be
 * written to until the next call; or NULL if there is no room.
 */
u8 *mpcnet_pages_take(struct mpcnet_pages *pages, struct sk_buff *skb,
		      unsigned int len)
{
	struct page_frag *from = find(pages, len + MPCNET_SEAL_ROOM);
	unsigned int last = skb_shinfo(skb)->nr_frags;
	u8 *at;

	if (unlikely(!from))
		return NULL;
	at = page_address(from->page) + from->offset;
	if (skb_can_coalesce(skb, last, from->page, from->offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[last - 1], len);
	} else {
		if (last == MAX_SKB_FRAGS)
			return NULL;
		get_page(from->page);
		skb_fill_page_desc(skb, last, from->page, from->offset, len);
	}
	from->offset += len;
	skb->len += len;
	skb->data_len += len;
	return at;
}

/**
 * mpcnet_pages_free() - give all pages back
 * @pages: of each CPU; none uses them any more
 */
void mpcnet_pages_free(struct mpcnet_pages __percpu *pages)
{
	int cpu, i;

	for_each_possible_cpu(cpu) {
		struct mpcnet_pages *one = per_cpu_ptr(pages, cpu);

		for (i = 0; i < ARRAY_SIZE(one->frag); i++)
			if (one->frag[i].page)
				put_page(one->frag[i].page);
	}
}
