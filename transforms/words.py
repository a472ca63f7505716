"""What tenants' own words mean: contact roles, loss reasons and lead statuses, in Dutch and English."""

from __future__ import annotations

import narwhals as nw

from readiness.schema import TEXT
from transforms.frames import first_match, folded, nothing, one_of
from transforms.settings import Settings

SEATS = ("decider", "champion", "procurement", "technical", "user", "unknown")

SEAT_WORDS = (
    (r"\bno[nt][ -]?deci|block", "unknown"),
    (r"economic|economisch", "decider"),
    (r"technical|technisch", "technical"),
    (r"procure|purchas|\bbuyer|sourcing|inkoop|inkoper|contract manager|legal|jurid|jurist", "procurement"),
    (
        r"decision|decider|decide|economic|budget|executive|approver|sign(er|ing|atory)|owner|director|sponsor exec"
        r"|beslis|besluit|budgethouder|directeur|directie|tekenbevoegd|eigenaar|goedkeur|\bceo\b|\bcfo\b|\bcoo\b",
        "decider",
    ),
    (
        r"champion|sponsor|advocate|coach|ambassad|influenc|promot|pleitbezorg|voorvechter|trekker|beïnvloed|beinvloed"
        r"|kartrekker",
        "champion",
    ),
    (
        r"technical|technisch|evaluator|architect|engineer|\bit\b|\bict\b|security|beoordelaar|beheerder|integrat",
        "technical",
    ),
    (r"\buser|gebruiker|end[ -]user|eindgebruiker|key[ -]?user|medewerker|operator", "user"),
)

RIVAL = r"competit|concurren|rival|andere (partij|leverancier|aanbieder)|other (vendor|supplier|party)|chose another"
UNDECIDED = (
    r"no[ _-]?decision|geen (besluit|beslissing)|undecided|status quo|do(es)? nothing|budget|funding|geen geld|no money"
    r"|timing|\btime\b|too early|te vroeg|not now|niet nu|later|postpone|uitgesteld|uitstel|on hold|delay|priorit"
    r"|no (answer|response|reply|contact|interest|need)|geen (reactie|antwoord|gehoor|contact|interesse|behoefte)"
    r"|non[- ]?respons|unresponsive|ghost|silent|niet bereikbaar|unreachable|went (dark|cold|quiet)"
    r"|cancel|geannuleerd|annuler|ingetrokken|withdr[ae]w|afgeblazen|stopgezet|project (stopped|ended|gestopt)"
    r"|reorgani|bevroren|frozen"
)

LEAD_STAGES = (
    (r"\bmql\b|marketing ?qualified|marketingqualified", "mql"),
    (r"\bsql\b|sales ?qualified|salesqualified|opportunity|^qualified|converted|gekwalificeerd", "sql"),
    (r"customer|klant|evangelist", "customer"),
    (r"suspect|subscriber|cold|koud|abonnee", "suspect"),
    (r"prospect|nurtur|working|contacted|in behandeling|attempt|connected|bezig", "prospect"),
    (r"lead|^new|^nieuw|open", "lead"),
)


def seat(role: nw.Expr, settings: Settings) -> nw.Expr:
    """The seat of a contact role or association label: the connection's own words first, then the usual ones."""
    word = folded(role)
    usual = first_match(word, SEAT_WORDS, nw.lit("unknown"))
    own = one_of(word, {k.strip().lower(): v for k, v in settings.seats.items()})
    return nw.coalesce(own, usual, nw.lit("unknown"))


def seat_rank(value: nw.Expr) -> nw.Expr:
    """0 for a decider, up to 5 for an unknown seat: of several roles of one person the weightiest counts."""
    return value.replace_strict({s: i for i, s in enumerate(SEATS)}, default=5, return_dtype=nw.Int64())


def seat_of_rank(rank: nw.Expr) -> nw.Expr:
    return rank.cast(nw.Int64()).replace_strict(dict(enumerate(SEATS)), default="unknown", return_dtype=TEXT)


def lost_as(reason: nw.Expr, settings: Settings) -> nw.Expr:
    """lost | no_decision, by the loss reason: a rival means lost, words of standstill mean no decision."""
    word = folded(reason)
    usual = first_match(word, ((RIVAL, "lost"), (UNDECIDED, "no_decision")), nw.lit("lost"))
    own = one_of(word, {k.strip().lower(): v for k, v in settings.loss_reasons.items()})
    return nw.coalesce(own, usual, nw.lit("lost"))


def lead_stage(status: nw.Expr) -> nw.Expr:
    """suspect | prospect | lead | mql | sql | customer | other; null for no status."""
    named = first_match(folded(status), LEAD_STAGES, nw.lit("other"))
    return nw.when(~status.is_null()).then(named).otherwise(nothing())
