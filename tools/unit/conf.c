// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "key.h"

#define A "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
#define B "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM/C7ZCZX1jLO3Q="
#define SECRET "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="

static struct mpcnet_err err;

static bool parse(struct mpcnet_conf *conf, const char *file)
{
	struct mpcnet_text text = { 0 };
	bool done;

	CHECK(mpcnet_text_add(&text, "%s", file));
	done = !mpcnet_conf_parse(conf, &text, &err) && !mpcnet_conf_finish(conf, &err);
	mpcnet_text_free(&text);
	if (!done)
		mpcnet_conf_clear(conf);
	return done;
}

static void whole_file(void)
{
	struct mpcnet_conf conf;
	struct mpcnet_peer *peer;

	CHECK(parse(&conf,
		    "# one\n[INTERFACE]\nprivatekey=" SECRET " # key\r\n\tListenPort = 51820\n"
		    "FwMark = 0xCa6c\n\n[Peer]\nPublicKey = " A "\nPresharedKey = " SECRET "\n"
		    "AllowedIPs = 10.0.0.2/32 ,fd00::2\nallowedips = 10.1.2.3/8\n"
		    "Endpoint = [::1]:51820\nPersistentKeepalive = 25\n"
		    "[peer]\nPublicKey = " B "\nAllowedIPs =\nPersistentKeepalive = off"));
	CHECK(conf.device.listen_port == 51820 && conf.device.fwmark == 0xca6c);
	CHECK(conf.device.has == (MPCNET_DEVICE_HAS_PRIVATE_KEY | MPCNET_DEVICE_HAS_LISTEN_PORT |
				  MPCNET_DEVICE_HAS_FWMARK));
	CHECK((conf.device.private_key[0] & 7) == 0 && conf.has_secret);
	CHECK(conf.device.peer_count == 2);
	peer = conf.device.peers;
	CHECK(peer[0].ip_count == 3 && peer[0].ips[2].cidr == 8 && peer[0].ips[2].addr[1] == 0);
	CHECK(peer[0].keepalive == 25 && conf.extra[0].endpoint_line == 12);
	CHECK(peer[0].has == (MPCNET_PEER_HAS_PSK | MPCNET_PEER_HAS_KEEPALIVE));
	CHECK(!mpcnet_conf_resolve(&conf, &err) && (peer[0].has & MPCNET_PEER_HAS_ENDPOINT));
	CHECK(peer[1].ip_count == 0 && peer[1].keepalive == 0);
	CHECK(peer[1].has == MPCNET_PEER_HAS_KEEPALIVE);
	mpcnet_conf_clear(&conf);
}

static void empty_files(void)
{
	struct mpcnet_conf conf;

	CHECK(parse(&conf, "") && !conf.device.has && !conf.device.peer_count);
	mpcnet_conf_clear(&conf);
	CHECK(parse(&conf, "#\n\n  \n[Interface]\nFwMark=off\nListenPort=0\n[Interface]\n"));
	CHECK(conf.device.fwmark == 0 && conf.device.listen_port == 0);
	mpcnet_conf_clear(&conf);
}

