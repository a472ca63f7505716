"""Whether only time has passed since the fields were worded: then they stand until the day turns.

Forgetting moves every reading a little at every instant. Told as it happens, it would have some record of a large book
rewritten in each run, each meeting the last one's echo; told once a day it costs one write at most. See
docs/adr/0005-fields-stand-while-only-time-passes.md.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from importlib.metadata import version
from zoneinfo import ZoneInfo

from assets.model import shelf
from assets.session import Session
from assets.warehouse import worded


def only_time_has_passed(session: Session) -> bool:
    """Whether what the CRM says, the config, the model and the day are those of the last wording."""
    return worded.stand(session.store, *_means(session))


def note(session: Session) -> None:
    """The fields have been worded from all that has been pulled so far."""
    worded.note(session.store, *_means(session))


def _means(session: Session) -> tuple[date, str]:
    """The day on the connection's calendar, and a digest of config, program and model."""
    config = session.connection.config
    parts = (config.model_dump_json(), version("buyer-readiness"), shelf.chosen_version(session.connection))
    day = session.run.as_of.astimezone(ZoneInfo(config.zone)).date()
    return day, sha256("\n".join(parts).encode()).hexdigest()
