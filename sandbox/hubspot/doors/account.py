"""Who the portal is, how much of its quota is used, and OAuth.

https://developers.hubspot.com/docs/api-reference/account-account-info-v3/guide and
https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide; not seen in a recording.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import orjson
from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.errors import Refused, invalid_json, missing, refused
from sandbox.hubspot.state import APP_ID, PORTAL_ID, USER_ID
from sandbox.hubspot.tokens import CLIENT_ID, CLIENT_SECRET, CODE, LIFE_SECONDS, PRIVATE_APP, REFRESH_TOKEN
from sandbox.hubspot.wire import answer, millis, stamp

ZONE = "Europe/Amsterdam"


def details(call: Call) -> Response:
    now = call.state.clock.now()
    offset = now.astimezone(ZoneInfo(ZONE)).utcoffset() or timedelta()
    hours, minutes = divmod(int(offset.total_seconds()) // 60, 60)
    return answer(
        {
            "portalId": PORTAL_ID,
            "accountType": "SANDBOX",
            "timeZone": ZONE,
            "companyCurrency": call.state.currency,
            "additionalCurrencies": [],
            "utcOffset": f"{'+' if hours >= 0 else '-'}{abs(hours):02d}:{minutes:02d}",
            "utcOffsetMilliseconds": int(offset.total_seconds() * 1000),
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "eu1",
        }
    )


def daily_usage(call: Call) -> Response:
    """Calls of today by the private app; the day ends at midnight in the portal's time zone."""
    now = call.state.clock.now()
    midnight = (now.astimezone(ZoneInfo(ZONE)) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    used, limit = call.usage()
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limit,
        "currentUsage": used,
        "collectedAt": stamp(millis(now)),
        "fetchStatus": "SUCCESS",
        "resetsAt": stamp(millis(midnight)),
    }
    return answer({"results": [usage]})


def token(call: Call) -> Response:
    """Authorization code or refresh token for an access token; a form, not JSON."""
    form = {key: values[0] for key, values in parse_qs(call.body.decode()).items()}
    grant = form.get("grant_type")
    if grant not in ("refresh_token", "authorization_code"):
        raise _oauth("BAD_GRANT_TYPE", "missing or unknown grant type")
    if form.get("client_id") != CLIENT_ID:
        raise _oauth("BAD_CLIENT_ID", "missing or unknown client id")
    if form.get("client_secret") != CLIENT_SECRET:
        raise _oauth("BAD_CLIENT_SECRET", "missing or invalid client secret")
    if grant == "refresh_token" and form.get("refresh_token") != REFRESH_TOKEN:
        raise _oauth("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    if grant == "authorization_code" and form.get("code") != CODE:
        raise _oauth("BAD_AUTH_CODE", "missing or unknown auth code")
    issued = call.state.tokens.issue(call.state.now())
    return answer(
        {
            "token_type": "bearer",
            "refresh_token": REFRESH_TOKEN,
            "access_token": issued,
            "hub_id": PORTAL_ID,
            "scopes": sorted(call.state.scopes),
            "expires_in": LIFE_SECONDS,
        }
    )


def access_token(call: Call) -> Response:
    """What an access token stands for; needs no other token."""
    asked, now = call.path["token"], call.state.now()
    expires = call.state.tokens.expiry.get(asked)
    if asked != PRIVATE_APP and (expires is None or expires <= now):
        raise missing("access token not found")
    return answer(
        {
            "token": asked,
            "user": "sandbox@example.com",
            "hub_domain": "sandbox.example.com",
            "scopes": sorted(call.state.scopes),
            "signed_access_token": None,
            "hub_id": PORTAL_ID,
            "app_id": APP_ID,
            "expires_in": LIFE_SECONDS if expires is None else (expires - now) // 1000,
            "user_id": USER_ID,
            "token_type": "access",
        }
    )


def private_app(call: Call) -> Response:
    """What a private app's token stands for: {"tokenKey"} in the body.

    https://developers.hubspot.com/docs/guides/apps/private-apps/overview
    """
    try:
        asked = orjson.loads(call.body)["tokenKey"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise invalid_json("Cannot build AccessTokenInfoRequest, attributes are not set [tokenKey]") from None
    if asked != PRIVATE_APP:
        raise missing("access token not found")
    scopes = sorted(call.state.scopes)
    return answer({"userId": USER_ID, "hubId": PORTAL_ID, "appId": APP_ID, "scopes": scopes})


def _oauth(status: str, message: str) -> Refused:
    return Refused(400, {**refused(400, message).body, "status": status})