/* A file that is refused, and what has to stand in the sentence. */
static const struct {
	const char *file;
	const char *line;
	const char *why;
} refused[] = {
	{ "x", "line 1:", "expected [Interface], [Peer] or KEY = VALUE" },
	{ "\n\nFoo = 1", "line 3:", "before \"Foo\"" },
	{ "[Interfaces]", "line 1:", "got \"[Interfaces]\"" },
	{ "[Interface]\nFoo = 1", "line 2:", "expected PrivateKey, ListenPort or FwMark" },
	{ "[Interface]\nAddress = 10.0.0.1/24",
	  "line 2:", "Address belongs to wg-quick; set it with: ip address add" },
	{ "[Interface]\ndns = 10.0.0.1", "line 2:", "DNS belongs to wg-quick" },
	{ "[Interface]\nMTU = 1420", "line 2:", "MTU belongs to wg-quick" },
	{ "[Interface]\nTable = off", "line 2:", "Table belongs to wg-quick" },
	{ "[Interface]\nPreUp = x", "line 2:", "PreUp belongs to wg-quick" },
	{ "[Interface]\nPostUp = x", "line 2:", "PostUp belongs to wg-quick" },
	{ "[Interface]\nPreDown = x", "line 2:", "PreDown belongs to wg-quick" },
	{ "[Interface]\nPostDown = x", "line 2:", "PostDown belongs to wg-quick" },
	{ "[Interface]\nSaveConfig = true", "line 2:", "SaveConfig belongs to wg-quick" },
	{ "[Interface]\nPublicKey = " A, "line 2:", "expected PrivateKey" },
	{ "[Interface]\nPrivateKey = x", "line 2:", "expected a key" },
	{ "[Interface]\nPrivateKey = ", "line 2:", "expected a key" },
	{ "[Interface]\nListenPort = 65536", "line 2:", "expected a port from 0 to 65535" },
	{ "[Interface]\nListenPort = -1", "line 2:", "expected a port" },
	{ "[Interface]\nListenPort = 1\n\nListenPort = 1", "line 4:", "given on line 2 already" },
	{ "[Interface]\nFwMark = 0x100000000", "line 2:", "expected a mark" },
	{ "[Interface]\nFwMark =", "line 2:", "expected a mark" },
	{ "[Peer]\n\n", "line 1:", "no PublicKey" },
	{ "[Peer]\nAllowedIPs = 10.0.0.1\n[Peer]\nPublicKey = " A, "line 1:", "no PublicKey" },
	{ "[Peer]\nPublicKey = " A "\n[Peer]\nPublicKey = " A, "line 3:", "line 1 already" },
	{ "[Peer]\nPublicKey = abc", "line 2:", "expected a key, 44 characters of base64, got" },
	{ "[Peer]\nPresharedKey = " A "A", "line 2:", "expected a key" },
	{ "[Peer]\nEndpoint = 1.2.3.4", "line 2:", "without a port" },
	{ "[Peer]\nEndpoint = 1.2.3.4:0", "line 2:", "expected a port from 1 to 65535" },
	{ "[Peer]\nEndpoint = ::1:80", "line 2:", "with brackets" },
	{ "[Peer]\nPersistentKeepalive = 65536", "line 2:", "expected seconds" },
	{ "[Peer]\nPersistentKeepalive = on", "line 2:", "expected seconds" },
	{ "[Peer]\nAllowedIPs = 10.0.0.0/33", "line 2:", "expected ADDRESS/LENGTH" },
	{ "[Peer]\nAllowedIPs = 10.0.0.1,,10.0.0.2", "line 2:", "expected ADDRESS/LENGTH" },
	{ "[Peer]\nAllowedIPs = a.example/8", "line 2:", "expected ADDRESS/LENGTH" },
	{ "[Peer]\nPublicKey = " A "\nAllowedIPs = +10.0.0.0/8\nAllowedIPs = 10.0.0.1",
	  "line 4:", "all of a peer's have + or - or none" },
	{ "[Peer]\nListenPort = 1", "line 2:", "expected PublicKey" },
};

static void refusals(void)
{
	struct mpcnet_conf conf;

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		bool taken = parse(&conf, refused[i].file);
		bool told = !taken &&
			    !strncmp(err.text, refused[i].line, strlen(refused[i].line)) &&
			    strstr(err.text, refused[i].why);

		CHECK(told);
		if (!told)
			printf("# %s\n# %s\n", refused[i].file, taken ? "taken" : err.text);
	}
}

/* A key with a slip of one digit is nearly the secret: it must not be told. */
static void secrets_not_told(void)
{
	struct mpcnet_conf conf;

	CHECK(!parse(&conf,
		     "[Interface]\nPrivateKey = dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCp="));
	CHECK(!strstr(err.text, "dwdt"));
	CHECK(!parse(&conf, "[Peer]\nPresharedKey = dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCp="));
	CHECK(!strstr(err.text, "dwdt"));
}

