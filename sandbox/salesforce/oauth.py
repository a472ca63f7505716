"""Logging in: OAuth 2.0 client credentials and JWT bearer; who is logged in with which token.

Source: Salesforce Help, OAuth 2.0 Client Credentials Flow for Server-to-Server Integration; OAuth 2.0 JWT Bearer Flow
for Server-to-Server Integration; OAuth 2.0 Error Codes (`OAuth Authorization Errors`). A token reply is recorded.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import jwt
from jwt.types import Options

from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.http import Answer, Call
from sandbox.salesforce.rowfaults import RowFaults
from sandbox.salesforce.store import ID, Store

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

CLIENT_ID = CLIENT_SECRET = "sandbox"  # noqa: S105 a fixed, public credential of a loopback toy
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = re.compile(r"https://[\w.-]+\.salesforce\.com")
KEPT_TOKENS = 1000
LONGEST_ASSERTION = 5 * 60 + 30
"""Seconds that an assertion's `exp` may lie ahead: five minutes, and some slack for clocks."""


class Refused(Exception):
    """An OAuth error: an object, not a list."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.answer = Answer({"error": error, "error_description": description}, status)


class Sessions:
    """The access tokens that are valid, each of a user."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}

    def open(self, org_id: str, user_id: str) -> str:
        token = f"{org_id[:15]}!AQ{secrets.token_urlsafe(66).replace('-', '.')}"
        self._users[token] = user_id
        while len(self._users) > KEPT_TOKENS:
            del self._users[next(iter(self._users))]
        return token

    def close(self, token: str) -> bool:
        return self._users.pop(token, None) is not None

    def user_of(self, header: str, faults: RowFaults) -> str:
        """Who calls, by the Authorization header; raises the 401 of an expired session."""
        kind, _, token = header.partition(" ")
        user = self._users.get(token.strip()) if kind.lower() in ("bearer", "oauth") else None
        if user is not None and faults.expired():
            self.close(token.strip())
            user = None
        if user is None:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return user


def token(call: Call) -> Answer:
    """`POST /services/oauth2/token`."""
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"))) | dict(call.params)
    try:
        user_id = _user(call, form)
    except Refused as error:
        return error.answer
    org = call.org
    access_token = org.sessions.open(org.id, user_id)
    issued_at = str(int(org.clock.now().timestamp() * 1000))
    identity = identity_url(call, user_id)
    return Answer(
        {
            "access_token": access_token,
            "signature": _signature(identity + issued_at),
            "scope": "api",
            "instance_url": call.host,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        },
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


def revoke(call: Call) -> Answer:
    """`POST /services/oauth2/revoke`: 200 without a body, or 400."""
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"))) | dict(call.params)
    if call.org.sessions.close(form.get("token", "")):
        return Answer(b"", media="text/html")
    return Refused("unsupported_token_type", "this token type is not supported").answer


def identity_url(call: Call, user_id: str) -> str:
    return f"{call.host}/id/{call.org.id}/{user_id}"


def _signature(text: str) -> str:
    return base64.b64encode(hmac.new(CLIENT_SECRET.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _user(call: Call, form: dict[str, str]) -> str:
    """The user that a token is asked for; raises `Refused`."""
    grant = form.get("grant_type", "")
    if grant == "client_credentials":
        _check_client(call, form)
        return call.org.api_user
    if grant == JWT_BEARER:
        return _user_of_assertion(call.org, call.host, form.get("assertion", ""))
    if grant == "password":
        raise Refused("invalid_grant", "authentication failure")
    if grant in ("authorization_code", "refresh_token"):
        _check_client(call, form)
        raise Refused("invalid_grant", f"expired {'authorization code' if 'code' in grant else 'access/refresh token'}")
    raise Refused("unsupported_grant_type", "grant type not supported")


def _check_client(call: Call, form: dict[str, str]) -> None:
    client, secret = form.get("client_id"), form.get("client_secret")
    kind, _, encoded = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client = None
    if client != CLIENT_ID:
        raise Refused("invalid_client_id", "client identifier invalid")
    if secret != CLIENT_SECRET:
        raise Refused("invalid_client", "invalid client credentials")


def _user_of_assertion(org: Org, host: str, assertion: str) -> str:
    """The user named by a signed assertion: `iss` the client id, `sub` the username, `aud` a login host, `exp` soon."""
    claims = _claims(org, assertion)
    if claims.get("iss") != CLIENT_ID:
        raise Refused("invalid_client_id", "client identifier invalid")
    audience = str(claims.get("aud", "")).rstrip("/")
    if not AUDIENCE.fullmatch(audience) and audience.partition("://")[2] != host.partition("://")[2]:
        raise Refused("invalid_grant", "audience is invalid")
    try:
        ahead = float(claims["exp"]) - time.time()
    except (KeyError, TypeError, ValueError):
        raise Refused("invalid_grant", "expired authorization code") from None
    if not 0 < ahead <= LONGEST_ASSERTION:
        raise Refused("invalid_grant", "expired authorization code")
    user = user_named(org.store, str(claims.get("sub", "")))
    if user is None:
        raise Refused("invalid_grant", "user hasn't approved this consumer")
    return user


def _claims(org: Org, assertion: str) -> dict[str, Any]:
    """What an RS256 assertion claims. Its signature is checked once a certificate was registered with the org."""
    checked: Options = {"verify_signature": org.certificate is not None, "verify_aud": False, "verify_exp": False}
    try:
        if jwt.get_unverified_header(assertion).get("alg") != "RS256":
            raise Refused("invalid_grant", "invalid assertion")
        claims: dict[str, Any] = jwt.decode(assertion, org.certificate or "", algorithms=["RS256"], options=checked)
    except jwt.PyJWTError:
        raise Refused("invalid_grant", "invalid assertion") from None
    return claims


def user_named(store: Store, username: str) -> str | None:
    """The id of an active user."""
    users = store["User"]
    at = users.sobject.at
    return next(
        (row[ID] for row in users.rows.values() if row[at("Username")] == username.lower() and row[at("IsActive")]),
        None,
    )
