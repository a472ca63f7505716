"""What may go wrong with a CRM, named by what to do about it. Messages carry no secret and no customer data."""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of all that a connector raises. `remedy` is one sentence for whoever reads the failed run."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class NeedsAdmin(ConnectorError):
    """Nothing will change by trying again: a credential, a permission, a field or a setting must be mended."""


class TryLater(ConnectorError):
    """The CRM is out of reach, busy, or its quota is used up: the next scheduled run goes on where this one stopped."""


class BadRow(ConnectorError):
    """One record's fault: the rest goes on."""
