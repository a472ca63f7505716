"""Requests and answers of the org, and the table of addresses that it answers.

A handler takes a `Call` and the parameters of its address and returns an `Answer`, or raises `ApiError`. The same
table serves the web server and the subrequests of composite requests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, compile_path

from sandbox.salesforce.errors import ApiError, RowError, bad_request, not_found, refused

if TYPE_CHECKING:
    from sandbox.salesforce.access import ToolingView, UserView
    from sandbox.salesforce.dml import Dml
    from sandbox.salesforce.org import Org
    from sandbox.salesforce.rowfaults import RowFaults

JSON = "application/json;charset=UTF-8"
CSV = "text/csv;charset=UTF-8"


@dataclass(slots=True)
class Answer:
    """An answer: `body` is made into JSON unless it is bytes; None is no body at all."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media: str = JSON

    def response(self) -> Response:
        if self.body is None:
            return Response(status_code=self.status, headers=self.headers)
        content = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        return Response(content, self.status, self.headers, media_type=self.media)


@dataclass
class Call:
    """One request, as a user of the org makes it.

    Attributes
    ----------
    version : API version as in the address, such as `v65.0`.
    host : the server's own address, such as `http://127.0.0.1:8181`.
    user_id : who calls; empty where an address asks for no login.
    """

    org: Org
    method: str
    path: str
    params: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]
    host: str
    faults: RowFaults
    limits: Any = None
    version: str = ""
    user_id: str = ""

    @property
    def base(self) -> str:
        return f"/services/data/{self.version}"

    @property
    def number(self) -> float:
        """The API version as a number."""
        return float(self.version[1:])

    @cached_property
    def view(self) -> UserView:
        return self.org.view(self.user_id, self.faults)

    @cached_property
    def tooling_view(self) -> ToolingView:
        return self.org.tooling_view(self.user_id)

    @cached_property
    def dml(self) -> Dml:
        return self.org.dml(self.view, self.user_id, self.faults)

    def json(self) -> Any:
        """The body as JSON; refused as the org refuses what is none."""
        if not self.body:
            return {}
        media = self.headers.get("content-type", "application/json")
        if "json" not in media:
            message = f"Content-Type header specified in HTTP request is not supported: {media}"
            raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", message)
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise bad_request(
                "JSON_PARSER_ERROR", f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
            ) from None

    def record(self) -> dict[str, Any]:
        """The body as one record's fields."""
        body = self.json()
        if not isinstance(body, dict):
            raise bad_request("JSON_PARSER_ERROR", "The HTTP entity body must be an object")
        return body

    def within(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Call:
        """A subrequest of a composite request."""
        split = urlsplit(url)
        return Call(
            self.org,
            method,
            split.path,
            dict(parse_qsl(split.query, keep_blank_values=True)),
            b"" if body is None else orjson.dumps(body),
            {"content-type": "application/json", **{name.lower(): value for name, value in headers.items()}},
            self.host,
            self.faults,
            self.limits,
            user_id=self.user_id,
        )


Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address under `/services/data/{version}` (or a whole one, if `open`), and what answers it.

    Attributes
    ----------
    open : no login asked for.
    """

    method: str
    template: str
    handler: Handler
    open: bool = False

    @property
    def whole(self) -> str:
        whole = self.template.startswith(("/services", "/id/"))
        return self.template if whole else "/services/data/{version}" + self.template


class Addresses:
    """All addresses of the org."""

    def __init__(self, org: Org, endpoints: Sequence[Endpoint]) -> None:
        self._org = org
        self._handlers: dict[str, dict[str, Endpoint]] = {}
        for one in endpoints:
            self._handlers.setdefault(one.whole, {})[one.method] = one
        self._patterns = [(_pattern(template), methods) for template, methods in self._handlers.items()]

    def routes(self) -> list[Route]:
        """Routes for the web server, one per address. POST stands in for other methods with `_HttpMethod`."""
        return [self._route(template, methods) for template, methods in self._handlers.items()]

    def _route(self, template: str, methods: dict[str, Endpoint]) -> Route:
        async def answer(request: Request) -> Response:
            call = await _call(self._org, request)
            return self.answer(call, methods, request.path_params).response()

        route = Route(template, answer, methods=sorted({*methods, "POST"}))
        route.path_regex = _pattern(template)
        return route

    def dispatch(self, call: Call) -> Answer:
        """Answer a subrequest."""
        for pattern, methods in self._patterns:
            found = pattern.match(call.path)
            if found:
                return self.answer(call, methods, found.groupdict())
        return _refusal(not_found())

    def answer(self, call: Call, methods: Mapping[str, Endpoint], params: Mapping[str, str]) -> Answer:
        """Answer a call to an address that is known."""
        try:
            return self._answer(call, methods, dict(params))
        except RowError as error:
            return _refusal(refused(error))
        except ApiError as error:
            return _refusal(error)

    def _answer(self, call: Call, methods: Mapping[str, Endpoint], params: dict[str, str]) -> Answer:
        method = call.params.get("_HttpMethod", call.method).upper() if call.method == "POST" else call.method
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint is None:
            allowed = ",".join(sorted(methods))
            message = f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
            raise ApiError(405, "METHOD_NOT_ALLOWED", message)
        if "version" in params:
            call.version = self._org.supported(params.pop("version"))
        if not endpoint.open and not call.user_id:
            call.user_id = self._org.sessions.user_of(call.headers.get("authorization", ""), call.faults)
        return endpoint.handler(call, **params)


def _refusal(error: ApiError) -> Answer:
    headers = {"WWW-Authenticate": "Token"} if error.status == 401 else {}
    return Answer(error.body(), error.status, headers)


def _pattern(template: str) -> re.Pattern[str]:
    """An address may end in a slash, as some clients write it."""
    regex, _, _ = compile_path(template)
    return re.compile(regex.pattern.removesuffix("$") + "/?$")


async def _call(org: Org, request: Request) -> Call:
    from sandbox.salesforce.rowfaults import RowFaults

    state = request.app.state
    return Call(
        org,
        request.method,
        request.url.path,
        dict(request.query_params),
        await request.body(),
        request.headers,
        str(request.base_url).rstrip("/"),
        RowFaults(getattr(state, "faults", None)),
        getattr(state, "limits", None),
    )
