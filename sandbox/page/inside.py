"""Asking a CRM of the sandbox from within: the routes that its clients use, past the door that counts and breaks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.applications import Starlette
from starlette.routing import Match
from starlette.types import Message

from sandbox.faults import Faults
from sandbox.refusals import HUBSPOT, SALESFORCE
from sandbox.routing import find
from sandbox.world import World

LOGIN = "/services/oauth2/token"
FORM, JSON = b"application/x-www-form-urlencoded", b"application/json"


class NotThere(Exception):
    """The CRM has no such record."""


class Inside:
    """One CRM, asked in its own API as the user `sandbox`."""

    def __init__(self, world: World, crm: str) -> None:
        self._world = world
        self._crm = crm
        self._token = "pat-sandbox" if crm == HUBSPOT else ""
        self._app = Starlette()
        for name in ("clock", "limits", "stats"):
            setattr(self._app.state, name, getattr(world, name))
        self._app.state.faults = Faults()

    async def get(self, path: str, **query: str) -> Any:
        return await self._ask("GET", path, urlencode(query))

    async def post(self, path: str, body: object) -> Any:
        return await self._ask("POST", path, "", orjson.dumps(body))

    async def _ask(self, method: str, path: str, query: str, body: bytes = b"", kind: bytes = JSON) -> Any:
        if self._crm == SALESFORCE and not self._token and path != LOGIN:
            grant = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
            self._token = (await self._ask("POST", LOGIN, "", urlencode(grant).encode(), FORM))["access_token"]
        headers = [
            (b"authorization", f"Bearer {self._token}".encode()),
            (b"content-type", kind),
            (b"host", b"127.0.0.1"),
        ]
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": headers,
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "root_path": "",
            "app": self._app,
        }
        route, match = find(await self._world.routes(self._crm), scope)
        if route is None or match is not Match.FULL:
            raise NotThere(path)
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await route.handle(scope, receive, send)
        status, content = messages[0]["status"], b"".join(message.get("body", b"") for message in messages[1:])
        if status in (400, 404):
            raise NotThere(path)
        if status >= 400:
            raise RuntimeError(f"{path}: {status} {content[:300]!r}")
        return orjson.loads(content) if content else None
