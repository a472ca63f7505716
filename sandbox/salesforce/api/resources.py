"""Versions, the list of resources, limits, who is logged in, and the descriptions of objects.

Source: REST API Developer Guide, Versions; Resources by Version; Limits; Record Count; Describe Global.
Userinfo: Salesforce Help, Query for User Information › The UserInfo Endpoint.
"""

from __future__ import annotations

from typing import Any

from sandbox.salesforce import describe
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.http import Answer, Call, Endpoint
from sandbox.salesforce.oauth import identity_url, revoke, token
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import ID

OLDEST, NEWEST = 31, 68
RESOURCES = ("limits", "sobjects", "query", "queryAll", "tooling", "composite", "jobs")
SEASONS = ("Winter", "Spring", "Summer")


def release(version: int) -> str:
    """What Salesforce calls a version: three a year, v32 being Winter '15."""
    year, season = divmod(version - 32, 3)
    return f"{SEASONS[season]} '{15 + year}"


def versions(call: Call) -> Answer:
    return Answer(
        [
            {"label": release(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(OLDEST, NEWEST + 1)
        ]
    )


def resources(call: Call) -> Answer:
    listed = {name: f"{call.base}/{name}" for name in RESOURCES}
    return Answer({**listed, "identity": identity_url(call, call.user_id)})


def limits(call: Call) -> Answer:
    """Those limits that this org keeps count of."""
    quota = call.limits.daily["salesforce"] if call.limits is not None else None
    used, most = (quota.used, quota.limit) if quota is not None else (0, 15_000)
    jobs = len(call.org.jobs)
    return Answer(
        {
            "DailyApiRequests": {"Max": most, "Remaining": max(0, most - used)},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": max(0, 10_000 - jobs)},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
            "DataStorageMB": {"Max": 10_240, "Remaining": 10_240},
        }
    )


def record_count(call: Call) -> Answer:
    """Counts of objects that have records; of all objects if none is named."""
    named = [name for name in call.params.get("sObjects", "").split(",") if name]
    asked = [call.view.sobject(name) for name in named] if named else list(call.org.schema)
    store = call.org.store
    counts = [{"count": len(store[one.name]), "name": one.name} for one in asked if one and len(store[one.name])]
    return Answer({"sObjects": counts})


def user_info(call: Call) -> Answer:
    """`/services/oauth2/userinfo`, and the identity address that a token names."""
    org = call.org
    users = org.store["User"]
    row = users.rows[call.user_id]

    def of(name: str) -> Any:
        return row[users.sobject.at(name)]

    rest = f"{call.host}/services/data/v{{version}}/"
    return Answer(
        {
            "sub": identity_url(call, call.user_id),
            "id": identity_url(call, call.user_id),
            "asserted_user": True,
            "user_id": call.user_id,
            "organization_id": org.id,
            "preferred_username": of("Username"),
            "username": of("Username"),
            "nickname": of("CommunityNickname"),
            "name": of("Name"),
            "display_name": of("Name"),
            "given_name": of("FirstName"),
            "family_name": of("LastName"),
            "email": of("Email"),
            "email_verified": True,
            "zoneinfo": of("TimeZoneSidKey"),
            "active": of("IsActive"),
            "user_type": "STANDARD",
            "language": of("LanguageLocaleKey"),
            "locale": of("LocaleSidKey"),
            "utcOffset": 0,
            "updated_at": of("SystemModstamp"),
            "urls": {
                "rest": rest,
                "sobjects": rest + "sobjects/",
                "query": rest + "query/",
                "tooling_rest": rest + "tooling/",
            },
        }
    )


def identity(call: Call, org_id: str, user_id: str) -> Answer:
    if org_id[:15] != call.org.id[:15] or user_id[:15] != call.user_id[:15]:
        raise not_found()
    return user_info(call)


def global_describe(call: Call) -> Answer:
    visible = [one for one in call.org.schema if call.view.sobject(one.name)]
    return Answer(
        {
            "encoding": "UTF-8",
            "maxBatchSize": 200,
            "sobjects": [describe.summary(call.view, one, call.base) for one in visible],
        }
    )


def known(call: Call, sobject: str) -> SObject:
    """The object of an address; 404 for one that the user may not see."""
    one = call.view.sobject(sobject)
    if one is None:
        raise not_found()
    return one


def basic(call: Call, sobject: str) -> Answer:
    one = known(call, sobject)
    rows = list(call.org.store[one.name].rows.values())[-5:]
    name = one.name_field
    recent = [
        {
            "attributes": {"type": one.name, "url": f"{call.base}/sobjects/{one.name}/{row[ID]}"},
            "Id": row[ID],
            **({name.name: row[name.at]} if name else {}),
        }
        for row in rows
    ]
    return Answer({"objectDescribe": describe.summary(call.view, one, call.base), "recentItems": recent})


def describe_sobject(call: Call, sobject: str) -> Answer:
    return Answer(describe.sobject(call.view, known(call, sobject), call.base, call.host))


ENDPOINTS = (
    Endpoint("POST", "/services/oauth2/token", token, open=True),
    Endpoint("POST", "/services/oauth2/revoke", revoke, open=True),
    Endpoint("GET", "/services/oauth2/revoke", revoke, open=True),
    Endpoint("GET", "/services/oauth2/userinfo", user_info),
    Endpoint("POST", "/services/oauth2/userinfo", user_info),
    Endpoint("GET", "/id/{org_id}/{user_id}", identity),
    Endpoint("GET", "/services/data", versions, open=True),
    Endpoint("GET", "", resources),
    Endpoint("GET", "/limits", limits),
    Endpoint("GET", "/limits/recordCount", record_count),
    Endpoint("GET", "/sobjects", global_describe),
    Endpoint("GET", "/sobjects/{sobject}", basic),
    Endpoint("GET", "/sobjects/{sobject}/describe", describe_sobject),
)
