"""The exact Markov chain of a line with redials: what the queue model must come to in the long run.

A state is the callers on the line and those at home who mean to dial again. Everything is
exponential. The second number has no limit in truth; it is cut where next to nobody is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve


@dataclass(frozen=True)
class Chain:
    """A line. Rates are per unit of time, the mean talk is 1 / ``serve``.

    Attributes:
        arrive: New callers.
        serve: Calls one agent ends.
        agents, trunks: As of the line; held and answered calls occupy trunks.
        leave: Calls one holding caller gives up; 0 for endless patience.
        again: Calls one caller at home dials again.
        busy, abandoned: Chance to dial again after a busy tone, after hanging up.
        at_home: Where the number of those at home is cut.
    """

    arrive: float
    serve: float
    agents: int
    trunks: int
    leave: float
    again: float
    busy: float
    abandoned: float
    at_home: int


@dataclass(frozen=True)
class Settled:
    """The settled line.

    Attributes:
        blocked: Share of attempts that hear busy.
        abandoned: Share of the calls let in.
        mean_wait: Mean hold of the calls let in, answered or not.
        at_home: Mean number of those who mean to dial again.
        cut: Chance of the last number kept: how much the cut leaves out.
    """

    blocked: float
    abandoned: float
    mean_wait: float
    at_home: float
    cut: float


def settle(chain: Chain) -> Settled:
    """Solve the balance equations."""
    chances = _stationary(chain)
    on_line = np.arange(chain.trunks + 1)[:, None]
    home = np.arange(chain.at_home + 1)[None, :]
    attempts = chances * (chain.arrive + chain.again * home)
    let_in = float(attempts[:-1].sum())
    holding = float((chances * np.maximum(on_line - chain.agents, 0)).sum())
    return Settled(
        blocked=float(attempts[-1].sum() / attempts.sum()),
        abandoned=holding * chain.leave / let_in,
        mean_wait=holding / let_in,  # Little's law
        at_home=float((chances * home).sum()),
        cut=float(chances[:, -1].sum()),
    )


def _stationary(chain: Chain) -> np.ndarray:
    """Chance of each state, shape (trunks + 1, at_home + 1)."""
    wide = chain.at_home + 1
    n, r = (each.ravel() for each in np.mgrid[0 : chain.trunks + 1, 0:wide])
    free, home = n < chain.trunks, r < chain.at_home
    tires = np.maximum(n - chain.agents, 0) * chain.leave
    moves = [  # callers on the line, callers at home, rate, where it can happen
        (1, 0, np.full(len(n), chain.arrive), free),
        (0, 1, np.full(len(n), chain.arrive * chain.busy), ~free & home),
        (1, -1, r * chain.again, free & (r > 0)),
        (0, -1, r * chain.again * (1 - chain.busy), ~free & (r > 0)),
        (-1, 0, np.minimum(n, chain.agents) * chain.serve, n > 0),
        (-1, 0, tires * np.where(home, 1 - chain.abandoned, 1.0), n > 0),
        (-1, 1, tires * chain.abandoned, (n > 0) & home),
    ]
    rows, columns, rates = [], [], []
    state = n * wide + r
    for line, away, rate, where in moves:
        rows.append(((n + line) * wide + r + away)[where])
        columns.append(state[where])
        rates.append(rate[where])
    into = coo_array(
        (np.concatenate(rates), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(n), len(n)),
    ).tocsc()
    balance = (into - coo_array((into.sum(axis=0), (state, state)), into.shape)).tolil()
    balance[0, :] = 1.0  # one equation follows from the others; the chances come to 1 instead
    right = np.zeros(len(n))
    right[0] = 1.0
    return np.asarray(spsolve(balance.tocsc(), right)).reshape(chain.trunks + 1, wide)
