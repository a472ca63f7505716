"""Several requests in one: composite (later ones may use what earlier ones answered), batch, and trees of records.

No recording covers it; it rests on the REST API Developer Guide, Composite; Composite Batch; sObject Tree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sandbox.salesforce.api.resources import known
from sandbox.salesforce.errors import RowError, bad_request
from sandbox.salesforce.http import Answer, Call, Endpoint
from sandbox.salesforce.schema import SObject

MOST, MOST_HEAVY = 25, 5
HEAVY = re.compile(r"/services/data/v\d+\.0/(?:query|queryAll|composite/sobjects)(?:[/?]|$)")
NOT_WITHIN = re.compile(r"/services/data/v\d+\.0/(?:composite/?(?:batch|tree|graph)?(?:\?|$)|jobs/)")
REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])+)\}")
MOST_IN_TREE = 200


def composite(call: Call) -> Answer:
    """Up to 25 subrequests, in order; with `allOrNone` the failure of one takes all back."""
    body = call.record()
    requests = _subrequests(body, "compositeRequest")
    if sum(bool(HEAVY.match(str(one.get("url")))) for one in requests) > MOST_HEAVY:
        raise bad_request("LIMIT_EXCEEDED", f"No more than {MOST_HEAVY} query or collection subrequests are allowed")
    references = [one.get("referenceId") for one in requests]
    if None in references or len(set(references)) != len(references):
        raise bad_request("INVALID_INPUT", "Every subrequest needs a referenceId of its own")
    all_or_none = body.get("allOrNone") is True
    answers: list[dict[str, Any]] = []
    with call.org.store.transaction() as rollback:
        for one in requests:
            answers.append(_answered(call, one, {entry["referenceId"]: entry for entry in answers}))
            if all_or_none and answers[-1]["httpStatusCode"] >= 400:
                rollback()
                answers = _halted(answers, [str(reference) for reference in references])
                break
    return Answer({"compositeResponse": answers})


def _answered(call: Call, one: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    try:
        url, content = _filled(one["url"], earlier), _filled(one.get("body"), earlier)
    except KeyError as error:
        refusal = [{"errorCode": "PROCESSING_HALTED", "message": f"Invalid reference specified. {error.args[0]}"}]
        return _entry(one, Answer(refusal, 400))
    return _entry(one, _dispatched(call, str(one["method"]), url, content, one.get("httpHeaders", {})))


def _entry(one: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    headers = {name: value for name, value in answer.headers.items() if name in ("Location", "ETag")}
    return {
        "body": answer.body,
        "httpHeaders": headers,
        "httpStatusCode": answer.status,
        "referenceId": one["referenceId"],
    }


def _halted(answers: list[dict[str, Any]], references: list[str]) -> list[dict[str, Any]]:
    """What is told of the others when one failed and all were taken back."""
    message = "The transaction was rolled back since another operation in the same transaction failed."
    refusal = [{"errorCode": "PROCESSING_HALTED", "message": message}]
    failed = answers[-1]
    return [
        failed
        if reference == failed["referenceId"]
        else {"body": refusal, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": reference}
        for reference in references
    ]


def _filled(value: Any, earlier: Mapping[str, Any]) -> Any:
    """`@{first.id}` becomes the id that the subrequest `first` answered; raises KeyError for what is not there."""
    if isinstance(value, dict):
        return {key: _filled(one, earlier) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, earlier) for one in value]
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value)
    if whole:
        return _found(whole, earlier)
    return REFERENCE.sub(lambda match: str(_found(match, earlier)), value)


def _found(match: re.Match[str], earlier: Mapping[str, Any]) -> Any:
    reference, path = match.groups()
    found: Any = earlier[reference]["body"] if reference in earlier else _missing(match.group(0))
    for step in re.findall(r"\w+", path):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, TypeError, ValueError):
            _missing(match.group(0))
    return found


def _missing(reference: str) -> Any:
    raise KeyError(f"No value for {reference}")


def _dispatched(call: Call, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
    if NOT_WITHIN.match(url) or not url.startswith("/services/data/"):
        return Answer([{"errorCode": "INVALID_INPUT", "message": f"Resource not supported here: {url}"}], 400)
    return call.org.addresses.dispatch(call.within(method.upper(), url, body, headers))


def _subrequests(body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    requests = body.get(key)
    if not isinstance(requests, list) or not all(
        isinstance(one, dict) and one.get("method") and one.get("url") for one in requests
    ):
        raise bad_request("JSON_PARSER_ERROR", f"{key} must be an array of objects with method and url")
    if len(requests) > MOST:
        raise bad_request("LIMIT_EXCEEDED", f"No more than {MOST} subrequests are allowed")
    return requests


def batch(call: Call) -> Answer:
    """Up to 25 subrequests that know nothing of each other."""
    body = call.record()
    results: list[dict[str, Any]] = []
    failed = False
    for one in _subrequests(body, "batchRequests"):
        if failed and body.get("haltOnError") is True:
            refusal = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}]
            results.append({"statusCode": 412, "result": refusal})
            continue
        url = str(one["url"])
        whole = url if url.startswith("/") else f"/services/data/{url}"
        answer = _dispatched(call, str(one["method"]), whole, one.get("richInput"), {})
        failed |= answer.status >= 400
        results.append({"statusCode": answer.status, "result": answer.body})
    return Answer({"hasErrors": failed, "results": results})


def tree(call: Call, sobject: str) -> Answer:
    """Records with their children, all or none of them created."""
    one = known(call, sobject)
    records = call.record().get("records")
    if not isinstance(records, list):
        raise bad_request("JSON_PARSER_ERROR", "records must be an array")
    results: list[dict[str, str]] = []
    with call.org.store.transaction() as rollback:
        try:
            for record in records:
                _plant(call, one, record, {}, results)
        except _TreeError as error:
            rollback()
            failure = {"referenceId": error.reference, "errors": [error.cause.in_row()]}
            return Answer({"hasErrors": True, "results": [failure]}, 400)
    return Answer({"hasErrors": False, "results": results}, 201)


class _TreeError(Exception):
    def __init__(self, reference: str, cause: RowError) -> None:
        super().__init__(reference)
        self.reference = reference
        self.cause = cause


def _plant(
    call: Call, sobject: SObject, record: dict[str, Any], parent: dict[str, str], results: list[dict[str, str]]
) -> None:
    attributes = record.get("attributes", {})
    reference = str(attributes.get("referenceId", ""))
    own = {name: value for name, value in record.items() if not (isinstance(value, dict) and "records" in value)}
    if len(results) >= MOST_IN_TREE:
        raise _TreeError(reference, RowError("LIMIT_EXCEEDED", f"No more than {MOST_IN_TREE} records are allowed"))
    try:
        record_id = call.dml.create(sobject, {**own, **parent})
    except RowError as error:
        raise _TreeError(reference, error) from None
    results.append({"referenceId": reference, "id": record_id})
    children = call.org.schema.children(sobject)
    for name, value in record.items():
        if name in own or name == "attributes":
            continue
        if name.lower() not in children:
            missing = RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
            raise _TreeError(reference, missing)
        child, field = children[name.lower()]
        for one in value["records"]:
            _plant(call, child, one, {field.name: record_id}, results)


def listed(call: Call) -> Answer:
    """`GET /composite`: what there is under it."""
    base = f"{call.base}/composite"
    return Answer({"tree": f"{base}/tree", "batch": f"{base}/batch", "sobjects": f"{base}/sobjects"})


ENDPOINTS = (
    Endpoint("GET", "/composite", listed),
    Endpoint("POST", "/composite", composite),
    Endpoint("POST", "/composite/batch", batch),
    Endpoint("POST", "/composite/tree/{sobject}", tree),
)
