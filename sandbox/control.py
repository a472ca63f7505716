"""The control plane, for tests and demos: `/__sandbox/…`. It is never counted, slowed down or broken."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.faults import Fault, FaultError, parse
from sandbox.world import World

MOST_DAYS = 3660


class ControlPlane:
    """The control plane of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route("/__sandbox/stats", self.stats),
            Route("/__sandbox/reset-stats", self.reset_stats, methods=["POST"]),
            Route("/__sandbox/faults", self.faults),
            Route("/__sandbox/faults", self.add_faults, methods=["POST"]),
            Route("/__sandbox/faults", self.clear_faults, methods=["DELETE"]),
            Route("/__sandbox/advance", self.advance, methods=["POST"]),
            Route("/__sandbox/truth", self.truth),
        ]

    async def stats(self, _: Request) -> Response:
        return _json(self._world.stats.shown())

    async def reset_stats(self, _: Request) -> Response:
        self._world.stats.reset()
        return _json(self._world.stats.shown())

    async def faults(self, _: Request) -> Response:
        return _json({"faults": [fault.shown() for fault in self._world.faults.waiting]})

    async def add_faults(self, request: Request) -> Response:
        """One fault, or a list of them."""
        try:
            posted = orjson.loads(await request.body())
            faults = [parse(one) for one in (posted if isinstance(posted, list) else [posted])]
        except (FaultError, orjson.JSONDecodeError) as error:
            return _json({"error": str(error)}, 400)
        for fault in faults:
            self._install(fault)
        return await self.faults(request)

    def _install(self, fault: Fault) -> None:
        if fault.kind == "daily_limit" and not fault.match:
            self._world.limits.leave(int(fault.get("remaining", 0)), fault.get("crm"))
        elif fault.kind == "timestamp_ties":
            self._world.clock.hold()
        else:
            self._world.faults.add(fault)

    async def clear_faults(self, request: Request) -> Response:
        self._world.faults.clear()
        self._world.clock.release()
        self._world.limits.forgive()
        return await self.faults(request)

    async def advance(self, request: Request) -> Response:
        try:
            days = orjson.loads(await request.body())["days"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            days = None
        if type(days) is not int or not 0 < days <= MOST_DAYS:
            return _json({"error": f'post {{"days": n}} with a whole n from 1 to {MOST_DAYS}'}, 400)
        batch = self._world.advance(days)
        return _json(
            {"now": self._world.clock.now(), "activities": len(batch.activities), "changes": len(batch.changes)}
        )

    async def truth(self, _: Request) -> Response:
        return _json(self._world.company.truth())


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
