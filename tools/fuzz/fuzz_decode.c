// SPDX-License-Identifier: GPL-2.0
/* Answers of the kernel: nothing is read past their end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mpcnet_device device = { 0 };
	/* A message begins aligned and has whole headers of attributes. */
	uint8_t *copy = malloc(size ? size : 1);
	uint32_t event;

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	mpcnet_device_decode(&device, copy, size, NULL);
	mpcnet_device_decode(&device, copy, size, &event);
	mpcnet_device_clear(&device);
	free(copy);
	return 0;
}
