"""Answers that the server gives in a CRM's place, each in that CRM's own shape."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

import orjson

SALESFORCE, HUBSPOT = "salesforce", "hubspot"


def crm_of(path: str) -> str:
    """Whose address this is: Salesforce's begin with /services, or /id for who is logged in; the rest is HubSpot's."""
    return SALESFORCE if path.startswith(("/services", "/id/")) else HUBSPOT


@dataclass(frozen=True, slots=True)
class Refusal:
    """A complete answer."""

    status: int
    body: bytes
    content_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)


def salesforce(status: int, code: str, message: str, **headers: str) -> Refusal:
    """Salesforce's errors are a list of objects."""
    return Refusal(status, orjson.dumps([{"message": message, "errorCode": code}]), headers=dict(headers))


def hubspot(status: int, message: str, *, headers: dict[str, str] | None = None, **more: object) -> Refusal:
    """HubSpot's errors are one object with a correlation id, which its header repeats."""
    correlation = str(uuid.uuid4())
    body = {"status": "error", "message": message, "correlationId": correlation, **more}
    answer_headers = {"X-HubSpot-Correlation-Id": correlation, **(headers or {})}
    return Refusal(status, orjson.dumps(body), "application/json;charset=utf-8", answer_headers)


_UNAVAILABLE = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


def server_error(crm: str, status: int) -> Refusal:
    """5xx: gateways answer 502 and 504 with a page, the services themselves 500 and 503 with their own JSON."""
    text = _UNAVAILABLE.get(status, "Error")
    if status in (502, 504):
        page = f"<html><head><title>{status} {text}</title></head><body><h1>{status} {text}</h1></body></html>"
        return Refusal(status, page.encode(), "text/html")
    if crm == SALESFORCE:
        code = "UNKNOWN_EXCEPTION" if status == 500 else "SERVER_UNAVAILABLE"
        return salesforce(status, code, "An unexpected error occurred. Please try again later.")
    return hubspot(status, "There was a problem with the request.", category="SERVER_ERROR")


def not_found(crm: str) -> Refusal:
    """An address that the CRM doesn't have."""
    if crm == SALESFORCE:
        return salesforce(404, "NOT_FOUND", "The requested resource does not exist")
    page = b"<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP ERROR 404</h2></body></html>"
    return Refusal(404, page, "text/html;charset=utf-8", {"X-HubSpot-NotFound": "true"})


def method_not_allowed(crm: str, method: str, allowed: str) -> Refusal:
    """An address that exists, asked in a way that it doesn't answer."""
    if crm == SALESFORCE:
        message = f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
        return salesforce(405, "METHOD_NOT_ALLOWED", message, Allow=allowed)
    return hubspot(405, "Method Not Allowed", headers={"Allow": allowed})


def permission_lost(crm: str) -> Refusal:
    """The user or app may not do this any more."""
    if crm == SALESFORCE:
        return salesforce(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        "Read more about required scopes here: https://developers.hubspot.com/scopes."
    )
    error = {"message": "One or more of the following scopes are required.", "context": {"requiredScopes": []}}
    return hubspot(403, message, errors=[error], category="MISSING_SCOPES")


def refused(crm: str, status: int, code: str, message: str) -> Refusal:
    """Any refusal, with the CRM's own code."""
    return salesforce(status, code, message) if crm == SALESFORCE else hubspot(status, message, category=code)


def daily_limit(crm: str) -> Refusal:
    """The day's quota is used up."""
    if crm == SALESFORCE:
        return salesforce(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    return hubspot(429, "You have reached your daily limit.", errorType="RATE_LIMIT", policyName="DAILY")


def too_many(crm: str) -> Refusal:
    """429 as either CRM words it."""
    if crm == SALESFORCE:
        return salesforce(429, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.")
    message = "You have reached your ten_secondly_rolling limit."
    return hubspot(429, message, errorType="RATE_LIMIT", policyName="TEN_SECONDLY_ROLLING")
