"""Plain http is for this machine alone; everything else goes over verified TLS."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from connectors.errors import NeedsAdmin


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def checked_base(url: str) -> str:
    """Scheme and host of a CRM's URL.

    Raises
    ------
    NeedsAdmin : it is no http(s) URL, or plain http to another machine.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NeedsAdmin(f"`{url}` is not the address of a CRM.", "Give url as https://host.")
    if parts.scheme == "http" and not is_loopback(urlunsplit(parts)):
        raise NeedsAdmin(f"The url {parts.scheme}://{parts.netloc} is not encrypted.", "Use https.")
    return f"{parts.scheme}://{parts.netloc}"


class _OwnHeader(AuthBase):
    """Leaves the request as it is; without it, requests would put a login from ~/.netrc over ours."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


TIMEOUT_S = (10.0, 130.0)
"""To connect, and between two pieces of an answer."""


class Rehosted(HTTPAdapter):
    """Sends what was meant for the mounted prefix to `base` instead: its scheme, host and port; never without end."""

    def __init__(self, base: str, **options: Any) -> None:
        super().__init__(**options)
        self._scheme, self._netloc = urlsplit(base)[:2]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = urlunsplit((self._scheme, self._netloc, parts.path, parts.query, ""))
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT_S
        return super().send(request, *args, **kwargs)


def new_session(base: str, connections: int = 16) -> requests.Session:
    """A session that keeps its connections; to loopback it ignores the environment's proxies."""
    session = requests.Session()
    session.trust_env = not is_loopback(base)
    session.auth = _OwnHeader()
    session.mount("https://", HTTPAdapter(pool_maxsize=connections))
    session.mount("http://", HTTPAdapter(pool_maxsize=connections))
    return session
