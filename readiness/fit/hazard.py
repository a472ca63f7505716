"""Penalised maximum likelihood for discrete-time competing risks, by projected Newton steps.

The log-likelihood of a multinomial logit per bucket (Tutz & Schmid 2016, ch. 8), open deals censored. The bounds on
effects are kept as in Bertsekas, "Projected Newton methods for optimization problems with simple constraints" (1982).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
CAUSES = 3
MOST_STEPS = 40
MOST_CROSSINGS = 10
ENOUGH = 1e-6
"""A step that improves the penalised likelihood by less than this share of it is the last."""

ROWS_FOR_CURVATURE = 4_000
"""The gradient reads every row; its curvature, which only steers the step, an even sample of so many."""


@dataclass(frozen=True)
class Evidence:
    """What n landmarks say over U buckets.

    Attributes
    ----------
    terms : of shape (n, p), the terms' values. at_risk : of shape (n, U), the landmark's weight where the bucket
        counts. endings : of shape (n, U, 3), its weight in the bucket of its ending, under its cause.
    far : of shape (U,), how far each bucket is from now (0) to the far future (1).
    """

    terms: Floats
    at_risk: Floats
    endings: Floats
    far: Floats


@dataclass(frozen=True)
class Beliefs:
    """What is believed before the evidence, per cause, in the order: near effects, far effects, baselines.

    Attributes
    ----------
    start, lower, upper : of shape (3, 2p + U). precision : of shape (2p + U, 2p + U), the penalty's matrix.
    """

    start: Floats
    lower: Floats
    upper: Floats
    precision: Floats


def at_risk_and_endings(
    days: Floats, cause: NDArray[np.int64], followed: Floats, edges: Floats
) -> tuple[Floats, Floats]:
    """Which buckets of a landmark count, and in which of them it ended: 1 or 0, of shapes (n, U) and (n, U, 3).

    A bucket counts where the deal was open at its start and all of it lies before the last thing known: whether it
    counts never depends on what happened in it.

    Parameters
    ----------
    days : of shape (n,), to the ending or the end of what is known. cause : of shape (n,), -1 when still open.
    followed : of shape (n,), days to the end of what is known.
    """
    starts = np.concatenate([[0.0], edges[:-1]])
    counts = (days[:, None] > starts) & (followed[:, None] >= edges)
    endings = np.zeros((*counts.shape, CAUSES))
    ended = np.flatnonzero((cause >= 0) & (days <= edges[-1]))
    bucket = np.searchsorted(edges, days[ended], side="left")
    endings[ended, bucket, cause[ended]] = counts[ended, bucket]
    return counts.astype(np.float64), endings


def maximise(evidence: Evidence, beliefs: Beliefs) -> Floats:
    """The effects and baselines of the highest penalised likelihood, of shape (3, 2p + U).

    On one thread: the matrices are small, and threads that wait for each other on a busy machine take far longer.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        point = np.clip(beliefs.start, beliefs.lower, beliefs.upper)
        chances = ending_chances(evidence, point)
        loss = _loss(evidence, beliefs, point, chances)
        for _ in range(MOST_STEPS):
            moved, chances, better = _step(evidence, beliefs, point, chances, loss)
            gained, point, loss = loss - better, moved, better
            if gained < ENOUGH * (1 + abs(loss)):
                break
        return point


def _step(
    evidence: Evidence, beliefs: Beliefs, point: Floats, chances: Floats, loss: float
) -> tuple[Floats, Floats, float]:
    """A Newton step, halved until it helps: the new point, its chances and its loss."""
    gradient = _gradient(evidence, beliefs, point, chances)
    step = _newton_step(evidence, beliefs, point, chances, gradient)
    size = 1.0
    while size > 1e-6:
        moved = np.clip(point - size * step, beliefs.lower, beliefs.upper)
        reached = ending_chances(evidence, moved)
        better = _loss(evidence, beliefs, moved, reached)
        if better <= loss - 1e-4 * float((gradient * (point - moved)).sum()):
            return moved, reached, better
        size /= 2
    return point, chances, loss


