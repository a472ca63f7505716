"""The writer's own words of a message: without quoted mail, signature and HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

LONGEST = 20_000
"""Characters of a message that are read; a longer one is a pasted document."""

MARKERS = {
    "form submitted": "form_submitted",
    "formulier ingevuld": "form_submitted",
    "web visit": "web_visit",
    "websitebezoek": "web_visit",
    "returned document": "returned_document",
    "document retour": "returned_document",
    "document received": "document_received",
    "document ontvangen": "document_received",
    "document sent": "document_sent",
    "document verstuurd": "document_sent",
    "call": None,
    "gesprek": None,
    "e-mail": None,
    "email": None,
    "meeting": None,
    "afspraak": None,
    "note": None,
    "notitie": None,
}
"""First words of an activity that carries topic keys instead of text ("Call: question, pricing") -> its own topic."""

_MARKED = re.compile(rf"^({'|'.join(MARKERS)})\s*:\s*([a-z_ ,-]*)$", re.MULTILINE)
_TAGS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h\d)[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_HTML = re.compile(r"<(?:br|p|div|span|html|body|a|b|table|ul|li|blockquote)\b[^<>]*>", re.IGNORECASE)
_QUOTED_HTML = re.compile(r"<blockquote|<div[^<>]{0,500}(?:gmail_quote|hs_reply)", re.IGNORECASE)
_QUOTED = re.compile(
    r"^\s*(?:>.*|-{2,} ?(?:original message|oorspronkelijk bericht|forwarded message|doorgestuurd bericht).*"
    r"|_{10,}.*|on .{5,100} wrote:|op .{5,100} schreef.{0,100}:|le .{5,100} a écrit ?:"
    r"|(?:from|van): .*\n\s*(?:sent|date|to|verzonden|datum|aan): .*)$",
    re.MULTILINE,
)
_SIGNATURE = re.compile(
    r"^\s*(?:-- ?|(?:met )?(?:vriendelijke|hartelijke|beste|warme|zonnige) groet\w*\b.*|groet(?:en|jes)?\b[ ,!.]*"
    r"|m\.?v\.?g\.?\b.*|mvrgr\b.*|hoogachtend\b.*"
    r"|(?:(?:with )?(?:kind|best|warm|kindest|many) )?regards\b.*|(?:yours )?sincerely\b.*"
    r"|yours (?:truly|faithfully)\b.*|(?:all the )?best,|best wishes\b.*|cheers[,!.]?"
    r"|sent from my\b.*|verzonden van(?:af|uit) mijn\b.*)$",
    re.MULTILINE,
)
_CLAUSE = re.compile(r"[.,;:!?\n()]| but | maar | however | echter ")


def own_words(subject: str, body: str) -> str:
    """Subject and body as lower-case lines of plain text, cut before the first quoted mail or the signature."""
    text = body[: LONGEST * 4]
    if "<" in text and _HTML.search(text):
        quoted = _QUOTED_HTML.search(text)
        text = html.unescape(_TAG.sub(" ", _TAGS.sub("\n", text[: quoted.start()] if quoted else text)))
    text = text.casefold().replace("\u2019", "'").replace("\u2018", "'").replace("\r", "\n")
    for cut in (_QUOTED, _SIGNATURE):
        found = cut.search(text)
        if found and text[: found.start()].strip():
            text = text[: found.start()]
    lines = (" ".join(line.split()) for line in text[:LONGEST].splitlines())
    head = " ".join(subject[:500].casefold().replace("\u2019", "'").split())
    return "\n".join(line for line in (head, *lines) if line)


def marked_topics(text: str, keys: Sequence[str]) -> set[str] | None:
    """The topic keys of an activity written as "Call: question, quote request"; None for any other text."""
    found = _MARKED.search(text)
    if not found:
        own = MARKERS.get(text)
        return {own} if own else None
    named = {part.strip().replace(" ", "_").replace("-", "_") for part in found.group(2).split(",")}
    own = MARKERS[found.group(1)]
    known = {key for key in named if key in keys}
    if not own and not known and any(named):
        return None
    return known | ({own} if own else set())


def clause_before(text: str, position: int) -> str:
    """The last words before a position, back to the nearest comma, conjunction or sentence."""
    before = text[max(0, position - 40) : position]
    return _CLAUSE.split(before)[-1]


def sentence_after(text: str, position: int) -> str:
    return re.split(r"[.,;!?\n]", text[position : position + 45], maxsplit=1)[0]
