"""The one door of the sandbox: every request passes stats, latency, limits and faults on its way to a CRM."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Message, Receive, Scope, Send

from sandbox import refusals, transport
from sandbox.faults import REQUEST, Fault
from sandbox.refusals import Refusal
from sandbox.routing import find
from sandbox.stats import template
from sandbox.world import World

SPOILING = {"lost_answer", "reset_mid_body", "truncated", "slow_loris", "slow"}


class Door:
    """The ASGI application: `own` routes (control plane and pages) first, then those of the CRM that is asked.

    Handlers find `request.app.state.{clock, faults, limits, stats}`. They run in the event loop, one at a time.
    """

    def __init__(self, world: World, own: Sequence[Route], latency_ms: float) -> None:
        self._world = world
        self._own = list(own)
        self._latency = latency_ms / 1000
        self._numbers = itertools.count()
        self._starlette = Starlette()
        for name in ("clock", "faults", "limits", "stats"):
            setattr(self._starlette.state, name, getattr(world, name))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self._starlette
        route, match = find(self._own, scope)
        if route is not None and match is Match.FULL:
            await route.handle(scope, receive, _stamped(send, {"date": self._world.clock.http_date()}))
            return
        await self._call(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call on one of the CRMs, and count it under its route's template."""
        path, crm = scope["path"], refusals.crm_of(scope["path"])
        route, match = find(await self._world.routes(crm), scope)
        name = template(route.path) if isinstance(route, Route) else "(unknown)"
        statuses: list[int] = []

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        token = _header(scope, b"authorization")
        query = unquote_plus(scope["query_string"].decode("latin-1"))
        REQUEST.set({"method": scope["method"], "path": path, "query": query})
        number = next(self._numbers)
        self._world.limits.begin(number)
        try:
            if self._latency:
                await asyncio.sleep(self._latency)
            refusal = self._world.limits.refuse(path, token)
            headers = {"date": self._date(), **self._world.limits.headers(path, token)}
            stamped = _stamped(watched, headers)
            if refusal:
                await _say(refusal, scope, receive, stamped)
            else:
                await self._answer(route, match, crm, scope, receive, stamped)
        finally:
            self._world.limits.end(number)
            self._world.stats.count(scope["method"], name, statuses[0] if statuses else 0)

    def _date(self) -> str:
        skew = self._world.faults.active("clock_skew")
        return self._world.clock.http_date(float(skew.get("seconds", 120)) if skew else 0)

    async def _answer(
        self, route: BaseRoute | None, match: Match, crm: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        fault = self._world.faults.take_transport()

        async def handled(send: Send) -> None:
            if route is None:
                await _say(refusals.not_found(crm), scope, receive, send)
            elif match is Match.PARTIAL:
                allowed = ", ".join(sorted(getattr(route, "methods", ())))
                await _say(refusals.method_not_allowed(crm, scope["method"], allowed), scope, receive, send)
            else:
                await route.handle(scope, receive, send)

        if fault is None:
            await handled(send)
        elif fault.kind == "reset":
            await transport.reset(scope)
        elif fault.kind in SPOILING:
            await transport.spoilt(fault, scope, handled, send)
        else:
            await _say(refused(fault, crm), scope, receive, send)


def refused(fault: Fault, crm: str) -> Refusal:
    """The answer of a fault that keeps the request from being carried out."""
    if fault.kind == "server_error":
        return refusals.server_error(crm, int(fault.get("status", 503)))
    if fault.kind == "permission_lost":
        return refusals.permission_lost(crm)
    if fault.kind == "refused":
        status, code, message = (fault.get(name) for name in ("status", "code", "message"))
        return refusals.refused(crm, int(status or 400), str(code or "UNKNOWN"), str(message or "Refused"))
    if fault.kind == "not_found":
        return refusals.not_found(crm)
    if fault.kind == "daily_limit":
        return refusals.daily_limit(crm)
    refusal = refusals.too_many(crm)
    if fault.get("retry_after") is not None:
        refusal.headers["Retry-After"] = str(fault.get("retry_after"))
    return refusal


def _stamped(send: Send, headers: dict[str, str]) -> Send:
    """A `send` that adds headers to the answer, unless the answer has them already."""

    async def stamped(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = list(message.get("headers", ()))
            names = {key.lower() for key, _ in there}
            added = [(k.encode(), v.encode()) for k, v in headers.items() if k.lower().encode() not in names]
            message = {**message, "headers": [*there, *added]}
        await send(message)

    return stamped


async def _say(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    response = Response(refusal.body, refusal.status, refusal.headers, media_type=refusal.content_type)
    await response(scope, receive, send)


def _header(scope: dict[str, Any] | Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
