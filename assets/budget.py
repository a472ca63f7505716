"""The share of the CRM's daily calls that is ours: other integrations live from the same quota."""

from __future__ import annotations

from assets.config import Files
from assets.errors import Busy
from assets.session import Session


class Spent(Busy):
    """Our share of the day's calls is used up. What was pulled and written is kept; the next run goes on there."""


def spend(session: Session) -> None:
    """Go on only while the calls of the last 24 hours stay under `daily_calls`.

    Raises
    ------
    Spent : they don't.
    """
    config = session.connection.config
    limits = session.connector.limits()
    if isinstance(config, Files) or not limits.daily_limit:
        return
    most = int(limits.daily_limit * config.daily_calls)
    ours = session.calls + session.run.calls_before
    if ours > most:
        raise Spent(
            f"{session.connection.name}: {ours:,} calls in 24 hours are more than our share of {most:,} "
            f"({config.daily_calls:.0%} of {limits.daily_limit:,}). A later run goes on from here by itself; a larger "
            "share is given with daily_calls: in readiness.yaml."
        )
