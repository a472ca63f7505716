"""Owners. https://developers.hubspot.com/docs/guides/api/crm/owners; not seen in a recording."""

from __future__ import annotations

from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.doors.objects import next_link
from sandbox.hubspot.errors import invalid, missing
from sandbox.hubspot.wire import answer, flag

MAX_PAGE, DEFAULT_PAGE = 500, 100


def list_owners(call: Call) -> Response:
    """A page of owners by id; deactivated ones only with `archived=true`."""
    call.state.need("crm.objects.owners.read")
    limit, after = call.query.get("limit") or str(DEFAULT_PAGE), call.query.get("after") or "0"
    if not limit.isdecimal() or not 0 < int(limit) <= MAX_PAGE or not after.isdecimal():
        raise invalid(f"Invalid limit: {limit}. The limit must be between 1 and {MAX_PAGE}.")
    email, archived = call.query.get("email", "").lower(), flag(call.query, "archived")
    found = [
        owner
        for owner in sorted(call.state.owners.values(), key=lambda owner: owner.id)
        if owner.archived == archived and owner.id >= int(after) and email in ("", (owner.email or "").lower())
    ]
    page = found[: int(limit)]
    body: dict[str, object] = {"results": [owner.shown() for owner in page]}
    if len(found) > len(page):
        following = str(page[-1].id + 1)
        body["paging"] = {"next": {"after": following, "link": next_link(call, following)}}
    return answer(body)


def read_owner(call: Call) -> Response:
    call.state.need("crm.objects.owners.read")
    by_user, archived = call.query.get("idProperty") == "userId", flag(call.query, "archived")
    for owner in call.state.owners.values():
        if str(owner.user_id if by_user else owner.id) == call.path["id"] and owner.archived == archived:
            return answer(owner.shown())
    raise missing(f"Owner with ID {call.path['id']} does not exist.")
