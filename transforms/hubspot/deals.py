"""HubSpot pipelines, deals, their property history, line items and quotes."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import CHANGES, OPPORTUNITIES, PRODUCTS, QUOTES, STAGES, TIME
from transforms import deals, history
from transforms.declare import Mapped, absent, origin
from transforms.frames import col, first_match, folded, one_of
from transforms.hubspot import streams
from transforms.hubspot.links import links, one_link
from transforms.parsing import Reader
from transforms.settings import Settings

TRACKED = {"dealstage": "stage", "closedate": "close_date", "amount": "amount", "hubspot_owner_id": "seller"}
PUBLISHED = ("APPROVED", "APPROVAL_NOT_NEEDED")
QUOTE_STATUS = (
    (r"^approv", "sent"),
    (r"accept|signed|won", "accepted"),
    (r"reject|declin|lost|denied", "declined"),
    (r"cancel|expired|withdrawn", "cancelled"),
    (r"sent|publish|viewed", "sent"),
)

STAGES_FROM = Mapped(
    STAGES,
    (
        origin("pipeline_id", "pipeline.pipeline_id"),
        origin("stage_id", "pipeline.stage_id"),
        origin("label", "pipeline.stage_label"),
        origin("position", "pipeline.display_order"),
        origin("probability", "pipeline.probability"),
        origin(
            "is_closed", "pipeline.is_closed", col("is_closed").fill_null(False) | col("probability").is_in([0.0, 1.0])
        ),
        origin("is_won", "pipeline.probability", (col("probability") == 1.0).fill_null(False), "closed at 100 %"),
        origin("pipeline", "pipeline.pipeline_label"),
        absent("phase", "from the configuration: stages"),
    ),
)
CHANGES_FROM = Mapped(
    CHANGES,
    (
        origin("opportunity_id", "propertiesWithHistory.object_id", col("opportunity_id")),
        origin("field", "propertiesWithHistory.property", col("field")),
        origin("old_value", "propertiesWithHistory.value", col("old_value"), "the value before in the history"),
        origin("new_value", "propertiesWithHistory.value", col("new_value")),
        origin("changed_at", "propertiesWithHistory.timestamp", col("changed_at"), "cut to the second"),
    ),
)
PRODUCTS_FROM = Mapped(
    PRODUCTS,
    (
        origin("opportunity_id", "associations.to_id", col("opportunity_id"), "line item to deal"),
        origin("product", "line_item.name", col("name"), "lines of one product are added up"),
        origin("quantity", "line_item.quantity"),
        origin("amount", "line_item.amount"),
    ),
)
QUOTES_FROM = Mapped(
    QUOTES,
    (
        origin("quote_id", "quote.id", col("quote_id")),
        origin("opportunity_id", "associations.to_id", col("opportunity_id"), "quote to deal"),
        origin("version", "quote.hs_createdate", deals.quote_version(), "counted in the order of drafting"),
        origin(
            "status",
            "quote.hs_status",
            col("state"),
            "accepted once signed; a published quote that is a draft again was recalled: cancelled",
        ),
        origin("amount", "quote.hs_quote_amount"),
        origin("created_at", "quote.hs_createdate", col("created_at")),
        origin(
            "sent_at", "propertiesWithHistory.timestamp", col("sent_at"), "published; without history: hs_createdate"
        ),
        origin("viewed_at", "propertiesWithHistory.timestamp", col("viewed_at"), "only where a status says so"),
        origin(
            "decided_at", "propertiesWithHistory.timestamp", col("decided_at"), "without history: hs_lastmodifieddate"
        ),
    ),
)


def stages(read: Reader, settings: Settings, keep: Keep) -> nw.LazyFrame:
    table = STAGES_FROM.of(read(streams.PIPELINES))
    if settings.stages:
        table = table.with_columns(phase=deals.claimed_phase(settings))
    if settings.pipelines:
        table = table.filter(deals.wanted_pipeline(settings))
    return keep("canonical_stages", table)


def wanted(read: Reader, stages: nw.LazyFrame, settings: Settings, keep: Keep) -> nw.LazyFrame:
    """The deal rows of the included pipelines, with their stage's is_closed and is_won, and their company."""
    company = one_link(read, "deals", "companies").select(id=col("left_id"), account_id=col("right_id"))
    named = stages.select(
        pipeline_of=col("pipeline_id"),
        dealstage=col("stage_id"),
        stage_closed=col("is_closed"),
        stage_won=col("is_won"),
    )
    rows = (
        read(streams.DEALS)
        .join(company, on="id", how="left")
        .join(named, left_on=["pipeline", "dealstage"], right_on=["pipeline_of", "dealstage"], how="left")
        .with_columns(opportunity_id=col("id"), pipeline_id=col("pipeline"))
    )
    if settings.pipelines:
        rows = rows.join(stages.select("pipeline_id").unique(), on="pipeline_id", how="semi")
    return keep("wanted_opportunities", rows)


