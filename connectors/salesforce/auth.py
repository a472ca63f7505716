"""Logging in to a Salesforce org through simple-salesforce, over TLS, or over plain http to this machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from jwt.exceptions import InvalidKeyError
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from connectors.credentials import ClientCredentials, JwtBearer
from connectors.errors import NeedsAdmin
from connectors.loopback import Rehosted, is_loopback
from connectors.recovery import Refusal, retry_after

LOGIN = "readiness-login"
"""simple-salesforce logs in at `https://<domain>.salesforce.com`; this made-up domain is sent to the url instead."""


class _LoginHost(Rehosted):
    """Where logins go. simple-salesforce takes every answer for an OAuth one, so what is none is told here."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(request, *args, **kwargs)
        host = urlsplit(request.url or "").netloc
        if response.status_code == 429 or response.status_code >= 500:
            raise Refusal(response.status_code, "LOGIN", host, retry_after(response.headers))
        try:
            orjson.loads(response.content)
        except orjson.JSONDecodeError:
            raise Refusal(None, "GARBLED", host) from None
        return response


def mount(session: requests.Session, base: str) -> None:
    """Send logins to `base`; and to loopback, plain http where simple-salesforce writes https."""
    session.mount(f"https://{LOGIN}.salesforce.com", _LoginHost(base))
    if is_loopback(base):
        port = urlsplit(base).port
        for host in ("127.0.0.1", "localhost", "[::1]"):
            session.mount(f"https://{host}:{port}" if port else f"https://{host}", Rehosted(base, pool_maxsize=8))


def log_in(session: requests.Session, base: str, credentials: ClientCredentials | JwtBearer) -> Salesforce:
    """A logged-in client, whose `headers` and `sf_instance` every call uses.

    Raises
    ------
    NeedsAdmin : the credential is refused; Refusal : the host is out of reach or out of order.
    """
    try:
        if isinstance(credentials, ClientCredentials):
            return Salesforce(
                consumer_key=credentials.id, consumer_secret=credentials.secret, domain=LOGIN, session=session
            )
        return Salesforce(
            username=credentials.username,
            consumer_key=credentials.id,
            privatekey=credentials.key,
            domain="test" if ".sandbox." in base or "--" in base else "login",
            instance_url=LOGIN,
            session=session,
        )
    except SalesforceAuthenticationFailed as refused:
        raise NeedsAdmin(
            f"{base} refuses the login ({refused.code}).",
            "Check the client id and secret (or user and key) in the environment, and the connected app's run-as user.",
        ) from None
    except requests.exceptions.SSLError:
        raise Refusal(None, "TLS", base) from None
    except requests.exceptions.Timeout:
        raise Refusal(None, "TIMEOUT", base) from None
    except requests.exceptions.RequestException:
        raise Refusal(None, "CONNECTION", base) from None
    except (ValueError, InvalidKeyError):
        raise NeedsAdmin("The private key cannot be read.", "Give it in PEM, as the connected app has it.") from None
