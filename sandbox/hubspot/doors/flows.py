"""Workflows, to be looked at: the list tells which there are, one by one they tell what they do.

https://developers.hubspot.com/docs/api-reference/automation-automation-v4-v4/guide; not seen in a recording.
"""

from __future__ import annotations

from starlette.responses import Response

from sandbox.hubspot.call import Call
from sandbox.hubspot.errors import missing
from sandbox.hubspot.wire import answer

SCOPE = "automation"
LISTED = ("id", "isEnabled", "objectTypeId", "flowType", "name", "revisionId", "createdAt", "updatedAt")


def list_flows(call: Call) -> Response:
    call.state.need(SCOPE)
    flows = call.state.flows.values()
    return answer({"results": [{name: flow[name] for name in LISTED if name in flow} for flow in flows]})


def read_flow(call: Call) -> Response:
    call.state.need(SCOPE)
    if call.path["id"] not in call.state.flows:
        raise missing("workflow not found")
    return answer(call.state.flows[call.path["id"]])
