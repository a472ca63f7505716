"""Salesforce stages, opportunities, their history, products and quotes."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from readiness.engine import Keep
from readiness.schema import CHANGES, OPPORTUNITIES, PRODUCTS, QUOTES, STAGES, TEXT, TIME
from transforms import deals, history
from transforms.declare import Mapped, absent, origin
from transforms.frames import col, first_match, folded, one_of, stacked
from transforms.parsing import Reader
from transforms.salesforce import streams
from transforms.settings import Settings

MASTER = "master"
"""The pipeline of opportunities without a record type."""

TRACKED = {"StageName": "stage", "CloseDate": "close_date", "Amount": "amount", "Owner": "seller", "OwnerId": "seller"}

STAGES_FROM = Mapped(
    STAGES,
    (
        origin(
            "pipeline_id",
            "Opportunity.RecordTypeId",
            col("pipeline_id"),
            "with several record types, the stages that opportunities of each have used stand for its sales process",
        ),
        origin("stage_id", "OpportunityStage.ApiName", col("stage_id")),
        origin("label", "OpportunityStage.MasterLabel"),
        origin("position", "OpportunityStage.SortOrder"),
        origin("probability", "OpportunityStage.DefaultProbability", col("DefaultProbability") / 100),
        origin("is_closed", "OpportunityStage.IsClosed", col("IsClosed").fill_null(False)),
        origin("is_won", "OpportunityStage.IsWon", col("IsWon").fill_null(False)),
        origin("pipeline", "RecordType.Name", col("pipeline")),
        absent("phase", "from the configuration: stages"),
    ),
    rows="one row per record type and stage",
)
CHANGES_FROM = Mapped(
    CHANGES,
    (
        origin("opportunity_id", "OpportunityHistory.OpportunityId", col("opportunity_id")),
        origin(
            "field",
            "OpportunityFieldHistory.Field",
            col("field"),
            "owner changes only where field history is on; stage, close date and amount from OpportunityHistory before",
        ),
        origin(
            "old_value", "OpportunityFieldHistory.OldValue", col("old_value"), "the row before in OpportunityHistory"
        ),
        origin("new_value", "OpportunityFieldHistory.NewValue", col("new_value"), "StageName, CloseDate, Amount there"),
        origin("changed_at", "OpportunityHistory.CreatedDate", col("changed_at"), "kept to the second"),
    ),
)
PRODUCTS_FROM = Mapped(
    PRODUCTS,
    (
        origin("opportunity_id", "OpportunityLineItem.OpportunityId", col("OpportunityId")),
        origin("product", "OpportunityLineItem.Name", col("Name"), "lines of one product are added up"),
        origin("quantity", "OpportunityLineItem.Quantity"),
        origin("amount", "OpportunityLineItem.TotalPrice"),
    ),
)
QUOTES_FROM = Mapped(
    QUOTES,
    (
        origin("quote_id", "Quote.Id", col("quote_id")),
        origin("opportunity_id", "Quote.OpportunityId", col("opportunity_id")),
        origin("version", "Quote.CreatedDate", deals.quote_version(), "counted in the order of drafting"),
        origin(
            "status",
            "Quote.Status",
            col("state"),
            "own values are read by their words; Rejected is the seller's own approval refused: cancelled",
        ),
        origin("amount", "Quote.GrandTotal"),
        origin("created_at", "Quote.CreatedDate", col("created_at")),
        origin("sent_at", "QuoteHistory.CreatedDate", col("sent_at"), "without quote history: when it was drafted"),
        origin("viewed_at", "QuoteHistory.CreatedDate", col("viewed_at"), "In Review after Presented; a convention"),
        origin("decided_at", "QuoteHistory.CreatedDate", col("decided_at"), "without quote history: SystemModstamp"),
    ),
)
QUOTE_STATUS = (
    (r"accept|signed|getekend|won", "accepted"),
    (r"denied|declin|lost|afgewezen", "declined"),
    (r"reject|cancel|withdrawn|expired|geannuleerd|vervallen|ingetrokken", "cancelled"),
    (r"present|sent|viewed|verstuurd|verzonden", "sent"),
)


def numbered(read: Reader, settings: Settings, keep: Keep) -> nw.LazyFrame:
    """The opportunity rows of the wanted pipelines, with pipeline_id, pipeline (its name) and opportunity_id."""
    types = read(streams.RECORD_TYPE).select(RecordTypeId=col("Id"), pipeline=col("Name"), _code=col("DeveloperName"))
    rows = (
        read(streams.OPPORTUNITY)
        .join(types, on="RecordTypeId", how="left")
        .with_columns(opportunity_id=col("Id"), pipeline_id=nw.coalesce(col("RecordTypeId"), nw.lit(MASTER)))
    )
    if settings.pipelines:
        wanted = [name.strip().lower() for name in settings.pipelines]
        rows = rows.filter(deals.wanted_pipeline(settings) | folded(col("_code")).is_in(wanted).fill_null(False))
    return keep("wanted_opportunities", rows.drop("_code"))


def stages(read: Reader, opportunities: nw.LazyFrame, settings: Settings, keep: Keep) -> nw.LazyFrame:
    pipelines = opportunities.select("pipeline_id", "pipeline").unique()
    alone = pipelines.select(pipeline_count=nw.len())
    used = stacked(
        [
            opportunities.select("pipeline_id", stage_id=col("StageName")),
            read(streams.OPPORTUNITY_HISTORY)
            .join(opportunities.select("pipeline_id", OpportunityId=col("Id")), on="OpportunityId")
            .select("pipeline_id", stage_id=col("StageName")),
        ]
    ).unique()
    named = read(streams.STAGE).with_columns(stage_id=nw.coalesce(col("ApiName"), col("MasterLabel")))
    rows = (
        pipelines.join(alone, how="cross")
        .join(named, how="cross")
        .join(used.with_columns(is_used=nw.lit(1)), on=["pipeline_id", "stage_id"], how="left")
        .filter(
            ~col("is_used").is_null()
            | (col("IsActive").fill_null(True) & ((col("pipeline_count") == 1) | col("IsClosed").fill_null(False)))
        )
    )
    table = STAGES_FROM.of(rows).unique(subset=list(STAGES.key), keep="any")
    if settings.stages:
        table = table.with_columns(phase=deals.claimed_phase(settings))
    return keep("canonical_stages", table)


def changes(
    read: Reader, opportunities: nw.LazyFrame, stages: nw.LazyFrame, settings: Settings, keep: Keep
) -> nw.LazyFrame:
    wanted = opportunities.select(OpportunityId=col("Id"))
    position = stages.group_by("stage_id").agg(position=col("position").min())
    snapshots = (
        read(streams.OPPORTUNITY_HISTORY)
        .join(wanted, on="OpportunityId")
        .join(position, left_on="StageName", right_on="stage_id", how="left")
    )
    values = keep(
        "opportunity_values",
        stacked(
            [
                snapshots.select(
                    "Id",
                    position=col("position").fill_null(0),
                    opportunity_id=col("OpportunityId"),
                    field=nw.lit(TRACKED[name]),
                    new_value=col(name).cast(TEXT),
                    changed_at=col("CreatedDate"),
                )
                for name in ("StageName", "CloseDate", "Amount")
            ]
        ),
    )
    rebuilt = keep("rebuilt_changes", history.from_values(values, ["changed_at", "position", "Id"]))
    tracked = keep("tracked_changes", _tracked(read(streams.FIELD_HISTORY).join(wanted, on="OpportunityId")))
    created = opportunities.select("opportunity_id", created_at=col("CreatedDate"))
    both = keep("preferred_changes", history.preferring(tracked, rebuilt))
    whole = history.with_first_values(both, created)
    currencies = opportunities.select("opportunity_id", currency=col("CurrencyIsoCode"))
    return history.deduplicated(
        CHANGES_FROM.of(deals.converted_amounts(whole, currencies, settings)), "canonical_changes", keep
    )


def _tracked(rows: nw.LazyFrame) -> nw.LazyFrame:
    """Field history rows as changes; owners only where the values are user ids, not their names."""
    named = rows.with_columns(tracked=one_of(col("Field"), TRACKED)).filter(~col("tracked").is_null())

    def value(name: str) -> nw.Expr:
        text = col(name)
        found = text
        for kind in ("amount", "close_date"):
            found = nw.when(col("tracked") == kind).then(history.plain(kind, text)).otherwise(found)
        return found

    is_user = col("NewValue").str.contains("^005").fill_null(False)
    return (
        named.filter((col("tracked") != "seller") | is_user)
        .with_columns(old_value=value("OldValue"), new_value=value("NewValue"))
        .filter((col("old_value") != col("new_value")) | (col("old_value").is_null() != col("new_value").is_null()))
        .select(
            "old_value",
            "new_value",
            opportunity_id=col("OpportunityId"),
            field=col("tracked"),
            changed_at=col("CreatedDate"),
        )
    )


def opportunities_table(
    rows: nw.LazyFrame, closings: nw.LazyFrame, settings: Settings, as_of: datetime, keep: Keep
) -> nw.LazyFrame:
    joined = rows.join(closings, on="opportunity_id", how="left").with_columns(
        money=deals.in_corporate_currency(col("Amount"), col("CurrencyIsoCode"), settings),
        currency=deals.shown_currency(col("CurrencyIsoCode"), settings),
        outcome=deals.outcome(col("IsClosed"), col("IsWon"), col("Loss_Reason__c"), settings),
    )
    return keep("canonical_opportunities", opportunities_from(as_of).of(joined))


def opportunities_from(as_of: datetime) -> Mapped:
    """How an Opportunity row becomes one of ours; `as_of` bounds a closing that no history dates."""
    undated = nw.max_horizontal(
        col("CreatedDate"), nw.min_horizontal(deals.midnight(col("CloseDate")), nw.lit(as_of).cast(TIME))
    )
    closed_at = nw.when(col("outcome") != "open").then(nw.coalesce(col("closing_at"), undated))
    return Mapped(
        OPPORTUNITIES,
        (
            origin("opportunity_id", "Opportunity.Id", col("opportunity_id")),
            origin("account_id", "Opportunity.AccountId"),
            origin("seller_id", "Opportunity.OwnerId", col("OwnerId")),
            origin("pipeline_id", "Opportunity.RecordTypeId", col("pipeline_id"), "`master` where there is none"),
            origin("stage_id", "Opportunity.StageName", col("StageName")),
            origin("name", "Opportunity.Name"),
            origin("amount", "Opportunity.Amount", col("money"), "converted where the configuration has a rate"),
            origin("currency", "Opportunity.CurrencyIsoCode", col("currency"), "the corporate one where there is none"),
            origin("close_date", "Opportunity.CloseDate"),
            origin("created_at", "Opportunity.CreatedDate", col("CreatedDate")),
            origin(
                "closed_at",
                "OpportunityHistory.CreatedDate",
                closed_at,
                "the last move into a closed stage; CloseDate where no history has it",
            ),
            origin(
                "outcome",
                "Opportunity.IsWon",
                col("outcome"),
                "lost and no_decision are told apart by the words of Loss_Reason__c",
            ),
            origin("loss_reason", "Opportunity.Loss_Reason__c"),
        ),
        rows="one row per Opportunity of the included record types",
    )


def products(read: Reader, opportunities: nw.LazyFrame) -> nw.LazyFrame:
    lines = (
        read(streams.LINE_ITEM)
        .filter(~col("Name").is_null())
        .join(opportunities.select(OpportunityId=col("Id")), on="OpportunityId")
        .group_by("OpportunityId", "Name")
        .agg(col("Quantity").sum(), col("TotalPrice").sum())
    )
    return PRODUCTS_FROM.of(lines)


def quotes(read: Reader, opportunities: nw.LazyFrame, keep: Keep) -> nw.LazyFrame:
    rows = (
        read(streams.QUOTE)
        .join(opportunities.select(OpportunityId=col("Id")), on="OpportunityId")
        .with_columns(
            quote_id=col("Id"),
            opportunity_id=col("OpportunityId"),
            created_at=col("CreatedDate"),
            state=first_match(folded(col("Status")), QUOTE_STATUS, nw.lit("draft")),
        )
    )
    moves = keep(
        "quote_moves",
        read(streams.QUOTE_HISTORY)
        .filter((col("Field") == "Status") & ~col("NewValue").is_null())
        .select(
            quote_id=col("QuoteId"),
            moved_at=col("CreatedDate"),
            is_review=col("NewValue").str.to_lowercase().str.contains("in review|viewed|bekeken"),
            to=first_match(folded(col("NewValue")), QUOTE_STATUS, nw.lit("draft")),
        ),
    )
    sent = moves.filter(col("to") == "sent").group_by("quote_id").agg(sent_at=col("moved_at").min())
    viewed = (
        moves.filter(col("is_review"))
        .join(sent, on="quote_id")
        .filter(col("moved_at") >= col("sent_at"))
        .group_by("quote_id")
        .agg(viewed_at=col("moved_at").min())
    )
    decided = (
        moves.filter(col("to").is_in(["accepted", "declined", "cancelled"]))
        .group_by("quote_id")
        .agg(decided_at=col("moved_at").max())
    )
    tracked = moves.select("quote_id", is_tracked=nw.lit(1)).unique()
    joined = (
        rows.join(sent, on="quote_id", how="left")
        .join(viewed, on="quote_id", how="left")
        .join(decided, on="quote_id", how="left")
        .join(tracked, on="quote_id", how="left")
    )
    is_decided = col("state").is_in(["accepted", "declined", "cancelled"])
    drafted = nw.when(col("is_tracked").is_null() & col("state").is_in(["sent", "accepted", "declined"])).then(
        col("created_at")
    )
    return keep(
        "canonical_quotes",
        QUOTES_FROM.of(
            joined.with_columns(
                sent_at=nw.coalesce(col("sent_at"), drafted),
                state=nw.when((col("state") == "draft") & ~col("sent_at").is_null())
                .then(nw.lit("sent"))
                .otherwise(col("state")),
                decided_at=nw.when(is_decided).then(nw.coalesce(col("decided_at"), col("SystemModstamp"))),
            )
        ),
    )
