// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for libFuzzer where there is no clang: runs a fuzzer on the seeds
 * of its folder and on random changes of them. Knows -runs=N and -seed=N.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS_MAX 256
#define LEN_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	uint8_t data[LEN_MAX];
	size_t len;
} seeds[SEEDS_MAX];
static size_t seed_count;

static void read_seeds(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[1024];
	FILE *file;

	while (dir && (entry = readdir(dir)) && seed_count < SEEDS_MAX) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
		if (!file)
			continue;
		seeds[seed_count].len = fread(seeds[seed_count].data, 1, LEN_MAX, file);
		seed_count++;
		fclose(file);
	}
	if (dir)
		closedir(dir);
}

static size_t mutate(uint8_t *data, size_t len)
{
	size_t at = len ? (size_t)rand() % len : 0;

	switch (rand() % 5) {
	case 0:
		if (len)
			data[at] ^= (uint8_t)(1 << rand() % 8);
		return len;
	case 1:
		if (len)
			data[at] = (uint8_t)rand();
		return len;
	case 2:
		return at;
	case 3:
		if (len == LEN_MAX)
			return len;
		memmove(data + at + 1, data + at, len - at);
		data[at] = (uint8_t)rand();
		return len + 1;
	default:
		if (!len)
			return len;
		memmove(data + at, data + at + 1, len - at - 1);
		return len - 1;
	}
}

static void run_once(void)
{
	size_t from = seed_count ? (size_t)rand() % seed_count : 0;
	size_t len = seeds[from].len;
	uint8_t *data = malloc(LEN_MAX + 1), *exact;

	memcpy(data, seeds[from].data, len);
	for (int i = rand() % 8; i > 0; i--)
		len = mutate(data, len);
	/* Of the very length, so that a read past its end is seen. */
	exact = malloc(len ? len : 1);
	memcpy(exact, data, len);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	free(data);
}

int main(int argc, char **argv)
{
	unsigned long runs = 20000;
	unsigned int seed = 1;

	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "-runs=", 6))
			runs = strtoul(argv[i] + 6, NULL, 10);
		else if (!strncmp(argv[i], "-seed=", 6))
			seed = (unsigned int)strtoul(argv[i] + 6, NULL, 10);
		else if (argv[i][0] != '-')
			read_seeds(argv[i]);
	}
	srand(seed);
	for (unsigned long i = 0; i < runs; i++)
		run_once();
	return 0;
}
