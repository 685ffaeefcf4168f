// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts the guest's instructions by block of code,
 * while the file FLAG exists, and writes "ADDRESS COUNT" lines to OUT when it
 * is gone again:
 *
 *	-plugin count.so,flag=FLAG,out=OUT
 *
 * Debian has no header of QEMU's plugin interface (docs/devel/tcg-plugins, its
 * version 1): what is used of it is declared here.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_info;
typedef uint64_t plugin_id;
enum { INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
					   void (*cb)(plugin_id id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *counter,
					      uint64_t add);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv);

/* Blocks are never freed: generated code points to their counters. */
struct block {
	struct block *next;
	uint64_t address;
	uint64_t count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block *blocks;
static const char *flag, *out;

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	struct block *block = calloc(1, sizeof(*block));

	(void)id;
	if (!block)
		abort();
	block->address = qemu_plugin_tb_vaddr(tb);
	pthread_mutex_lock(&lock);
	block->next = blocks;
	blocks = block;
	pthread_mutex_unlock(&lock);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &block->count,
						 qemu_plugin_tb_n_insns(tb));
}

static void reset(void)
{
	struct block *block;

	pthread_mutex_lock(&lock);
	for (block = blocks; block; block = block->next)
		block->count = 0;
	pthread_mutex_unlock(&lock);
}

static void dump(void)
{
	struct block *block;
	FILE *file = fopen(out, "w");

	if (!file) {
		perror(out);
		return;
	}
	pthread_mutex_lock(&lock);
	for (block = blocks; block; block = block->next)
		if (block->count)
			fprintf(file, "%llx %llu\n", (unsigned long long)block->address,
				(unsigned long long)block->count);
	pthread_mutex_unlock(&lock);
	fclose(file);
}

static void *watch(void *unused)
{
	int on = 0;

	for (;; usleep(2000)) {
		if (!on == !access(flag, F_OK)) {
			on = !on;
			if (on)
				reset();
			else
				dump();
		}
	}
	return unused;
}

int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv)
{
	pthread_t thread;
	int i;

	(void)info;
	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "flag=", 5))
			flag = strdup(argv[i] + 5);
		else if (!strncmp(argv[i], "out=", 4))
			out = strdup(argv[i] + 4);
	}
	if (!flag || !out || pthread_create(&thread, NULL, watch, NULL))
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
