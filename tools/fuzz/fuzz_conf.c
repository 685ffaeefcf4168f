// SPDX-License-Identifier: GPL-2.0
/* Files of configuration: what is taken can be written, and read the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(struct mpcnet_conf *conf, struct mpcnet_text *text)
{
	struct mpcnet_err err;
	int ret = mpcnet_conf_parse(conf, text, &err);

	if (!ret)
		ret = mpcnet_conf_finish(conf, &err);
	if (ret && strncmp(err.text, "line ", 5))
		abort();
	return ret;
}

static void write_and_read(const struct mpcnet_device *device)
{
	struct mpcnet_text text = { 0 }, again = { 0 };
	struct mpcnet_conf conf;

	if (!mpcnet_conf_write(&text, device, true) || !mpcnet_text_add(&again, "%s", text.data))
		abort();
	if (parse(&conf, &again))
		abort();
	mpcnet_text_free(&again);
	if (!mpcnet_conf_write(&again, &conf.device, true) || strcmp(text.data, again.data))
		abort();
	mpcnet_text_free(&text);
	mpcnet_text_free(&again);
	mpcnet_conf_clear(&conf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mpcnet_device change, none = { 0 };
	struct mpcnet_text text = { 0 };
	struct mpcnet_conf conf;

	if (!mpcnet_text_reserve(&text, size))
		return 0;
	memcpy(text.data, data, size);
	text.len = size;
	text.data[size] = '\0';
	if (!parse(&conf, &text)) {
		write_and_read(&conf.device);
		if (mpcnet_sync(&change, &conf.device, &conf.device) || change.peer_count)
			abort();
		mpcnet_device_clear(&change);
		if (mpcnet_sync(&change, &none, &conf.device) ||
		    change.peer_count != conf.device.peer_count)
			abort();
		mpcnet_device_clear(&change);
	}
	mpcnet_conf_clear(&conf);
	mpcnet_text_free(&text);
	return 0;
}
