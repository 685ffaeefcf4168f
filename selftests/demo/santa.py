#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Secret Santa: who gives a present to whom, so that nobody draws himself.

Usage: santa.py [MPyC's flags] [NUMBER]

NUMBER people (default 8) draw. Person P belongs to party P mod M, and only
this party learns whom P has drawn.
"""

import sys

from mpyc.runtime import mpc


async def draw(number):
    """Return what this party's people have drawn, as pairs."""
    secint = mpc.SecInt(32)
    drawn = mpc.random.random_derangement(secint, list(range(number)))
    parties = len(mpc.parties)
    opened = [await mpc.output(x, receivers=p % parties) for p, x in enumerate(drawn)]
    return [(p, int(x)) for p, x in enumerate(opened) if p % parties == mpc.pid]


async def main():
    """Draw, and print this party's part."""
    number = sys.argv[1] if sys.argv[1:] else '8'
    if not number.isdigit() or not 2 <= int(number) <= 99:
        sys.exit(f'santa.py: {number}: 2 to 99 people can draw')
    async with mpc:
        pairs = await draw(int(number))
    for giver, receiver in pairs:
        print(f'person {giver} gives to person {receiver}')


mpc.run(main())
