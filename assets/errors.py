"""What a user may be told when something is wrong: one message that names it and what to do, and an exit code."""

from __future__ import annotations


class ReadinessError(Exception):
    """Base of all that a user can mend or wait for. `str()` is the whole message, without a traceback."""

    exit_code = 1


class ConfigError(ReadinessError):
    """readiness.yaml, or what it points at, is not as it should be."""

    exit_code = 2


class Refused(ReadinessError):
    """The product will not do this: going on could harm the CRM or the store."""

    exit_code = 3


class Busy(ReadinessError):
    """Somebody else is at work on this connection; trying again later is enough."""

    exit_code = 4


class NoRoom(ReadinessError):
    """The disk is full: what had been stored by then is whole, and the next run goes on from there."""
