"""Which alerts become tasks now, and which tasks have lost their cause."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assets.met import cause_of, meet
from assets.pilot import owners
from assets.session import Session
from assets.warehouse.intents import DONE, GONE, INTENDED, OPEN, REJECTED, WITHDRAWN, Intent, known
from readiness.schema import TEXT, TIME
from transforms.alerts import KINDS

PLAN = dict.fromkeys(
    ["action", "key", "kind", "opportunity_id", "person_id", "owner_id", "subject", "body", "priority", "task_id"], TEXT
) | {"due_at": TIME}
NOT_RIGHT, SNOOZE = "not_right", "snooze"
LEFT = "select seller_id from sellers where not is_active"
_AGAIN = re.compile(r"~(\d+)$")
"""Ends the key of a task that comes back after a snooze: the CRM keeps the first one's key."""


def governed(session: Session) -> dict[str, int]:
    """Store `task_plan`: one row per task to open or to withdraw; how many of each, and what held others back.

    An alert becomes a task once: not while its task is open, not within the cooldown of an alert of that kind on that
    opportunity, never after "not right", after "snooze" only when the cooldown is over, not in the quiet hours, and no
    more than the cap per owner per day, the most urgent first.
    """
    store = session.store
    meet(session)
    alerts = sorted(store.query(f"select *, seller_id in ({LEFT}) as owner_has_left from alerts"), key=_urgency)
    standing = {alert["key"] for alert in alerts}
    intents = known(store)
    allowed = owners(session)
    rules = Rules(session, intents)
    rows, held_back = [], Counter[str]()
    for alert in alerts:
        if allowed is not None and alert["seller_id"] not in allowed:
            continue
        reason = rules.against(alert)
        if reason:
            held_back[reason] += 1
        else:
            rows.append(_opening(alert, rules.take(alert)))
    gone = [intent for intent in intents.values() if intent.state == OPEN and first_key(intent.key) not in standing]
    counts = {"to_open": len(rows), "to_withdraw": len(gone), **held_back}
    store.replace("task_plan", store.frame([*rows, *({"action": "withdraw", **_shown(one)} for one in gone)], PLAN))
    return counts | _answers(intents)


class Rules:
    """What speaks against a task now; it learns of each one that is taken."""

    def __init__(self, session: Session, intents: Mapping[str, Intent]) -> None:
        config, as_of = session.connection.config, session.run.as_of
        here = as_of.astimezone(ZoneInfo(config.zone))
        self._rules = config.alerts
        self._is_quiet = bool(self._rules.quiet_hours and self._rules.quiet_hours.cover(here.time()))
        self._since = as_of - timedelta(days=self._rules.cooldown_days)
        self._opened = Counter(
            one.owner_id
            for one in intents.values()
            if one.opened_at and one.opened_at.astimezone(here.tzinfo).date() == here.date()
        )
        self._last = {first_key(key): intents[key] for key in sorted(intents, key=_times)}
        self._refused = {cause_of(one.key) for one in intents.values() if one.answer == NOT_RIGHT}
        self._resting = {cause_of(one.key) for one in intents.values() if self._rests(one)}

    def against(self, alert: Mapping[str, Any]) -> str:
        """Why this alert becomes no task in this run; empty when it may."""
        cause, last = cause_of(alert["key"]), self._last.get(alert["key"])
        if alert["seller_id"] is None:
            return "without_owner"
        if alert["owner_has_left"]:
            return "owner_has_left"
        if cause in self._refused:
            return "said_not_right"
        if last is not None and last.state == OPEN:
            return "open_already"
        if cause in self._resting:
            return "snoozed" if last is not None and last.answer == SNOOZE else "in_cooldown"
        if last is not None and last.state not in (INTENDED, WITHDRAWN) and last.answer != SNOOZE:
            return "had_its_task"
        if self._is_quiet:
            return "in_quiet_hours"
        if self._opened[alert["seller_id"]] >= self._rules.per_owner_per_day:
            return "over_the_cap"
        return ""

    def take(self, alert: Mapping[str, Any]) -> str:
        """Count the alert's task as made; the key that it gets."""
        self._opened[alert["seller_id"]] += 1
        self._resting.add(cause_of(alert["key"]))
        last = self._last.get(alert["key"])
        if last is None or last.state in (INTENDED, WITHDRAWN):
            return last.key if last else str(alert["key"])
        return f"{alert['key'][:250]}~{_times(last.key) + 1}"

    def _rests(self, intent: Intent) -> bool:
        """Whether this task keeps another one about the same cause from being made."""
        if intent.state in (INTENDED, REJECTED):
            return False
        return intent.state == OPEN or (intent.closed_at or intent.opened_at or self._since) > self._since


def first_key(key: str) -> str:
    """The alert's own key, of a task's that may have come back since."""
    return _AGAIN.sub("", key)


def _times(key: str) -> int:
    again = _AGAIN.search(key)
    return int(again[1]) if again else 1


def _answers(intents: Mapping[str, Intent]) -> dict[str, int]:
    """What sellers have answered so far."""
    said = Counter(one.answer for one in intents.values() if one.state in (OPEN, DONE, GONE))
    return {"answered_not_right": said[NOT_RIGHT], "answered_snooze": said[SNOOZE]}


def _urgency(alert: Mapping[str, Any]) -> tuple[bool, int, datetime, str]:
    return alert["priority"] != "high", list(KINDS).index(alert["kind"]), alert["since"], alert["key"]


def _opening(alert: Mapping[str, Any], key: str) -> dict[str, Any]:
    same = {name: alert[name] for name in ("kind", "opportunity_id", "person_id", "subject", "body", "due_at")}
    return {"action": "open", "key": key, **same, "owner_id": alert["seller_id"], "priority": str(alert["priority"])}


def _shown(intent: Intent) -> dict[str, Any]:
    return {
        name: getattr(intent, name) for name in ("key", "kind", "opportunity_id", "person_id", "owner_id", "task_id")
    }
