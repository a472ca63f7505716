"""The raw request door to one HubSpot account: requests are built and signed by hubspot-api-client, sent by ourselves.

The client's own sender keeps no connection and has no timeout, and its models turn an unexpected status into None.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

import orjson
import requests
from hubspot import HubSpot
from hubspot.utils.requests.http_request_builder import Request

from connectors.credentials import OAuthRefresh, PrivateApp
from connectors.door import Door, Params
from connectors.errors import NeedsAdmin
from connectors.hubspot.pace import Pace
from connectors.hubspot.paths import KNOWN, Paths
from connectors.loopback import TIMEOUT_S, checked_base, new_session
from connectors.recovery import Refusal, retry_after

MOST_SCOPES = 3
UNKNOWN_ADDRESS = (404, 405, 410)
ANY_REFUSAL = (None, *range(300, 600))
_ONE_OF = re.compile(r"requires one of \[([\w, .-]+)\]")


class HubSpotDoor(Door):
    """Paths begin at the host; `paths` says which there are: those of the newest version that both sides know."""

    def __init__(self, url: str, credentials: PrivateApp | OAuthRefresh) -> None:
        self._base = checked_base(url)
        super().__init__(new_session(self._base))
        self.pace = Pace()
        self._negotiation = threading.Lock()
        self._agreed: tuple[Paths, Mapping[str, Any]] | None = None
        self._credentials = credentials
        self._login = threading.Lock()
        self._client = HubSpot(access_token=credentials.token if isinstance(credentials, PrivateApp) else None)

    @property
    def paths(self) -> Paths:
        return self._negotiated()[0]

    @property
    def account(self) -> Mapping[str, Any]:
        """Who the portal is: `portalId`, `uiDomain`, `timeZone` and more."""
        return self._negotiated()[1]

    def _negotiated(self) -> tuple[Paths, Mapping[str, Any]]:
        """The version in which the portal tells who it is, and what it tells: one call where it knows the newest."""
        with self._negotiation:
            for paths in KNOWN[:-1]:
                if self._agreed is None:
                    with suppress(Refusal):
                        self._agreed = paths, self.send("GET", paths.account, own=UNKNOWN_ADDRESS).data
            if self._agreed is None:
                self._agreed = KNOWN[-1], self.json("GET", KNOWN[-1].account)
            return self._agreed

    def scopes(self) -> Collection[str]:
        """What the app was granted, asked by its token.

        Raises
        ------
        Refusal : HubSpot doesn't say. It names no path, as an OAuth token stands in it.
        """
        if isinstance(self._credentials, PrivateApp):
            path, body = "/oauth/v2/private-apps/get/access-token-info", {"tokenKey": self._credentials.token}
            said = self.send("POST", path, body, own=ANY_REFUSAL).data
        else:
            path = f"/oauth/v1/access-tokens/{self._token()}"
            said = self.send("GET", path, own=ANY_REFUSAL).data
        return set(said["scopes"])

    def _token(self) -> str:
        if isinstance(self._credentials, OAuthRefresh):
            with self._login:
                self._client.access_token = self._client.access_token or self._refreshed(self._credentials)
        return str(self._client.access_token)

    def _signed(self, method: str, path: str, params: Params, payload: bytes | None) -> requests.Request:
        self._token()
        options: dict[str, Any] = {"method": method, "base_url": self._base, "path": path, "qs": dict(params or {})}
        if payload is not None:
            options["body"] = payload
        request = Request(self._client.config, options)
        return requests.Request(method, request.get_url(), **request.get_options_for_sending())

    def _renew(self, refused: requests.PreparedRequest) -> bool:
        if not isinstance(self._credentials, OAuthRefresh):
            return False
        with self._login:
            if refused.headers.get("Authorization") == f"Bearer {self._client.access_token}":
                self._client.access_token = self._refreshed(self._credentials)
        return True

    def _refreshed(self, credentials: OAuthRefresh) -> str:
        """A new access token; they live 30 minutes."""
        form = {
            "grant_type": "refresh_token",
            "client_id": credentials.id,
            "client_secret": credentials.secret,
            "refresh_token": credentials.refresh_token,
        }
        for path in (paths.token for paths in KNOWN):
            response = self._asked_for_token(path, form)
            if response.status_code not in UNKNOWN_ADDRESS:
                break
        if response.status_code >= 500 or response.status_code == 429:
            raise Refusal(response.status_code, "LOGIN", self._base, retry_after(response.headers))
        if response.status_code != 200:
            raise NeedsAdmin(
                f"{self._base} refuses the login ({response.status_code}).",
                "Check the app's id, secret and refresh token in the environment, and that the app is installed.",
            )
        try:
            return str(response.json()["access_token"])
        except requests.exceptions.JSONDecodeError:
            raise Refusal(None, "GARBLED", self._base) from None

    def _asked_for_token(self, path: str, form: Mapping[str, str]) -> requests.Response:
        try:
            return self.session.post(f"{self._base}{path}", data=form, timeout=TIMEOUT_S)
        except requests.exceptions.RequestException:
            raise Refusal(None, "CONNECTION", self._base) from None

    def _turn(self, path: str) -> AbstractContextManager[None]:
        return self.pace.turn(path)

    def _noted(self, headers: Mapping[str, str]) -> None:
        self.pace.learn(headers)

    def _refusal(self, path: str, status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
        """HubSpot's errors are an object; that of a missing record is a page of HTML."""
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError:
            said = {}
        code = str(said.get("policyName") or said.get("category") or said.get("errorType") or "")
        message = str(said.get("message") or "")
        if status == 429 and "daily" in message.lower():
            code = "DAILY"
        return Refusal(status, code or _plain_code(status), _rights(path, said), retry_after(headers), message)


def _plain_code(status: int) -> str:
    return "NOT_FOUND" if status == 404 else "UNKNOWN"


def _rights(path: str, said: Mapping[str, Any]) -> str:
    """The scopes or rights that the app lacks, where the refusal names them: those for this object, or the first."""
    named = _ONE_OF.search(str(said.get("message") or ""))
    if named:
        return named[1]
    contexts = [error.get("context") or {} for error in said.get("errors") or () if isinstance(error, dict)]
    lists = ("requiredGranularScopes", "requiredScopes")
    scopes = [scope for context in contexts for name in lists for scope in context.get(name) or ()]
    fitting = [scope for scope in scopes if set(scope.split(".")) & set(path.split("/"))]
    return ", ".join((fitting or scopes)[:MOST_SCOPES])
