// SPDX-License-Identifier: GPL-2.0
#include "key.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "file.h"

static int print_key(const uint8_t key[MPCNET_KEY_LEN])
{
	char text[MPCNET_KEY_TEXT_LEN + 2];
	int ret;

	mpcnet_key_to_text(text, key);
	memcpy(text + MPCNET_KEY_TEXT_LEN, "\n", 2);
	ret = ctl_write_secret(text, MPCNET_KEY_TEXT_LEN + 1);
	explicit_bzero(text, sizeof(text));
	return ret;
}

static void warn_output(void)
{
	struct stat st;

	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)))
		fputs("mpcnetctl: warning: others can reach the file that gets this key: use umask 077\n",
		      stderr);
}

static int print_random(struct ctl_args *args, bool clamp)
{
	uint8_t key[MPCNET_KEY_LEN];
	int ret;

	if (ctl_end(args))
		return CTL_USAGE;
	if (!mpcnet_key_random(key)) {
		mpcnet_err_set(&args->err, "there is no randomness to make a key of");
		return ctl_failed(&args->err);
	}
	if (clamp)
		mpcnet_key_clamp(key);
	warn_output();
	ret = print_key(key);
	explicit_bzero(key, sizeof(key));
	return ret;
}

static int key_gen(struct ctl_args *args)
{
	return print_random(args, true);
}

static int key_psk(struct ctl_args *args)
{
	return print_random(args, false);
}

static int key_pub(struct ctl_args *args)
{
	uint8_t private_key[MPCNET_KEY_LEN], public_key[MPCNET_KEY_LEN];
	int ret;

	if (ctl_end(args))
		return CTL_USAGE;
	ret = mpcnet_file_read_key(private_key, "-", &args->err);
	if (!ret && !mpcnet_key_public(public_key, private_key))
		ret = mpcnet_err_set(&args->err, "libcrypto cannot compute the public key");
	explicit_bzero(private_key, sizeof(private_key));
	return ret ? ctl_failed(&args->err) : print_key(public_key);
}

const struct ctl_object ctl_key = {
	"key",
	"keys in base64",
	(const struct ctl_verb[]){
		{ "gen", NULL, NULL, "print a new private key", NULL, key_gen },
		{ "pub", NULL, NULL, "read a private key from standard input, print its public key",
		  NULL, key_pub },
		{ "psk", NULL, NULL, "print a new pre-shared key", NULL, key_psk },
		{ 0 },
	},
};