def changes(read: Reader, rows: nw.LazyFrame, stages: nw.LazyFrame, settings: Settings, keep: Keep) -> nw.LazyFrame:
    position = stages.select("pipeline_id", stage_id="stage_id", position="position")
    text = col("value")
    plain = text
    for kind in ("amount", "close_date"):
        plain = nw.when(col("field") == kind).then(history.plain(kind, text)).otherwise(plain)
    values = (
        read(streams.PROPERTY_HISTORY)
        .filter(col("object_type") == "deals")
        .with_columns(field=one_of(col("property"), TRACKED))
        .filter(~col("field").is_null())
        .join(rows.select("opportunity_id", "pipeline_id"), left_on="object_id", right_on="opportunity_id")
        .join(position, left_on=["pipeline_id", "value"], right_on=["pipeline_id", "stage_id"], how="left")
        .select(
            "field",
            opportunity_id=col("object_id"),
            new_value=plain,
            changed_at=col("timestamp"),
            moment=col("timestamp_text").str.replace_all("Z$", ""),
            position=col("position").fill_null(0),
        )
    )
    stored = keep("opportunity_values", values)
    rebuilt = history.from_values(stored, ["changed_at", "moment", "position", "new_value"])
    currencies = rows.select("opportunity_id", currency=col("deal_currency_code"))
    converted = deals.converted_amounts(keep("rebuilt_changes", rebuilt), currencies, settings)
    return history.deduplicated(CHANGES_FROM.of(converted), "canonical_changes", keep)


def opportunities(
    rows: nw.LazyFrame, closings: nw.LazyFrame, settings: Settings, as_of: datetime, keep: Keep
) -> nw.LazyFrame:
    is_closed = nw.coalesce(col("stage_closed"), col("hs_is_closed"))
    is_won = nw.coalesce(col("stage_won"), col("hs_is_closed_won"))
    joined = rows.join(closings, on="opportunity_id", how="left").with_columns(
        money=deals.in_corporate_currency(col("amount"), col("deal_currency_code"), settings),
        currency=deals.shown_currency(col("deal_currency_code"), settings),
        outcome=deals.outcome(is_closed, is_won, col("closed_lost_reason"), settings),
    )
    return keep("canonical_opportunities", opportunities_from(as_of).of(joined))


