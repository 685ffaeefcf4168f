# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# IPsec ESP with AES-256-GCM.

# shellcheck source=selftests/bench/esp.sh
. "$BENCH/esp.sh"

# shellcheck disable=SC2034 # for esp.sh
esp_aead="rfc4106(gcm(aes))"