static void zero_byte(void)
{
	char file[] = "[Interface]\nListen\0Port = 1\n";
	struct mpcnet_text text = { file, sizeof(file) - 1, sizeof(file) };
	struct mpcnet_conf conf;

	CHECK(mpcnet_conf_parse(&conf, &text, &err) && strstr(err.text, "line 2: expected text"));
}

static void last_claim_wins(void)
{
	struct mpcnet_conf conf;

	CHECK(parse(&conf,
		    "[Peer]\nPublicKey = " A "\nAllowedIPs = 10.0.0.0/8, 10.0.0.0/9, 10.0.0.0/8\n"
		    "[Peer]\nPublicKey = " B "\nAllowedIPs = 10.1.1.1/8\n"));
	CHECK(conf.device.peers[0].ip_count == 1 && conf.device.peers[0].ips[0].cidr == 9);
	CHECK(conf.device.peers[1].ip_count == 1 && conf.device.peers[1].ips[0].cidr == 8);
	mpcnet_conf_clear(&conf);
}

static void written_and_read(void)
{
	static const char file[] =
		"[Interface]\nPrivateKey = " SECRET "\nListenPort = 1\nFwMark = 0x2\n"
		"\n[Peer]\nPublicKey = " A "\nPresharedKey = " B "\n"
		"AllowedIPs = 10.0.0.2/32, fd00::/64\nEndpoint = [::1]:9\n"
		"PersistentKeepalive = 25\n\n[Peer]\nPublicKey = " B "\n";
	struct mpcnet_text text = { 0 }, hidden = { 0 };
	struct mpcnet_conf conf;

	CHECK(parse(&conf, file));
	CHECK(!mpcnet_conf_resolve(&conf, &err));
	/* The key of the file is not clamped; what is written is. */
	CHECK(mpcnet_key_from_text(conf.device.private_key, SECRET, 44));
	CHECK(mpcnet_conf_write(&text, &conf.device, true));
	CHECK(!strcmp(text.data, file));
	CHECK(mpcnet_conf_write(&hidden, &conf.device, false));
	CHECK(!strstr(hidden.data, SECRET) && !strstr(hidden.data, "PresharedKey = " B));
	CHECK(strstr(hidden.data, "PresharedKey = (hidden)\n"));
	mpcnet_text_free(&text);
	mpcnet_text_free(&hidden);
	mpcnet_conf_clear(&conf);
}

static void hidden_keys(void)
{
	struct mpcnet_conf conf, have;

	CHECK(parse(&have, "[Peer]\nPublicKey = " A "\nPresharedKey = " SECRET));
	CHECK(parse(&conf, "[Interface]\nPrivateKey = (hidden)\n[Peer]\nPublicKey = " A
			   "\nPresharedKey = (hidden)"));
	CHECK(!(conf.device.has & MPCNET_DEVICE_HAS_PRIVATE_KEY));
	CHECK(mpcnet_conf_has_hidden(&conf) && !mpcnet_conf_has_hidden(&have));
	CHECK(!mpcnet_conf_unhide(&conf, &have.device, &err));
	CHECK(!memcmp(conf.device.peers[0].psk, have.device.peers[0].psk, MPCNET_KEY_LEN));
	mpcnet_conf_clear(&have);
	CHECK(parse(&have, "[Peer]\nPublicKey = " A));
	CHECK(mpcnet_conf_unhide(&conf, &have.device, &err) && strstr(err.text, "line 5:"));
	mpcnet_conf_clear(&have);
	mpcnet_conf_clear(&conf);
}

static const struct unit_test tests[] = {
	{ "conf: a whole file", whole_file },
	{ "conf: files that say nothing", empty_files },
	{ "conf: every refusal has its line and what was expected", refusals },
	{ "conf: a secret with a slip is not told", secrets_not_told },
	{ "conf: a zero byte", zero_byte },
	{ "conf: an allowed IP of two peers is the last one's", last_claim_wins },
	{ "conf: written and read", written_and_read },
	{ "conf: hidden keys are the interface's", hidden_keys },
	{ 0 },
};
UNIT_TESTS(tests)