def opportunities_from(as_of: datetime) -> Mapped:
    """How a deal becomes an opportunity; `as_of` bounds a closing that no history dates."""
    undated = nw.max_horizontal(
        col("createdate"), nw.min_horizontal(deals.midnight(col("closedate")), nw.lit(as_of).cast(TIME))
    )
    closed_at = nw.when(col("outcome") != "open").then(nw.coalesce(col("closing_at"), undated))
    return Mapped(
        OPPORTUNITIES,
        (
            origin("opportunity_id", "deal.id", col("opportunity_id")),
            origin("account_id", "associations.to_id", col("account_id"), "the primary company, else the first"),
            origin("seller_id", "deal.hubspot_owner_id"),
            origin("pipeline_id", "deal.pipeline"),
            origin("stage_id", "deal.dealstage"),
            origin("name", "deal.dealname"),
            origin("amount", "deal.amount", col("money"), "converted where the configuration has a rate"),
            origin("currency", "deal.deal_currency_code", col("currency"), "the corporate one where there is none"),
            origin("close_date", "deal.closedate", lossy="the day in UTC of HubSpot's instant"),
            origin("created_at", "deal.createdate", col("createdate")),
            origin(
                "closed_at",
                "propertiesWithHistory.timestamp",
                closed_at,
                "the last move into a closed stage; closedate where no history has it",
            ),
            origin(
                "outcome",
                "deal.dealstage",
                col("outcome"),
                "lost and no_decision are told apart by the words of closed_lost_reason",
            ),
            origin("loss_reason", "deal.closed_lost_reason"),
        ),
        rows="one row per deal of the included pipelines",
    )


def products(read: Reader, rows: nw.LazyFrame) -> nw.LazyFrame:
    lines = (
        one_link(read, "line_items", "deals")
        .select(id=col("left_id"), opportunity_id=col("right_id"))
        .join(rows.select("opportunity_id"), on="opportunity_id")
        .join(read(streams.LINE_ITEMS).filter(~col("name").is_null()), on="id")
        .group_by("opportunity_id", "name")
        .agg(col("quantity").sum(), col("amount").sum())
    )
    return PRODUCTS_FROM.of(lines)


def quotes(read: Reader, rows: nw.LazyFrame, keep: Keep) -> nw.LazyFrame:
    status = first_match(folded(col("hs_status")), QUOTE_STATUS, nw.lit("draft"))
    named = (
        read(streams.QUOTES)
        .join(
            links(read, "quotes", "deals").select(id=col("left_id"), opportunity_id=col("right_id")).unique(), on="id"
        )
        .join(rows.select("opportunity_id"), on="opportunity_id")
        .unique(subset=["id"], keep="first", order_by=["opportunity_id"])
        .with_columns(quote_id=col("id"), status=status, created_at=nw.coalesce(col("hs_createdate"), col("createdAt")))
    )
    moves = keep(
        "quote_moves",
        read(streams.PROPERTY_HISTORY)
        .filter((col("object_type") == "quotes") & (col("property") == "hs_status") & ~col("value").is_null())
        .select(
            quote_id=col("object_id"),
            moved_at=col("timestamp"),
            to=first_match(folded(col("value")), QUOTE_STATUS, nw.lit("draft")),
            is_view=folded(col("value")).str.contains("viewed"),
        ),
    )
    sent = moves.filter(col("to") == "sent").group_by("quote_id").agg(sent_at=col("moved_at").min())
    viewed = moves.filter(col("is_view")).group_by("quote_id").agg(viewed_at=col("moved_at").min())
    last = moves.group_by("quote_id").agg(last_at=col("moved_at").max())
    joined = (
        named.join(sent, on="quote_id", how="left")
        .join(viewed, on="quote_id", how="left")
        .join(last, on="quote_id", how="left")
    )
    went_out = nw.when(col("status").is_in(["sent", "accepted", "declined"])).then(col("created_at"))
    recalled = (col("status") == "draft") & ~col("sent_at").is_null()
    state = (
        nw.when(~col("hs_esign_date").is_null())
        .then(nw.lit("accepted"))
        .otherwise(nw.when(recalled).then(nw.lit("cancelled")).otherwise(col("status")))
    )
    decided = nw.coalesce(col("hs_esign_date"), col("last_at"), col("hs_lastmodifieddate"))
    return keep(
        "canonical_quotes",
        QUOTES_FROM.of(
            joined.with_columns(state=state).with_columns(
                sent_at=nw.coalesce(col("sent_at"), went_out),
                decided_at=nw.when(col("state").is_in(["accepted", "declined", "cancelled"])).then(decided),
            )
        ),
    )
