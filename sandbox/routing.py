"""Finding the route that answers a request."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match
from starlette.types import Scope


def find(routes: Sequence[BaseRoute], scope: Scope) -> tuple[BaseRoute | None, Match]:
    """The first route that answers this request, else the first that knows the address."""
    partial = None
    for route in routes:
        match, child = route.matches(scope)
        if match is Match.FULL:
            scope.update(child)
            return route, match
        if match is Match.PARTIAL and partial is None:
            partial = route
    return partial, Match.PARTIAL if partial else Match.NONE
