"""`readiness backtest`: what the forecast would have said in the past, for measuring it on what came of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assets.cli.options import ConfigOption, JsonOption, chosen, read
from assets.cli.show import as_json, facts, progress
from assets.cli.sync import instant

LONGEST_DAYS = 3660


def command(
    connection: Annotated[str, typer.Option("--connection", help="The connection to look back on.", metavar="NAME")],
    train_until: Annotated[datetime, typer.Option(help="Learn only from what was known at this instant (UTC).")],
    out: Annotated[Path, typer.Option(help="Parquet file to write.", metavar="FILE")],
    ages: Annotated[str, typer.Option(help="Days since creation and since the first quote.")] = "7,14,21,30",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Forecast each opportunity opened since a day, at each age still open, from what was known of it then.

    Writes opportunity_id, anchor (created | first_quote), age_days, as_of, p_win, p_lost, p_no_decision. Reads what the
    last sync stored; the first time, and for a folder of files always, it reads the CRM first. It writes nothing there.
    """
    days = _days(ages)
    (one,) = chosen(read(config), connection)
    from assets.model.backtest import backtested
    from assets.model.words import words_of

    progress()
    until = instant(train_until)
    assert until is not None
    summary = backtested(one, until, days, out)
    if json:
        as_json(summary)
        return
    is_cold_start = summary.pop("cold_start")
    words = words_of(one)
    title = words("cli.backtest", connection=one.name, day=words.day(until))
    facts(title, {words(f"cli.fact.{name}"): value for name, value in summary.items()})
    if is_cold_start:
        print(words("cli.cold_start"))


def _days(ages: str) -> list[int]:
    from assets.errors import ConfigError

    texts = [text.strip() for text in ages.split(",")]
    if not all(text.isdecimal() and int(text) <= LONGEST_DAYS for text in texts):
        raise ConfigError(f"--ages {ages}: write whole days with commas between, such as 7,14,21,30.")
    return sorted({int(text) for text in texts})
