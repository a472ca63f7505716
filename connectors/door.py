"""The raw request door to a CRM: one session, bounded waits, the recovery table, and a count of every call."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from urllib3.exceptions import HTTPError as BrokenBody

from connectors.loopback import TIMEOUT_S
from connectors.recovery import Refusal, explained, patiently

WHOLE_ANSWER_S = 600.0


Params = Mapping[str, Any] | None
AMBIGUOUS = {None, 500, 502, 504}
"""Statuses after which a request may or may not have been carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of the CRM; `data` is its parsed JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    data: Any


class Door(ABC):
    """Sends requests to one CRM account. Safe to use from several threads.

    Subclasses say how a request is addressed and signed, what an error body means, and how to log in again.
    """

    def __init__(self, session: requests.Session) -> None:
        self.session = session
        self.calls = 0
        self._lock = threading.Lock()
        self._clock: tuple[datetime, float] | None = None

    @abstractmethod
    def _signed(self, method: str, path: str, params: Params, payload: bytes | None) -> requests.Request: ...

    @abstractmethod
    def _refusal(self, path: str, status: int, headers: Mapping[str, str], body: bytes) -> Refusal: ...

    @abstractmethod
    def _renew(self, refused: requests.PreparedRequest) -> bool:
        """Log in again, unless another thread has done so since `refused` was signed; False where there is no way."""

    def _turn(self, path: str) -> AbstractContextManager[None]:
        """Entered before a request is sent, and left when its answer begins; entering may wait."""
        return nullcontext()

    def _noted(self, headers: Mapping[str, str]) -> None:
        """Called with the headers of each answer."""
        return

    def json(self, method: str, path: str, body: Any = None, params: Params = None) -> Any:
        """The parsed answer to a request that may be repeated; `send` says the rest."""
        return self.send(method, path, body, params).data

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Params = None,
        *,
        repeatable: bool = True,
        own: Collection[int | None] = (),
    ) -> Answer:
        """The answer to a request, after as many attempts as the recovery table allows.

        Parameters
        ----------
        body : sent as JSON, or as it is where it is bytes.
        repeatable : False for what must not happen twice (creating): a lost answer is then not asked for again.
        own : statuses that the caller handles (None: no answer); they raise `Refusal` instead of a ConnectorError.

        Raises
        ------
        NeedsAdmin, TryLater : as the recovery table says; Refusal : a status in `own`.
        """
        payload = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        try:
            return patiently(self._once, method, path, params, payload, repeatable)
        except Refusal as refusal:
            if refusal.status in own:
                raise
            raise explained(refusal, f"{method} {path}") from None

    def stream(self, path: str, params: Params = None, *, own: Collection[int | None] = ()) -> requests.Response:
        """An opened answer whose body is read as it comes; the caller closes it. `own` is as for `send`."""
        try:
            return patiently(self._opened, "GET", path, params, None)
        except Refusal as refusal:
            if refusal.status in own:
                raise
            raise explained(refusal, f"GET {path}") from None

    def now(self) -> datetime | None:
        """The CRM's own clock, by the Date header of the latest answer and the time since; None before any."""
        if self._clock is None:
            return None
        said, at = self._clock
        return (said + timedelta(seconds=time.monotonic() - at)).replace(microsecond=0)

    def close(self) -> None:
        self.session.close()

    def _once(self, method: str, path: str, params: Params, payload: bytes | None, repeatable: bool) -> Answer:
        try:
            with self._opened(method, path, params, payload) as response:
                body = whole(response)
                data = orjson.loads(body) if body and "json" in response.headers.get("content-type", "") else None
                return Answer(response.status_code, response.headers, data)
        except orjson.JSONDecodeError:
            refusal = Refusal(None, "GARBLED")
        except Refusal as refused:
            refusal = refused
        refusal.final = not repeatable and refusal.status in AMBIGUOUS
        raise refusal

    def _opened(self, method: str, path: str, params: Params, payload: bytes | None) -> requests.Response:
        response = self._sent(method, path, params, payload)
        if response.status_code == 401 and self._renew(response.request):
            response.close()
            response = self._sent(method, path, params, payload)
        if response.status_code < 300:
            return response
        with response:
            raise self._refusal(path, response.status_code, response.headers, whole(response))

    def _sent(self, method: str, path: str, params: Params, payload: bytes | None) -> requests.Response:
        request = self.session.prepare_request(self._signed(method, path, params, payload))
        settings = self.session.merge_environment_settings(request.url or "", {}, True, None, None)
        with self._lock:
            self.calls += 1
        host = urlsplit(request.url or "").netloc
        try:
            with self._turn(path):
                response = self.session.send(request, timeout=TIMEOUT_S, allow_redirects=False, **settings)
        except requests.exceptions.SSLError:
            raise Refusal(None, "TLS", host) from None
        except requests.exceptions.Timeout:
            raise Refusal(None, "TIMEOUT", host) from None
        except requests.exceptions.RequestException:
            raise Refusal(None, "CONNECTION", host) from None
        self._remember(response.headers)
        return response

    def _remember(self, headers: Mapping[str, str]) -> None:
        said = headers.get("date")
        if said:
            with suppress(ValueError):
                self._clock = (parsedate_to_datetime(said).astimezone(UTC), time.monotonic())
        self._noted(headers)


def whole(response: requests.Response) -> bytes:
    """The body of an answer, however slowly it drips, within `WHOLE_ANSWER_S`."""
    deadline = time.monotonic() + WHOLE_ANSWER_S
    parts = []
    try:
        while part := response.raw.read1(65536, decode_content=True):
            parts.append(part)
            if time.monotonic() > deadline:
                raise Refusal(None, "TIMEOUT")
    except (BrokenBody, OSError):
        raise Refusal(None, "GARBLED") from None
    return b"".join(parts)
