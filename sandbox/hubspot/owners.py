"""Owners: the portal's users as the CRM knows them. Shape: https://developers.hubspot.com/docs/guides/api/crm/owners"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.wire import stamp


@dataclass(slots=True)
class Owner:
    """One owner; a deactivated user is archived and then has no `userId` any more."""

    id: int
    user_id: int
    email: str | None
    first_name: str
    last_name: str
    archived: bool
    created: int
    updated: int
    team: tuple[str, str] | None = None

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        shown: dict[str, Any] = {
            "id": str(self.id),
            "email": self.email or "",
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
        }
        if not self.archived:
            shown["userId"] = self.user_id
        shown |= {
            "userIdIncludingInactive": self.user_id,
            "createdAt": stamp(self.created),
            "updatedAt": stamp(self.updated),
            "archived": self.archived,
        }
        if self.team:
            shown["teams"] = [{"id": self.team[0], "name": self.team[1], "primary": True}]
        return shown
