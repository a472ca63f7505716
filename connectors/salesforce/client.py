"""The raw request door to one Salesforce org: session and login are simple-salesforce's, JSON is read by orjson."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

import orjson
import requests
from simple_salesforce.api import Salesforce

from connectors.credentials import ClientCredentials, JwtBearer
from connectors.door import Door, Params
from connectors.errors import NeedsAdmin
from connectors.loopback import checked_base, new_session
from connectors.recovery import Refusal, retry_after
from connectors.salesforce.auth import log_in, mount

OLDEST_TESTED, NEWEST_TESTED = 65.0, 68.0
UPLOAD = "/batches"
"""Ends the path of the one request whose body is CSV."""
_COLUMN = re.compile(r"No such column '([\w.]+)' on (?:entity|sobject of type) '?(\w+)")


class SalesforceDoor(Door):
    """Logs in at the first request. Paths are relative to `/services/data/vXX.0/` unless they begin with a slash."""

    def __init__(self, url: str, credentials: ClientCredentials | JwtBearer) -> None:
        self._base = checked_base(url)
        super().__init__(new_session(self._base))
        mount(self.session, self._base)
        self._credentials = credentials
        self._client: Salesforce | None = None
        self._version: str | None = None
        self._login = threading.RLock()
        self.used: int | None = None
        self.limit: int | None = None

    @property
    def version(self) -> str:
        """The API version in use: the newest that both sides know.

        Raises
        ------
        NeedsAdmin : the org offers none that we have tested.
        """
        with self._login:
            if self._version is None:
                offered = [float(entry["version"]) for entry in self.json("GET", "/services/data")]
                known = [version for version in offered if OLDEST_TESTED <= version <= NEWEST_TESTED]
                if not known:
                    raise NeedsAdmin(
                        f"The org offers API versions up to {max(offered, default=0.0)}; {OLDEST_TESTED} is needed.",
                        "Use an org that is on a current release.",
                    )
                self._version = f"{max(known)}"
            return self._version

    def user(self) -> Mapping[str, Any]:
        """Who we are: `organization_id`, `user_id`, `name` and more, by the OpenID Connect userinfo endpoint."""
        answer: Mapping[str, Any] = self.json("GET", "/services/oauth2/userinfo")
        return answer

    def _signed(self, method: str, path: str, params: Params, payload: bytes | None) -> requests.Request:
        relative = not path.startswith("/")
        if relative:
            path = f"/services/data/v{self.version}/{path}"
        client = self._logged_in()
        headers = {"Authorization": client.headers["Authorization"], "Accept": "application/json, text/csv"}
        if payload is not None:
            headers["Content-Type"] = "text/csv" if path.endswith(UPLOAD) else "application/json"
        return requests.Request(
            method, f"https://{client.sf_instance}{path}", params=params, data=payload, headers=headers
        )

    def _logged_in(self) -> Salesforce:
        with self._login:
            if self._client is None:
                self._client = log_in(self.session, self._base, self._credentials)
            return self._client

    def _renew(self, refused: requests.PreparedRequest) -> bool:
        with self._login:
            if self._client and self._client.headers["Authorization"] == refused.headers.get("Authorization"):
                self._client = None
            self._logged_in()
        return True

    def _refusal(self, path: str, status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
        """Salesforce's errors are a list `[{"message","errorCode","fields"?}]`, those of OAuth an object."""
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError:
            said = []
        first = (said[0] if said else {}) if isinstance(said, list) else said
        code = str(first.get("errorCode") or first.get("error") or "UNKNOWN")
        message = str(first.get("message") or first.get("error_description") or "")
        column = _COLUMN.search(message)
        detail = f"{column[2]}.{column[1]}" if column else ", ".join(first.get("fields") or [])
        return Refusal(status, code, detail, retry_after(headers), message)

    def _noted(self, headers: Mapping[str, str]) -> None:
        said = headers.get("Sforce-Limit-Info")
        usage = Salesforce.parse_api_usage(said).get("api-usage") if said else None
        if usage is not None:
            self.used, self.limit = usage[0], usage[1]
