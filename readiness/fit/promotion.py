"""Whether a forecast fitted to the tenant's history may replace the current one, and what it is worth.

At each of three cut-offs a model is fitted on what was known then and foretells, for each deal open in the weeks after,
whether it will be won within a number of days that are known by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import narwhals as nw
import numpy as np

from readiness.fit import metrics
from readiness.fit.baselines import known_wins, rates, stage_chances
from readiness.fit.fit import FEWEST_CLOSED, fit
from readiness.fit.hazard import Floats
from readiness.fit.metrics import losses
from readiness.fit.outlook import chances_by
from readiness.fit.training import OPEN, Training, column
from readiness.forecast.parameters import VARIANTS, Parameters
from readiness.said import Said

SHARES = (0.4, 0.6, 0.8, 1.0)
"""The cut-offs, and the end of the last one's weeks, as shares of the landmarks that may be judged."""

LATER_SHARES = (0.0, 1 / 3, 2 / 3, 1.0)
"""The same where all that may be judged lies after what the model in use has learnt from."""

FEWEST_JUDGED = 50
"""Deals to judge by, over all cut-offs together."""

TOO_GOOD = 0.90
"""An area under the curve above this is taken for leakage."""

TOO_FEW = "too few deals were decided after three cut-offs to judge by"
TOO_FEW_NEW = f"{TOO_FEW}; all of them must come after what the model in use has learnt from"
BETTER_THAN = {
    "current": ("it does not foretell better than the forecast in use: log loss {low:+.4f} to {high:+.4f} (90 %)"),
    "base rate": (
        "it does not foretell better than telling every deal the win rate: log loss {low:+.4f} to {high:+.4f} (90 %)"
    ),
}
MISCALIBRATED = "calibration error {error:.3f}, where a perfect model stays below {limit:.3f} (95 %)"
IDEAL = {
    "slope": ("calibration slope {low:.2f} to {high:.2f} (95 %) does not hold 1", 1.0),
    "intercept": ("calibration intercept {low:.2f} to {high:.2f} (95 %) does not hold 0", 0.0),
}
RANKS_WORSE = "it ranks worse than the forecast in use: AUC {own:.3f} against {used:.3f}"
LEAKS = "AUC {own:.3f} is above {limit:.1f}: taken for leakage until disproved"


@dataclass(frozen=True)
class Trial:
    """What each forecaster said of the same deals.

    Attributes
    ----------
    cut : day number of the cut-off, of shape (n,). won : 0 or 1, of shape (n,). accounts, amounts : of shape (n,).
    said : chance of being won within `horizon` days by "combined", "deal", "buyer", "current", "base rate",
        "stage probability", "stage and idle".
    slip : chance said of being undecided at the close date, and slipped : whether it was (0 or 1, NaN where that is not
        known or no date was set), of shape (n,).
    """

    horizon: float
    cut: Floats
    won: Floats
    accounts: np.ndarray
    amounts: Floats
    said: Mapping[str, Floats]
    slip: Floats
    slipped: Floats


