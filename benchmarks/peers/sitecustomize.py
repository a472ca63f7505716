"""Loaded by a peer's interpreter at its start: sends what is meant for a CRM to the sandbox in SANDBOX_URL instead.

A peer runs unmodified but for its address. Salesforce's refresh-token login, of which the sandbox knows nothing, is
asked as one by client credentials.
"""

import os
from urllib.parse import urlsplit, urlunsplit

SANDBOX = os.environ.get("SANDBOX_URL", "")
CRMS = (".hubapi.com", ".salesforce.com", "127.0.0.1")
LOGIN = "grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"


def redirected(url):
    """The same path and query at the sandbox, where the host is a CRM's."""
    parts = urlsplit(url)
    if not SANDBOX or not (parts.hostname or "").endswith(CRMS):
        return url
    scheme, netloc = urlsplit(SANDBOX)[:2]
    return urlunsplit((scheme, netloc, parts.path, parts.query, ""))


try:
    from requests.adapters import HTTPAdapter
except ImportError:
    pass
else:
    genuine = HTTPAdapter.send

    def send(self, request, **options):
        request.url = redirected(request.url)
        if request.url.endswith("/services/oauth2/token"):
            request.prepare_body(LOGIN, None)
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        options["proxies"], options["verify"] = {}, True
        return genuine(self, request, **options)

    HTTPAdapter.send = send

try:
    import httpx
except ImportError:
    pass
else:
    genuine_httpx = httpx.Client.send

    def send_httpx(self, request, **options):
        request.url = httpx.URL(redirected(str(request.url)))
        if request.url.path == "/services/oauth2/token":
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            request = httpx.Request("POST", request.url, content=LOGIN, headers=headers)
        return genuine_httpx(self, request, **options)

    httpx.Client.send = send_httpx
