"""The tables that the scoring core reads, the canonical tables of one CRM connection and the signals made from them,
and the tables that it gives.

Times are UTC, kept to the second; ids are the CRM's own strings. `occurred_at` is when something happened,
`recorded_at` when the CRM knew it, `known_at` the later of the two. An optional column or table reads as empty
where a source leaves it out.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

TEXT = nw.String()
NUMBER = nw.Float64()
COUNT = nw.Int64()
FLAG = nw.Boolean()
DAY = nw.Date()
TIME = nw.Datetime("us", "UTC")
TEXTS = nw.List(nw.String())


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type, what it holds, and whether a source may leave it out."""

    name: str
    dtype: nw.dtypes.DType
    about: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, its columns, and the columns that identify a row."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def dtypes(self) -> dict[str, nw.dtypes.DType]:
        return {column.name: column.dtype for column in self.columns}

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if not column.optional)


def _table(name: str, key: str, *columns: Column, optional: bool = False) -> Table:
    return Table(name, tuple(key.split()), columns, optional)


def _c(name: str, dtype: nw.dtypes.DType, about: str, *, optional: bool = False) -> Column:
    return Column(name, dtype, about, optional)


ACCOUNTS = _table(
    "accounts",
    "account_id",
    _c("account_id", TEXT, "the company"),
    _c("name", TEXT, "its name"),
    _c("created_at", TIME, "when the CRM made it"),
    _c("employees", COUNT, "people it employs", optional=True),
    _c("annual_revenue", NUMBER, "its yearly revenue, in the CRM's currency", optional=True),
)
SELLERS = _table(
    "sellers",
    "seller_id",
    _c("seller_id", TEXT, "the CRM user or owner"),
    _c("name", TEXT, "full name"),
    _c("email", TEXT, "e-mail address"),
    _c("is_active", FLAG, "false once the user has left"),
    _c("team", TEXT, "team or role name", optional=True),
    _c("manager_id", TEXT, "seller_id of the manager", optional=True),
    _c("time_zone", TEXT, "IANA time zone", optional=True),
)
PEOPLE = _table(
    "people",
    "person_id",
    _c("person_id", TEXT, "contact or lead"),
    _c("account_id", TEXT, "the company they work for; null for a lead"),
    _c("name", TEXT, "full name"),
    _c("email", TEXT, "e-mail address"),
    _c("title", TEXT, "job title; shown, never scored"),
    _c("kind", TEXT, "contact | lead"),
    _c("lifecycle", TEXT, "lifecycle stage or lead status, as the CRM words it"),
    _c("source", TEXT, "where they came from"),
    _c("created_at", TIME, "when the CRM made them"),
    _c("opted_out", FLAG, "no e-mail wanted"),
    _c("seller_id", TEXT, "their owner", optional=True),
)
LIFECYCLE = _table(
    "lifecycle",
    "person_id stage entered_at",
    _c("person_id", TEXT, "contact or lead"),
    _c("stage", TEXT, "suspect | prospect | lead | mql | sql | customer | other"),
    _c("entered_at", TIME, "when they entered it"),
    optional=True,
)
STAGES = _table(
    "stages",
    "pipeline_id stage_id",
    _c("pipeline_id", TEXT, "sales pipeline, or record type"),
    _c("stage_id", TEXT, "stage within it"),
    _c("label", TEXT, "as sellers see it"),
    _c("position", COUNT, "order in the pipeline, ascending"),
    _c("probability", NUMBER, "the CRM's own chance of winning, 0-1"),
    _c("is_closed", FLAG, "won or lost"),
    _c("is_won", FLAG, "won"),
    _c("pipeline", TEXT, "the pipeline's name, as sellers see it", optional=True),
    _c("phase", COUNT, "0-6: the phase it claims where RevOps set it; null: learnt, or spread evenly", optional=True),
)
OPPORTUNITIES = _table(
    "opportunities",
    "opportunity_id",
    _c("opportunity_id", TEXT, "opportunity or deal"),
    _c("account_id", TEXT, "the company that buys"),
    _c("seller_id", TEXT, "owner today"),
    _c("pipeline_id", TEXT, "its pipeline"),
    _c("stage_id", TEXT, "stage today"),
    _c("name", TEXT, "its name"),
    _c("amount", NUMBER, "in `currency`; null or 0 when not stated"),
    _c("currency", TEXT, "ISO 4217"),
    _c("close_date", DAY, "close date today"),
    _c("created_at", TIME, "when it was opened"),
    _c("closed_at", TIME, "when it was won or lost; null while open"),
    _c("outcome", TEXT, "open | won | lost | no_decision"),
    _c("loss_reason", TEXT, "as the tenant words it"),
)
PRODUCTS = _table(
    "products",
    "opportunity_id product",
    _c("opportunity_id", TEXT, "opportunity"),
    _c("product", TEXT, "product name"),
    _c("quantity", NUMBER, "pieces"),
    _c("amount", NUMBER, "line total"),
    optional=True,
)
BUYING_GROUP = _table(
    "buying_group",
    "opportunity_id person_id joined_at",
    _c("opportunity_id", TEXT, "opportunity"),
    _c("person_id", TEXT, "person with a contact role on it"),
    _c("seat", TEXT, "decider | champion | procurement | technical | user | unknown"),
    _c("is_primary", FLAG, "primary contact"),
    _c("joined_at", TIME, "first seen in the role"),
    _c("left_at", TIME, "no longer seen in it; null while there"),
    _c("role_id", TEXT, "the CRM's own record of the role, where it has one", optional=True),
)
INTERACTIONS = _table(
    "interactions",
    "interaction_id person_id",
    _c("interaction_id", TEXT, "one contact; a meeting with three buyers has three rows"),
    _c("opportunity_id", TEXT, "null where it is nobody's"),
    _c("person_id", TEXT, "the buyer concerned; null where unknown"),
    _c("seller_id", TEXT, "the colleague concerned"),
    _c("channel", TEXT, "email | call | meeting | web | form | document | other"),
    _c("direction", TEXT, "inbound | outbound | mutual"),
    _c("outcome", TEXT, "held | no_show | cancelled | connected | no_answer | bounced; null where unknown"),
    _c("topics", TEXTS, "what it was about, by the lexicon"),
    _c("occurred_at", TIME, "when it happened"),
    _c("recorded_at", TIME, "when the CRM knew"),
    _c("thread_id", TEXT, "conversation", optional=True),
    _c("author", TEXT, "buyer | seller | system: who wrote the evidence; null is buyer for inbound", optional=True),
    _c("campaign", TEXT, "marketing campaign", optional=True),
)
PARTICIPANTS = _table(
    "participants",
    "interaction_id person_id",
    _c("interaction_id", TEXT, "interaction"),
    _c("person_id", TEXT, "person"),
    _c("role", TEXT, "from | to | cc | attendee"),
    optional=True,
)
CHANGES = _table(
    "changes",
    "opportunity_id field changed_at new_value",
    _c("opportunity_id", TEXT, "opportunity"),
    _c("field", TEXT, "stage | close_date | amount | seller"),
    _c("old_value", TEXT, "null for the first"),
    _c("new_value", TEXT, "as text; dates ISO 8601, numbers plain"),
    _c("changed_at", TIME, "when it was changed"),
)
QUOTES = _table(
    "quotes",
    "quote_id",
    _c("quote_id", TEXT, "quote"),
    _c("opportunity_id", TEXT, "opportunity"),
    _c("version", COUNT, "1, 2, 3 … within the opportunity"),
    _c("status", TEXT, "draft | sent | accepted | declined | cancelled; the last one, true from `decided_at` on"),
    _c("amount", NUMBER, "total"),
    _c("created_at", TIME, "drafted"),
    _c("sent_at", TIME, "presented to the buyer"),
    _c("viewed_at", TIME, "first opened by the buyer"),
    _c("decided_at", TIME, "accepted, declined or cancelled"),
)
PROMISES = _table(
    "promises",
    "promise_id",
    _c("promise_id", TEXT, "promise"),
    _c("opportunity_id", TEXT, "opportunity"),
    _c("person_id", TEXT, "the buyer concerned"),
    _c("seller_id", TEXT, "the colleague concerned"),
    _c("made_by", TEXT, "seller | buyer"),
    _c("what", TEXT, "kind of promise"),
    _c("made_at", TIME, "when it was made"),
    _c("due_at", TIME, "when it falls due"),
    _c("kept_at", TIME, "when it was kept; null while open"),
)
TASKS = _table(
    "tasks",
    "task_id",
    _c("task_id", TEXT, "planned work"),
    _c("opportunity_id", TEXT, "opportunity"),
    _c("person_id", TEXT, "the buyer concerned"),
    _c("seller_id", TEXT, "who does it"),
    _c("kind", TEXT, "call | email | meeting | todo"),
    _c("planned_at", TIME, "when it was planned"),
    _c("due_at", TIME, "when it falls due"),
    _c("done_at", TIME, "when it was done; null while open"),
    optional=True,
)
CASES = _table(
    "cases",
    "case_id",
    _c("case_id", TEXT, "service case or ticket"),
    _c("account_id", TEXT, "company"),
    _c("person_id", TEXT, "who asked"),
    _c("opened_at", TIME, "opened"),
    _c("first_response_at", TIME, "first answer"),
    _c("closed_at", TIME, "closed"),
    _c("priority", TEXT, "as the CRM words it"),
    _c("satisfaction", NUMBER, "0-1"),
    optional=True,
)
LABELS = _table(
    "labels",
    "opportunity_id person_id given_at",
    _c("opportunity_id", TEXT, "opportunity"),
    _c("person_id", TEXT, "null: the group as a whole"),
    _c("phase", COUNT, "0-6, as the seller sees it"),
    _c("shown_phase", COUNT, "0-6, what stood beside it; null when nothing was shown"),
    _c("given_at", TIME, "when it was given"),
    optional=True,
)

