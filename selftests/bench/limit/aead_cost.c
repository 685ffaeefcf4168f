// SPDX-License-Identifier: GPL-2.0
/*
 * What the AEAD calls alone cost: the least that a tunnel with this cipher
 * adds to plain packets. Reading /sys/kernel/debug/aead_cost measures, for
 * each length of the parameter, one sealing and one opening by the kernel's
 * library, in a softirq's conditions, and gives lines "LENGTH NANOSECONDS".
 */
#include <crypto/chacha20poly1305.h>
#include <linux/bottom_half.h>
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#define LENGTHS_MAX 16
#define LENGTH_MAX 16384
#define TIMES 400		/* a batch: some ms, as BHs are off */
#define BATCHES 5

static unsigned int lengths[LENGTHS_MAX] = { 64, 1420 };
static unsigned int count = 2;
module_param_array(lengths, uint, &count, 0444);
MODULE_PARM_DESC(lengths, "lengths of plaintext, in bytes");

static struct dentry *file;
static u8 *buffer;

static bool seal_and_open(unsigned int len, u64 nonce)
{
	static const u8 key[CHACHA20POLY1305_KEY_SIZE] = { 1 };

	chacha20poly1305_encrypt(buffer, buffer, len, NULL, 0, nonce, key);
	return chacha20poly1305_decrypt(buffer, buffer,
					len + CHACHA20POLY1305_AUTHTAG_SIZE,
					NULL, 0, nonce, key);
}

static u64 batch(unsigned int len)
{
	u64 start;
	int i;

	local_bh_disable();
	start = ktime_get_ns();
	for (i = 0; i < TIMES; i++)
		if (!seal_and_open(len, i))
			break;
	start = ktime_get_ns() - start;
	local_bh_enable();
	return i == TIMES ? start : U64_MAX;
}

static int aead_cost_show(struct seq_file *m, void *v)
{
	unsigned int i, j;
	u64 best;

	for (i = 0; i < count; i++) {
		if (lengths[i] > LENGTH_MAX)
			return -EINVAL;
		best = U64_MAX;
		for (j = 0; j < BATCHES; j++) {
			best = min(best, batch(lengths[i]));
			cond_resched();
		}
		if (best == U64_MAX)
			return -EIO;
		seq_printf(m, "%u %llu\n", lengths[i], div_u64(best, TIMES));
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(aead_cost);

static int __init aead_cost_init(void)
{
	buffer = kzalloc(LENGTH_MAX + CHACHA20POLY1305_AUTHTAG_SIZE, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	file = debugfs_create_file("aead_cost", 0400, NULL, NULL, &aead_cost_fops);
	return 0;
}

static void __exit aead_cost_exit(void)
{
	debugfs_remove(file);
	kfree(buffer);
}

module_init(aead_cost_init);
module_exit(aead_cost_exit);
MODULE_DESCRIPTION("Cost of the AEAD calls alone");
MODULE_LICENSE("GPL");
