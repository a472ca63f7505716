"""What may go wrong with a CRM, and what to do about it: a table to read, and the one way in which we try again.

Sources: Salesforce REST API Developer Guide, "Status Codes and Error Responses"; HubSpot developer documentation,
"Error handling" and "API usage guidelines".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from connectors.errors import ConnectorError, NeedsAdmin, TryLater

ANY = "*"
LONGEST_PAUSE_S = 120.0
LONGEST_TRIAL_S = 300.0


class Refusal(Exception):
    """A request that the CRM refused, or that never reached it. It holds no value of any record.

    Attributes
    ----------
    status : the HTTP status; None when there was no answer.
    code : the CRM's own error code, or one of TIMEOUT, CONNECTION, TLS, GARBLED.
    detail : what is safe to show: the names of fields, scopes or objects concerned.
    retry_after : seconds that the CRM asks us to wait; None when it did not say.
    row : the CRM's whole message. It may quote a record: it goes into a row's receipt and nowhere else.
    final : sending it again might do the same thing twice.
    """

    def __init__(
        self, status: int | None, code: str, detail: str = "", retry_after: float | None = None, row: str = ""
    ) -> None:
        super().__init__(f"{status or 'no answer'} {code} {detail}".strip())
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.row = row
        self.final = False


@dataclass(frozen=True, slots=True)
class Retry:
    """It passes by itself: wait as long as asked, else in growing random steps, and send the same again."""

    message: str
    attempts: int = 7


@dataclass(frozen=True, slots=True)
class Reauthenticate:
    """Log in again, once, and send the same again."""

    message: str = "The CRM refused the login."
    remedy: str = "Check the credential in the environment, and that the app is still installed and allowed."


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing to be done in this run."""

    message: str
    remedy: str = "The next scheduled run goes on where this one stopped."


@dataclass(frozen=True, slots=True)
class Admin:
    """Someone must change something first."""

    message: str
    remedy: str


Action = Retry | Reauthenticate | Later | Admin

BUSY = Retry("The CRM is busy or out of order.")
TOO_FAST = Retry("The CRM asks for fewer calls a second.")
QUOTA = Later("The CRM's daily quota of calls is used up.", "The next run goes on once the quota is free again.")
NO_RIGHT = Admin(
    "The CRM user may not do this.", "Give the integration user or app the permission or scope named here."
)
NO_FIELD = Admin(
    "A field or object is unknown to the CRM user.", "Give the user read access to it, or run `readiness provision`."
)

RECOVERY: Mapping[tuple[int | None, str], Action] = {
    (None, "CONNECTION"): Retry("The CRM cannot be reached.", attempts=5),
    (None, "TIMEOUT"): Retry("The CRM does not answer in time."),
    (None, "GARBLED"): Retry("The CRM's answer broke off."),
    (None, "TLS"): Admin("The CRM's certificate is not trusted.", "Check the url, and the proxy's certificate."),
    (400, "QUERY_TIMEOUT"): Retry("A query took too long."),
    (400, "SERVER_UNAVAILABLE"): BUSY,
    (400, "INVALID_FIELD"): NO_FIELD,
    (400, "INVALID_TYPE"): NO_FIELD,
    (400, "INSUFFICIENT_ACCESS"): NO_RIGHT,
    (400, "PROPERTY_DOESNT_EXIST"): NO_FIELD,
    (401, "INVALID_SESSION_ID"): Reauthenticate(),
    (401, ANY): Reauthenticate(),
    (403, "REQUEST_LIMIT_EXCEEDED"): QUOTA,
    (403, "TOO_MANY_REQUESTS"): TOO_FAST,
    (403, "API_DISABLED_FOR_ORG"): Admin("The org has no API access.", "Enable the API, or use another edition."),
    (403, ANY): NO_RIGHT,
    (404, ANY): Admin("The CRM does not know this address.", "Check the url of the connection and the API version."),
    (408, ANY): BUSY,
    (414, ANY): Admin("A request became too long.", "Read fewer custom fields."),
    (420, ANY): TOO_FAST,
    (429, "DAILY"): QUOTA,
    (429, ANY): TOO_FAST,
    (477, ANY): Later("HubSpot is moving this account to another data centre.", "Try again in a day."),
    (500, ANY): BUSY,
    (502, ANY): BUSY,
    (503, ANY): BUSY,
    (504, ANY): BUSY,
    (520, ANY): BUSY,
    (521, ANY): BUSY,
    (522, ANY): BUSY,
    (523, ANY): BUSY,
    (524, ANY): BUSY,
}

ROW_OUTCOMES: Mapping[str, str] = {
    "UNABLE_TO_LOCK_ROW": "retry",
    "SERVER_UNAVAILABLE": "retry",
    "INTERNAL_ERROR": "retry",
    "LOCKED": "retry",
    "ENTITY_IS_DELETED": "gone",
    "NOT_FOUND": "gone",
    "OBJECT_NOT_FOUND": "gone",
    "INVALID_CROSS_REFERENCE_KEY": "gone",
}
"""A row's error code -> the outcome on its receipt; any other code is "rejected"."""


def action_for(refusal: Refusal) -> Action:
    """What to do about it: by status and code, else by status, else an admin must look."""
    named = RECOVERY.get((refusal.status, refusal.code)) or RECOVERY.get((refusal.status, ANY))
    return named or Admin("The CRM refused a request.", "Report the status and code named here.")


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait by `Retry-After-Ms` or `Retry-After` (seconds or an HTTP date); None when not said."""
    by_name = {name.lower(): value for name, value in headers.items()}
    try:
        if "retry-after-ms" in by_name:
            return max(float(by_name["retry-after-ms"]) / 1000, 0.0)
        said = by_name.get("retry-after")
        if said is None:
            return None
        if said.strip().replace(".", "", 1).isdigit():
            return float(said)
        return max((parsedate_to_datetime(said) - (now or datetime.now(UTC))).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def explained(refusal: Refusal, where: str) -> ConnectorError:
    """The refusal as one sentence with a remedy, for whoever reads the failed run."""
    action = action_for(refusal)
    facts = ", ".join(part for part in (where, str(refusal.status or ""), refusal.code, refusal.detail) if part)
    message = f"{action.message} ({facts})"
    if isinstance(action, Retry):
        return TryLater(message, "It did so after several attempts; the next run goes on where this one stopped.")
    return (TryLater if isinstance(action, Later) else NeedsAdmin)(message, action.remedy)


def _passes(error: BaseException) -> bool:
    return (
        isinstance(error, Refusal)
        and not error.final
        and isinstance(action_for(error), Retry)
        and (error.retry_after or 0.0) <= LONGEST_PAUSE_S
    )


_too_long = stop_after_delay(LONGEST_TRIAL_S)


def _tried_enough(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    action = action_for(error) if isinstance(error, Refusal) else None
    return not isinstance(action, Retry) or state.attempt_number >= action.attempts or _too_long(state)


_growing = wait_random_exponential(multiplier=0.5, max=20.0)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Refusal) else None
    return _growing(state) if asked is None else min(asked, LONGEST_PAUSE_S)


patiently = Retrying(
    retry=retry_if_exception(_passes),
    wait=_pause,
    stop=_tried_enough,
    reraise=True,
)
"""Calls a function until it succeeds, or raises its last `Refusal`. Every wait and the whole trial are bounded."""
