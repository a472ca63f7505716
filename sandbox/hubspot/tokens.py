"""Access to the portal: the private app's token, and OAuth tokens that live for thirty minutes.

https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/tokens; bodies of 401 as quoted in
hubspot-api-nodejs 148, hubspot-api-ruby 181 and hubspot-api-php 363.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from starlette.requests import Request

from sandbox.hubspot.errors import Refused, unauthenticated
from sandbox.hubspot.wire import stamp

PRIVATE_APP = "pat-sandbox"
CLIENT_ID = CLIENT_SECRET = REFRESH_TOKEN = CODE = "sandbox"  # noqa: S105
LIFE_SECONDS = 1_800


@dataclass(slots=True)
class Tokens:
    """OAuth access tokens and the instant (ms) at which each expires."""

    expiry: dict[str, int] = field(default_factory=dict)

    def issue(self, now: int) -> str:
        """A new access token, good for thirty minutes."""
        token = f"CM{secrets.token_urlsafe(48)}"
        self.expiry[token] = now + LIFE_SECONDS * 1000
        return token

    def check(self, request: Request, now: int) -> None:
        """Raise the 401 of a request without a token, with a wrong one or an expired one.

        The expired_token fault lasts until a new token is asked for; a private app's token, for which there is no
        asking, is good again at the next request.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = token == PRIVATE_APP or token in self.expiry
        if scheme.lower() != "bearer" or not known:
            raise unauthenticated()
        faults = getattr(request.app.state, "faults", None)
        if faults is not None and faults.take("expired_token"):
            if token in self.expiry:
                self.expiry[token] = now
            raise _expired(now, now)
        expires = self.expiry.get(token)
        if expires is not None and expires <= now:
            raise _expired(expires, now)


def _expired(at: int, now: int) -> Refused:
    minutes, seconds = divmod(max(1, (now - at) // 1000), 60)
    ago = f"{minutes} minute(s) and {seconds} second(s)" if minutes else f"{seconds} second(s)"
    message = f"The OAuth token used to make this call expired {ago} ago."
    return unauthenticated(message, "EXPIRED_AUTHENTICATION", context={"expire time": [stamp(at)]})