def ending_chances(evidence: Evidence, point: Floats) -> Floats:
    """The chance of each ending within a bucket, given that it was reached; of shape (n, U, 3)."""
    p = evidence.terms.shape[1]
    now, later = evidence.terms @ point[:, :p].T, evidence.terms @ point[:, p : 2 * p].T
    far = evidence.far[None, :, None]
    odds = np.exp(np.clip(now[:, None, :] * (1 - far) + later[:, None, :] * far + point[:, 2 * p :].T, -30.0, 30.0))
    return np.asarray(odds / (1 + odds.sum(axis=2, keepdims=True)))


def _misfit(evidence: Evidence, chances: Floats) -> float:
    stays = np.log(np.maximum(1 - chances.sum(axis=2), 1e-300))
    ends = np.log(np.maximum(chances, 1e-300)) - stays[:, :, None]
    return -float((evidence.at_risk * stays).sum() + (evidence.endings * ends).sum())


def _loss(evidence: Evidence, beliefs: Beliefs, point: Floats, chances: Floats) -> float:
    away = point - beliefs.start
    return _misfit(evidence, chances) + 0.5 * float(np.einsum("ck,kl,cl->", away, beliefs.precision, away))


def _gradient(evidence: Evidence, beliefs: Beliefs, point: Floats, chances: Floats) -> Floats:
    excess = evidence.at_risk[:, :, None] * chances - evidence.endings
    far = np.einsum("nuc,u->nc", excess, evidence.far)
    near = excess.sum(axis=1) - far
    parts = (evidence.terms.T @ near, evidence.terms.T @ far, excess.sum(axis=0))
    return np.concatenate(parts).T + (point - beliefs.start) @ beliefs.precision


def _newton_step(evidence: Evidence, beliefs: Beliefs, point: Floats, chances: Floats, gradient: Floats) -> Floats:
    """Towards the minimum of the second-order model within the bounds."""
    size, every = point.shape[1], len(chances) // ROWS_FOR_CURVATURE + 1
    hessian = np.zeros((CAUSES, size, CAUSES, size))
    terms, at_risk = evidence.terms[::every].astype(np.float32), evidence.at_risk[::every] * every
    for one in range(CAUSES):
        for other in range(one, CAUSES):
            variance = at_risk * chances[::every, :, one] * (float(one == other) - chances[::every, :, other])
            block = _curvature(terms, variance.astype(np.float32), evidence.far.astype(np.float32))
            hessian[one, :, other, :] = block
            hessian[other, :, one, :] = block.T
        hessian[one, :, one, :] += beliefs.precision
    return _within_bounds(hessian.reshape(point.size, point.size), beliefs, point, gradient)


def _within_bounds(hessian: Floats, beliefs: Beliefs, point: Floats, gradient: Floats) -> Floats:
    """The Newton step with effects that push against their bound held there, and those that would cross set on it."""
    at, slope, lower, upper = point.ravel(), gradient.ravel(), beliefs.lower.ravel(), beliefs.upper.ravel()
    held = ((at <= lower) & (slope > 0)) | ((at >= upper) & (slope < 0))
    step = np.zeros(at.size)
    for _ in range(MOST_CROSSINGS):
        free = np.flatnonzero(~held)
        pull = slope[free] - hessian[np.ix_(free, np.flatnonzero(held))] @ step[held]
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)] + 1e-9 * np.eye(free.size), pull)
        crossing = ~held & ((at - step < lower) | (at - step > upper))
        if not crossing.any():
            break
        step[crossing] = at[crossing] - np.clip(at[crossing] - step[crossing], lower[crossing], upper[crossing])
        held |= crossing
    return step.reshape(point.shape)


def _curvature(terms: Singles, variance: Singles, far: Singles) -> Floats:
    """The block of the Hessian between two causes, whose covariance in each row and bucket is `variance`."""
    p, buckets = terms.shape[1], far.size
    block = np.zeros((2 * p + buckets, 2 * p + buckets))
    ends = ((slice(0, p), 1 - far), (slice(p, 2 * p), far))
    for row, (rows, row_far) in enumerate(ends):
        crossed = terms.T @ (variance * row_far)
        block[rows, 2 * p :] = crossed
        block[2 * p :, rows] = crossed.T
        for columns, column_far in ends[row:]:
            gram = terms.T @ (terms * (variance @ (row_far * column_far))[:, None])
            block[rows, columns] = gram
            block[columns, rows] = gram
    block[2 * p :, 2 * p :] = np.diag(variance.sum(axis=0))
    return block
