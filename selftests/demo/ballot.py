#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A secret ballot: every party brings the votes of its own polling station.

The parties learn how many votes were cast and in which order the candidates
came in. Nobody learns how many votes a candidate got, in all or at a station.

Usage: ballot.py [MPyC's flags] [DIRECTORY]

DIRECTORY (default: input, beside this file) holds candidates.txt, which is
public, and for party I its own partyI.txt, one vote a line. Lines that are
empty or begin with # do not count.
"""

import sys
from pathlib import Path

from mpyc.runtime import mpc


class BadInput(Exception):
    """What is wrong with an input file, in one line."""


def read_lines(path):
    """Return the lines of a file that count, with their numbers."""
    try:
        text = path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as exc:
        raise BadInput(f'{path}: {exc}') from exc
    lines = ((i, line.strip()) for i, line in enumerate(text.splitlines(), 1))
    return [(i, line) for i, line in lines if line and not line.startswith('#')]


def read_candidates(path):
    """Return the candidates, two or more, each once."""
    candidates = [name for _, name in read_lines(path)]
    if len(candidates) < 2 or len(set(candidates)) < len(candidates):
        raise BadInput(f'{path}: two or more candidates, each once, are needed')
    return candidates


def read_votes(path, candidates):
    """Return how many votes each candidate has at this station."""
    votes = dict.fromkeys(candidates, 0)
    for number, name in read_lines(path):
        if name not in votes:
            raise BadInput(f'{path}:{number}: "{name}" is not a candidate')
        votes[name] += 1
    return list(votes.values())


async def count(votes):
    """Return the number of votes of all stations, and the order of the candidates.

    A vote weighs len(votes), which leaves room to order equal candidates as
    they are listed: no two keys are equal, so a tie does not show either.
    """
    secint = mpc.SecInt(32)
    stations = mpc.input([secint(v) for v in votes])
    totals = [mpc.sum(list(column)) for column in zip(*stations)]
    n = len(votes)
    rows = [[total * n + (n - 1 - i), secint(i)] for i, total in enumerate(totals)]
    rows = mpc.sorted(rows, key=lambda row: row[0], reverse=True)
    cast = await mpc.output(mpc.sum(totals))
    order = await mpc.output([row[1] for row in rows])
    return int(cast), [int(i) for i in order]


async def main():
    """Read this party's votes, count them with the others', print the result."""
    directory = Path(sys.argv[1] if sys.argv[1:] else Path(__file__).parent / 'input')
    try:
        candidates = read_candidates(directory / 'candidates.txt')
        votes = read_votes(directory / f'party{mpc.pid}.txt', candidates)
    except BadInput as exc:
        sys.exit(f'ballot.py: {exc}')
    print(f'own votes: {sum(votes)}', flush=True)
    async with mpc:
        cast, order = await count(votes)
    print(f'result: votes cast: {cast}')
    for place, i in enumerate(order, 1):
        print(f'result: {place}. {candidates[i]}')


mpc.run(main())
