"""Chances by a day within the horizon, in arrays, for judging a forecast before every deal has ended."""

from __future__ import annotations

import narwhals as nw
import numpy as np

from readiness.fit.hazard import Evidence, Floats, ending_chances
from readiness.fit.terms import values
from readiness.forecast.parameters import CAUSES, Parameters
from readiness.forecast.predict import positions


def chances_by(parameters: Parameters, rows: nw.DataFrame, day: float | Floats) -> Floats:
    """The chance of win, loss and no-decision within so many days of each landmark; of shape (rows, 3).

    Parameters
    ----------
    day : one number for all, or one for each row.
    """
    edges = np.asarray(parameters.edges)
    starts = np.concatenate([[0.0], edges[:-1]])
    far = np.asarray(positions(parameters.edges, parameters.turn))
    seen = Evidence(values(rows, parameters.terms), np.empty((0, 0)), np.empty((0, 0, 0)), far)
    within = ending_chances(seen, _point(parameters))
    stays = 1 - within.sum(axis=2)
    reached = np.cumprod(np.hstack([np.ones((len(stays), 1)), stays[:, :-1]]), axis=1)
    until = np.broadcast_to(np.asarray(day, dtype=np.float64), (len(stays),))
    share = np.clip((until[:, None] - starts) / (edges - starts), 0.0, 1.0)
    return np.asarray(np.einsum("nu,nuc,nu->nc", reached, within, share))


def _point(parameters: Parameters) -> Floats:
    effects = np.array([[*term.near, *term.far] for term in parameters.terms]).reshape(-1, 2, len(CAUSES))
    return np.hstack([effects[:, 0].T, effects[:, 1].T, np.array(parameters.baseline).T])