CANONICAL: tuple[Table, ...] = (
    ACCOUNTS,
    SELLERS,
    PEOPLE,
    LIFECYCLE,
    STAGES,
    OPPORTUNITIES,
    PRODUCTS,
    BUYING_GROUP,
    INTERACTIONS,
    PARTICIPANTS,
    CHANGES,
    QUOTES,
    PROMISES,
    TASKS,
    CASES,
    LABELS,
)

SIGNALS = _table(
    "signals",
    "interaction_id person_id kind",
    _c("interaction_id", TEXT, "the act it was seen in"),
    _c("opportunity_id", TEXT, "opportunity; a lead without one has `lead:<person_id>`"),
    _c("person_id", TEXT, "whose readiness it speaks of"),
    _c("seller_id", TEXT, "the colleague concerned"),
    _c("kind", TEXT, "a row of the signal table in prior.yaml, or `outbound`"),
    _c("direction", TEXT, "inbound | mutual | outbound"),
    _c("weight", NUMBER, "source weight m, 0-1: 1.0 written by the buyer, 0.3 a seller's note"),
    _c("occurred_at", TIME, "when it happened"),
    _c("known_at", TIME, "the later of occurred and recorded"),
)
MEMBERS = _table(
    "members",
    "opportunity_id person_id",
    _c("opportunity_id", TEXT, "opportunity, or `lead:<person_id>`"),
    _c("person_id", TEXT, "person in its buying group now"),
    _c("seat", TEXT, "decider | champion | procurement | technical | user | unknown"),
    _c("joined_at", TIME, "start of the tenure that exposure counts from"),
    _c("left_at", TIME, "null while there"),
    _c("obs_mail", NUMBER, "share of the owner's e-mail that the CRM captures, 0-1"),
    _c("obs_call", NUMBER, "the same for calls"),
    _c("obs_meeting", NUMBER, "the same for meetings"),
    _c("obs_web", NUMBER, "the same for web, forms and documents"),
)

