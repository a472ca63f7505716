"""The three connections under one suite, each with what a seller or admin may do to its records from outside."""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import requests

from connectors.credentials import ClientCredentials, PrivateApp
from connectors.open import open_connector
from connectors.protocol import Connector
from tests.contract.mirror import Mirror

SECRET = "sandbox"


def annotate(subject: str, body: str) -> dict[str, str | None]:
    """Stands in for the lexicon: says only how long the texts were."""
    return {"topics": "[]", "lexicon": f"{len(subject)}+{len(body)}"}


class Subject(ABC):
    """One connection under test.

    Attributes
    ----------
    opportunities, name : the raw table of opportunities and its column of names.
    big : a stream that comes in several pages.
    """

    crm: str
    opportunities: str
    name: str
    big: str

    def __init__(self) -> None:
        self.mirror = Mirror()

    @abstractmethod
    def open(self, secret: str = SECRET) -> Connector: ...

    @abstractmethod
    def rename(self, ids: list[str], name: str) -> None:
        """A seller renames opportunities, all at once."""

    @abstractmethod
    def delete(self, id: str) -> None:
        """A seller deletes an opportunity."""

    @abstractmethod
    def finish(self, task_id: str) -> None:
        """A seller completes a task."""

    def some(self, count: int) -> list[str]:
        """Ids of living opportunities, the same ones each time."""
        return sorted(id for id in self.mirror.ids(self.opportunities) if id)[:count]


class SalesforceSubject(Subject):
    crm, opportunities, name, big = "salesforce", "opportunity", "Name", "task"

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        form = {"grant_type": "client_credentials", "client_id": SECRET, "client_secret": SECRET}
        token = requests.post(f"{url}/services/oauth2/token", data=form, timeout=30).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def open(self, secret: str = SECRET) -> Connector:
        return open_connector(self.crm, self.url, ClientCredentials(SECRET, secret), annotate)

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        address = f"{self.url}/services/data/v67.0/{path}"
        answer = requests.request(method, address, json=body, headers=self.headers, timeout=60)
        assert answer.ok, answer.text
        return answer

    def rename(self, ids: list[str], name: str) -> None:
        for start in range(0, len(ids), 200):
            records = [
                {"attributes": {"type": "Opportunity"}, "Id": id, "Name": name} for id in ids[start : start + 200]
            ]
            self.call("PATCH", "composite/sobjects", {"allOrNone": False, "records": records})

    def delete(self, id: str) -> None:
        self.call("DELETE", f"sobjects/Opportunity/{id}")

    def finish(self, task_id: str) -> None:
        """Salesforce knows who did it: as our own user would, so another field than the status shows the hand."""
        self.call("PATCH", f"sobjects/Task/{task_id}", {"Status": "Completed"})


class HubSpotSubject(Subject):
    crm, opportunities, name, big = "hubspot", "deals", "dealname", "emails"

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.headers = {"Authorization": "Bearer pat-sandbox"}

    def open(self, secret: str = "pat-sandbox") -> Connector:
        return open_connector(self.crm, self.url, PrivateApp(secret), annotate)

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = requests.request(method, f"{self.url}{path}", json=body, headers=self.headers, timeout=60)
        assert answer.ok, answer.text
        return answer

    def rename(self, ids: list[str], name: str) -> None:
        for start in range(0, len(ids), 100):
            inputs = [{"id": id, "properties": {"dealname": name}} for id in ids[start : start + 100]]
            self.call("POST", "/crm/v3/objects/deals/batch/update", {"inputs": inputs})

    def delete(self, id: str) -> None:
        self.call("DELETE", f"/crm/v3/objects/deals/{id}")

    def finish(self, task_id: str) -> None:
        self.call("PATCH", f"/crm/v3/objects/tasks/{task_id}", {"properties": {"hs_task_status": "COMPLETED"}})


FOLDER: dict[str, list[str]] = {
    "accounts": ["account_id,name,created_at", "a1,Acme,2026-01-05T09:00:00Z"],
    "sellers": ["seller_id,name,email,is_active", "s1,Ann,ann@example.com,true"],
    "people": [
        "person_id,account_id,name,email,title,kind,lifecycle,source,created_at,opted_out",
        "p1,a1,Bo,bo@example.com,CFO,contact,,,2026-01-05T09:00:00Z,false",
    ],
    "stages": [
        "pipeline_id,stage_id,label,position,probability,is_closed,is_won",
        "new,talk,Talking,1,0.2,false,false",
        "new,won,Won,2,1,true,true",
    ],
    "opportunities": [
        "opportunity_id,account_id,seller_id,pipeline_id,stage_id,name,amount,currency,close_date,created_at,"
        "closed_at,outcome,loss_reason",
        *(
            f"o{number},a1,s1,new,talk,Deal {number},100,EUR,2026-12-01,2026-02-0{number}T10:00:00Z,,open,"
            for number in range(1, 9)
        ),
    ],
    "buying_group": [
        "opportunity_id,person_id,seat,is_primary,joined_at,left_at",
        "o1,p1,decider,true,2026-02-01T10:00:00Z,",
    ],
    "interactions": [
        "interaction_id,opportunity_id,person_id,seller_id,channel,direction,outcome,topics,occurred_at,recorded_at",
        'i1,o1,p1,s1,email,inbound,,"[""pricing""]",2026-03-01T10:00:00Z,2026-03-01T10:00:05Z',
    ],
    "changes": [
        "opportunity_id,field,old_value,new_value,changed_at",
        "o1,stage,,talk,2026-02-01T10:00:00Z",
    ],
    "quotes": [
        "quote_id,opportunity_id,version,status,amount,created_at,sent_at,viewed_at,decided_at",
        "q1,o1,1,sent,100,2026-02-20T10:00:00Z,2026-02-21T10:00:00Z,,",
    ],
    "promises": [
        "promise_id,opportunity_id,person_id,seller_id,made_by,what,made_at,due_at,kept_at",
        "r1,o1,p1,s1,seller,send_quote,2026-02-19T10:00:00Z,2027-02-20T10:00:00Z,",
    ],
}


class FilesSubject(Subject):
    crm, opportunities, name, big = "files", "opportunities", "name", "opportunities"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        for table, lines in FOLDER.items():
            (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def open(self, secret: str = SECRET) -> Connector:
        return open_connector(self.crm, self.folder, None, annotate)

    def rename(self, ids: list[str], name: str) -> None:
        self._rewrite("opportunities", lambda row: row | {"name": name} if row["opportunity_id"] in ids else row)

    def delete(self, id: str) -> None:
        self._rewrite("opportunities", lambda row: None if row["opportunity_id"] == id else row)

    def finish(self, task_id: str) -> None:
        self._rewrite("enriched/tasks", lambda row: row | {"done": "yes"} if row["key"] == task_id else row)

    def _rewrite(self, table: str, change: Any) -> None:
        path = self.folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as opened:
            reader = csv.DictReader(opened)
            rows = [changed for row in reader if (changed := change(dict(row))) is not None]
        with path.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, reader.fieldnames or [])
            writer.writeheader()
            writer.writerows(rows)
