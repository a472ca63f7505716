"""Search. Recorded: pages, totals, the lagging index; `after` is an offset and the last page has no `paging`."""

from __future__ import annotations

from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.search import Searcher
from sandbox.hubspot.wire import answer


def search_records(call: Call) -> Response:
    kind = call.reading()
    reading = call.from_body(kind)
    reading.history = []
    searcher = call.state.searchers.setdefault(kind.plural, Searcher(call.state, kind))
    total, records, following = searcher.page(dict(call.fields()))
    body: dict[str, object] = {"total": total, "results": [reading.show(record) for record in records]}
    if following is not None:
        body["paging"] = {"next": {"after": str(following)}}
    return answer(body)
