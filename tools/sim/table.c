// SPDX-License-Identifier: GPL-2.0
/* How long things took, over all runs. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 400
#define NAME_MAX_LEN 48

static struct row {
	char name[NAME_MAX_LEN];
	uint64_t *times;
	size_t count;
	size_t room;
	uint64_t limit;
} rows[ROWS_MAX];
static size_t row_count;

static struct row *row_of(const char *name)
{
	for (size_t i = 0; i < row_count; i++) {
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	}
	if (row_count == ROWS_MAX)
		abort();
	snprintf(rows[row_count].name, NAME_MAX_LEN, "%s", name);
	return &rows[row_count++];
}

/**
 * table_add() - it took so long
 * @name: what
 * @time: microseconds
 */
void table_add(const char *name, uint64_t time)
{
	struct row *row = row_of(name);

	if (row->count == row->room) {
		row->room = row->room ? 2 * row->room : 64;
		row->times = realloc(row->times, row->room * sizeof(row->times[0]));
		if (!row->times)
			abort();
	}
	row->times[row->count++] = time;
}

/**
 * table_limit() - say how long something may take
 * @name: what
 * @median: microseconds that the median of all runs may have
 */
void table_limit(const char *name, uint64_t median)
{
	row_of(name)->limit = median;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double of(const struct row *row, unsigned int percent)
{
	return (double)row->times[(row->count - 1) * percent / 100] / SEC;
}

/**
 * table_print() - print all times
 * @quiet: only what took too long
 *
 * Return: true if no median is over its limit.
 */
bool table_print(bool quiet)
{
	bool good = true;

	if (!quiet)
		printf("%-36s %6s %9s %9s %9s s\n", "time of", "runs", "median", "90 %", "longest");
	for (size_t i = 0; i < row_count; i++) {
		struct row *row = &rows[i];
		bool late;

		if (!row->count)
			continue;
		qsort(row->times, row->count, sizeof(row->times[0]), compare);
		late = row->limit && row->times[(row->count - 1) / 2] > row->limit;
		good &= !late;
		if (!quiet || late)
			printf("%-36s %6zu %9.3f %9.3f %9.3f%s\n", row->name, row->count,
			       of(row, 50), of(row, 90), of(row, 100), late ? "  TOO LONG" : "");
	}
	return good;
}

/**
 * table_free() - forget all times
 */
void table_free(void)
{
	for (size_t i = 0; i < row_count; i++)
		free(rows[i].times);
	memset(rows, 0, sizeof(rows));
	row_count = 0;
}
