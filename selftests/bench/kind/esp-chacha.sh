# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# IPsec ESP with ChaCha20-Poly1305.

# shellcheck source=selftests/bench/esp.sh
. "$BENCH/esp.sh"

# shellcheck disable=SC2034 # for esp.sh
esp_aead="rfc7539esp(chacha20,poly1305)"
