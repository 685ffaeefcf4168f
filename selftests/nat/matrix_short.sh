#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A few pairs of matrix.sh, of each kind of path one.
exec "$(dirname "$0")/matrix.sh" eim-apdf:eim-apdf eim-apdf:apdm-random hairpin:lan