PHASES = range(7)
"""The phases of the packaged prior, 0 unaware … 6 committed; a model with another number has as many columns."""

PEOPLE_READINESS = _table(
    "people_readiness",
    "opportunity_id as_of person_id",
    _c("opportunity_id", TEXT, "opportunity, or `lead:<person_id>`"),
    _c("as_of", TIME, "the instant it is scored at"),
    _c("person_id", TEXT, "person in its buying group at that instant"),
    _c("seat", TEXT, "decider | champion | procurement | technical | user | unknown"),
    *(_c(f"p_{k}", NUMBER, f"chance of being in phase {k}; they sum to 1") for k in PHASES),
    _c("phase", COUNT, "median phase, 0-6"),
    _c("readiness", NUMBER, "0-100: the expected share of the phases passed"),
    _c("mean_phase", NUMBER, "expected phase, 0-6"),
    _c("coverage", NUMBER, "0-1: how much we saw or should have seen by now"),
    _c("entropy", NUMBER, "of the phases, in nats"),
    _c("confidence", TEXT, "low | medium | high"),
    _c("state", TEXT, "unseen | silent | seen"),
    _c("last_inbound_at", TIME, "last inbound or mutual act; null if none is known"),
    _c("inbound", NUMBER, "decayed count of their acts, capped per kind"),
)
OPPORTUNITY_READINESS = _table(
    "opportunity_readiness",
    "opportunity_id as_of",
    _c("opportunity_id", TEXT, "open opportunity, or `lead:<person_id>`"),
    _c("as_of", TIME, "the instant it is scored at"),
    *(_c(f"c_{m}", NUMBER, f"how far the group has passed into phase {m}, 0-1") for m in PHASES[1:]),
    _c("readiness", NUMBER, "0-100"),
    _c("phase", COUNT, "group phase, 0-6"),
    _c("coverage", NUMBER, "0-1, lowered by missing seats"),
    _c("confidence", TEXT, "low | medium | high"),
    _c("state", TEXT, "unseen | silent | seen"),
    _c("mean_phase", NUMBER, "weighted mean of its people's expected phases, 0-6"),
    _c("dispersion", NUMBER, "weighted standard deviation of them"),
    _c("known_seats", COUNT, "people in the group"),
    _c("expected_seats", NUMBER, "people expected, from comparable won deals"),
    _c("missing_decider", FLAG, "nobody in it holds the decider's seat"),
    _c("least_ready_person_id", TEXT, "the least ready of those we could have seen; null if none"),
    _c("last_inbound_at", TIME, "last inbound or mutual act of anyone in it; null if none is known"),
    _c("inbound", NUMBER, "its people's decayed counts, added up"),
    _c("claimed_phase", COUNT, "phase that the seller's stage claims, 0-6; null where it claims none"),
    _c("phase_gap", COUNT, "claimed - group phase: positive when the seller is ahead of the buyer"),
)
EXPLANATIONS = _table(
    "explanations",
    "opportunity_id person_id interaction_id kind",
    _c("opportunity_id", TEXT, "opportunity, or `lead:<person_id>`"),
    _c("person_id", TEXT, "whose phase is explained"),
    _c("interaction_id", TEXT, "the act; null for prior and silence"),
    _c("kind", TEXT, "signal kind | silence | prior"),
    _c("term", NUMBER, "its share of ln(p_phase / p_reference)"),
    _c("occurred_at", TIME, "when the act happened; for silence, the last act; null for prior"),
    _c("phase", COUNT, "the shown phase"),
    _c("reference", COUNT, "the phase it is compared with"),
)
FORECAST = _table(
    "forecast",
    "opportunity_id",
    _c("opportunity_id", TEXT, "open opportunity"),
    _c("p_win", NUMBER, "chance of being won within the horizon, 0-1"),
    _c("p_lost", NUMBER, "of being lost to a competitor or a refusal"),
    _c("p_no_decision", NUMBER, "of ending without a purchase by anyone"),
    _c("decision_date", DAY, "median day of deciding, given a decision; null: none expected"),
    _c("decision_from", DAY, "10 % of deciding"),
    _c("decision_to", DAY, "90 % of deciding"),
    _c("slip_risk", NUMBER, "chance of being undecided at the close date, 0-1"),
    _c("overdue", FLAG, "the close date has passed"),
    _c("calibrated", FLAG, "false: only `rank` may be shown"),
    _c("rank", NUMBER, "0-100: percentile of p_win among the open opportunities"),
)

SCORES: tuple[Table, ...] = (PEOPLE_READINESS, OPPORTUNITY_READINESS, EXPLANATIONS, FORECAST)
