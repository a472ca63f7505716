"""What a user may see and change: object permissions and field-level security.

Both are records themselves (ObjectPermissions, FieldPermissions) of the permission sets that the user has, one of them
the profile's own. A field made through the Tooling API has none yet, so that nobody sees it until a permission set
says so. Source: Object Reference, FieldPermissions; ObjectPermissions; PermissionSet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.store import ID, Store

GOVERNED = ("Account", "Contact", "Lead", "Case", "Campaign", "Opportunity", "Quote", "Product2", "Pricebook2")
GOVERNED_BY = {
    "OpportunityHistory": "Opportunity",
    "OpportunityFieldHistory": "Opportunity",
    "OpportunityContactRole": "Opportunity",
    "OpportunityLineItem": "Opportunity",
    "QuoteHistory": "Quote",
    "CampaignMember": "Campaign",
    "PricebookEntry": "Pricebook2",
}
PERMISSION_OBJECTS = ("PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "FieldPermissions", "User")
FLAGS = ("PermissionsRead", "PermissionsCreate", "PermissionsEdit", "PermissionsDelete")


@dataclass(slots=True)
class Rights:
    """One user's rights: (object, flag) pairs, and fields (`Opportunity.Amount`, lower case) to read and to write."""

    objects: set[tuple[str, str]] = field(default_factory=set)
    readable: set[str] = field(default_factory=set)
    writable: set[str] = field(default_factory=set)

    def allows(self, sobject: SObject, flag: str) -> bool:
        governor = GOVERNED_BY.get(sobject.name, sobject.name)
        return governor not in GOVERNED or (governor, flag) in self.objects


class Access:
    """The rights of all users, worked out again whenever a permission record has changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Rights] = {}
        self._version: tuple[int, ...] = ()

    def of(self, user_id: str) -> Rights:
        version = tuple(self._store[name].version for name in PERMISSION_OBJECTS)
        if version != self._version:
            self._known.clear()
            self._version = version
        if user_id not in self._known:
            self._known[user_id] = self._rights(user_id)
        return self._known[user_id]

    def may_customize(self, user_id: str) -> bool:
        """Whether the user's profile lets them change the org's set-up."""
        users, profiles = self._store["User"], self._store["Profile"]
        profile = profiles.rows[users.rows[user_id][users.sobject.at("ProfileId")]]
        return bool(profile[profiles.sobject.at("PermissionsCustomizeApplication")])

    def _rights(self, user_id: str) -> Rights:
        sets = self._permission_sets(user_id)
        rights = Rights()
        table = self._store["ObjectPermissions"]
        at = table.sobject.at
        for row in table.having(at("ParentId"), sets):
            rights.objects |= {(row[at("SobjectType")], flag) for flag in FLAGS if row[at(flag)]}
        table = self._store["FieldPermissions"]
        at = table.sobject.at
        for row in table.having(at("ParentId"), sets):
            name = row[at("Field")].lower()
            if row[at("PermissionsRead")]:
                rights.readable.add(name)
            if row[at("PermissionsEdit")]:
                rights.writable.add(name)
        return rights

    def _permission_sets(self, user_id: str) -> list[str]:
        users, sets = self._store["User"], self._store["PermissionSet"]
        profile = users.rows[user_id][users.sobject.at("ProfileId")]
        own: list[str] = [row[ID] for row in sets.having(sets.sobject.at("ProfileId"), [profile])]
        assigned = self._store["PermissionSetAssignment"]
        at = assigned.sobject.at
        return own + [row[at("PermissionSetId")] for row in assigned.having(at("AssigneeId"), [user_id])]


class UserView:
    """The org through the eyes of one user, for one request.

    Attributes
    ----------
    hidden : (object, field) pairs, lower case, that a fault takes away for now.
    """

    def __init__(
        self, store: Store, rights: Rights, now: datetime, zone: ZoneInfo, hidden: frozenset[tuple[str, str]]
    ) -> None:
        self.store = store
        self.rights = rights
        self.now = now
        self.zone = zone
        self.hidden = hidden

    def sobject(self, name: str) -> SObject | None:
        found = self.store.schema.get(name)
        return found if found and self.rights.allows(found, "PermissionsRead") else None

    def field(self, sobject: SObject, name: str) -> Field | None:
        found = sobject.fields.get(name.lower())
        return found if found and self._sees(sobject, found) else None

    def fields(self, sobject: SObject) -> list[Field]:
        return [one for one in sobject.fields.values() if self._sees(sobject, one)]

    def may_write(self, sobject: SObject, one: Field) -> bool:
        return not one.permissionable or f"{sobject.name}.{one.name}".lower() in self.rights.writable

    def _sees(self, sobject: SObject, one: Field) -> bool:
        if self.hidden and (sobject.name.lower(), one.name.lower()) in self.hidden:
            return False
        return not one.permissionable or f"{sobject.name}.{one.name}".lower() in self.rights.readable


class ToolingView(UserView):
    """The Tooling API's objects: whoever may ask for them sees them whole."""

    def sobject(self, name: str) -> SObject | None:
        return self.store.schema.get(name)

    def _sees(self, sobject: SObject, one: Field) -> bool:
        return True

    def may_write(self, sobject: SObject, one: Field) -> bool:
        return True