@dataclass(frozen=True)
class Verdict:
    """What the gate says.

    Attributes
    ----------
    promoted, against : whether it may be used, and every reason against it. figures : names to numbers, for
        the model's file. trial : what they were measured on; None where there was too little to try.
    """

    promoted: bool
    against: tuple[Said, ...]
    figures: Mapping[str, float]
    trial: Trial | None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason against it, in English."""
        return tuple(map(str, self.against))


def judged(
    history: Training,
    current: Parameters,
    prior: Parameters,
    stages: Mapping[str, float],
    learnt_until: float = -np.inf,
) -> Verdict:
    """Put a fit on this history to the gate.

    Parameters
    ----------
    current : the forecast in use. prior : the expert's, that fits are held to.
    stages : the CRM's own chance of winning by stage_id, 0-1.
    learnt_until : day number up to which `current` has learnt from this very history. It is judged on later landmarks
        alone, as it knows how the earlier ones ended.
    """
    if history.closed < FEWEST_CLOSED:
        said = Said(
            "{closed:.0f} closed deals; at least {needed:.0f} are needed",
            {"closed": history.closed, "needed": FEWEST_CLOSED},
        )
        return Verdict(False, (said,), {}, None)
    trial = tried(history, current, prior, stages, learnt_until)
    if trial is None or trial.won.size < FEWEST_JUDGED or not 0 < trial.won.sum() < trial.won.size:
        said = Said(TOO_FEW_NEW if learnt_until > -np.inf else TOO_FEW)
        return Verdict(False, (said,), {"closed": float(history.closed)}, None)
    figures = measured(trial)
    against = tuple(objections(figures))
    return Verdict(not against, against, figures, trial)


def tried(
    history: Training, current: Parameters, prior: Parameters, stages: Mapping[str, float], learnt_until: float
) -> Trial | None:
    """Fit at each cut-off and ask every forecaster about the deals open after it; None where there are too few."""
    ended = history.cause != OPEN
    horizon = float(np.quantile(history.days[ended], 0.75))
    landmarks = column(history.rows, "landmark")
    judgeable = np.sort(landmarks[(landmarks < history.until - horizon) & (landmarks >= learnt_until)])
    if not judgeable.size:
        return None
    shares = SHARES if learnt_until == -np.inf else LATER_SHARES
    cuts = [float(judgeable[min(int(share * judgeable.size), judgeable.size - 1)]) for share in shares]
    parts = [_at_cut(history, cut, until, horizon, current, prior, stages) for cut, until in pairwise(cuts)]
    kept = [part for part in parts if part is not None]
    if len(kept) < len(SHARES) - 1:
        return None
    return Trial(
        horizon=horizon,
        cut=np.concatenate([part.cut for part in kept]),
        won=np.concatenate([part.won for part in kept]),
        accounts=np.concatenate([part.accounts for part in kept]),
        amounts=np.concatenate([part.amounts for part in kept]),
        said={name: np.concatenate([part.said[name] for part in kept]) for name in kept[0].said},
        slip=np.concatenate([part.slip for part in kept]),
        slipped=np.concatenate([part.slipped for part in kept]),
    )


def _at_cut(
    history: Training,
    cut: float,
    until: float,
    horizon: float,
    current: Parameters,
    prior: Parameters,
    stages: Mapping[str, float],
) -> Trial | None:
    known = history.known_at(cut)
    later = history.rows.filter((nw.col("landmark") >= cut) & (nw.col("landmark") < until))
    later = later.unique("opportunity_id", keep="first", maintain_order=True)
    rows, won = known_wins(Training(later, history.until), horizon)
    if known.closed < FEWEST_CLOSED or not won.size:
        return None
    fitted = {name: fit(known, prior, name, choice=1.0) for name in VARIANTS}
    said = {name: chances_by(parameters, rows, horizon)[:, 0] for name, parameters in fitted.items()}
    said |= {
        "current": chances_by(current, rows, horizon)[:, 0],
        "base rate": rates(known, rows, horizon, "all"),
        "stage and idle": rates(known, rows, horizon, "stage and idle"),
        "stage probability": stage_chances(rows, stages),
    }
    accounts = rows["account_id"].fill_null("").to_numpy().astype(object)
    to_close = np.nan_to_num(column(rows, "to_close"), nan=-1.0)
    known_then = (to_close >= 0) & (column(rows, "landmark") + to_close <= history.until)
    return Trial(
        horizon=horizon,
        cut=np.full(won.size, cut),
        won=won,
        accounts=accounts,
        amounts=np.expm1(column(rows, "amount")),
        said=said,
        slip=1 - chances_by(fitted["combined"], rows, to_close).sum(axis=1),
        slipped=np.where(known_then, column(rows, "days") > to_close, np.nan),
    )


def measured(trial: Trial) -> dict[str, float]:
    """The figures of the gate: scores of each forecaster, and the combined one's differences and calibration with
    their intervals (90 % for differences of log loss, 95 % for calibration), accounts drawn as a whole."""
    figures = {"deals judged": float(trial.won.size), "won": float(trial.won.sum()), "within days": trial.horizon}
    for name, chance in trial.said.items():
        figures[f"log loss, {name}"] = metrics.log_loss(chance, trial.won)
        figures[f"Brier, {name}"] = metrics.brier(chance, trial.won)
        figures[f"AUC, {name}"] = metrics.auc(chance, trial.won)
    own = trial.said["combined"]
    for other in ("current", "base rate", "stage probability", "stage and idle", "deal"):
        gain = losses(own, trial.won) - losses(trial.said[other], trial.won)
        low, high = metrics.interval(lambda rows, gain=gain: float(gain[rows].mean()), trial.accounts, 0.90)  # type: ignore[misc]
        figures |= {
            f"log loss less {other}": float(gain.mean()),
            f"log loss less {other}, low": low,
            f"log loss less {other}, high": high,
        }
    figures["ECE"] = metrics.ece(own, trial.won)
    figures["ECE by chance, high"] = metrics.ece_by_chance(own)[1]
    figures["ECE, current"] = metrics.ece(trial.said["current"], trial.won)
    figures["ECE by chance, current, high"] = metrics.ece_by_chance(trial.said["current"])[1]
    figures |= dict(zip(("slope", "intercept"), metrics.calibration(own, trial.won), strict=True))
    limits = metrics.calibration_intervals(own, trial.won, trial.accounts)
    for name, (low, high) in zip(("slope", "intercept"), limits, strict=True):
        figures |= {f"{name}, low": low, f"{name}, high": high}
    dated = ~np.isnan(trial.slipped)
    figures["slip AUC"] = metrics.auc(trial.slip[dated], trial.slipped[dated])
    booked = float((trial.won * trial.amounts).sum())
    if booked > 0:
        figures["bookings error"] = abs(float((own * trial.amounts).sum()) - booked) / booked
    return figures


def objections(figures: Mapping[str, float]) -> Sequence[Said]:
    """Every reason why the fitted forecast may not replace the current one; none lets it pass."""
    found = []
    for other, words in BETTER_THAN.items():
        low, high = figures[f"log loss less {other}, low"], figures[f"log loss less {other}, high"]
        if high >= 0:
            found.append(Said(words, {"low": low, "high": high}))
    error, limit = figures["ECE"], figures["ECE by chance, high"]
    if error > limit:
        found.append(Said(MISCALIBRATED, {"error": error, "limit": limit}))
    for name, (words, ideal) in IDEAL.items():
        low, high = figures[f"{name}, low"], figures[f"{name}, high"]
        if not low <= ideal <= high:
            found.append(Said(words, {"low": low, "high": high}))
    own, used = figures["AUC, combined"], figures["AUC, current"]
    if own < used - 0.01:
        found.append(Said(RANKS_WORSE, {"own": own, "used": used}))
    if own > TOO_GOOD:
        found.append(Said(LEAKS, {"own": own, "limit": TOO_GOOD}))
    return found


def promoted(fitted: Parameters, verdict: Verdict) -> Parameters:
    """The fitted forecast, free to show percentages where it passed the gate."""
    return replace(fitted, calibrated=verdict.promoted)
