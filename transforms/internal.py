"""Who is a buyer: e-mail addresses of people, and colleagues of the seller who stand among the contacts."""

from __future__ import annotations

import narwhals as nw

from transforms.frames import col, stacked
from transforms.settings import Settings

FREE_MAIL = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.nl", "live.com", "live.nl", "yahoo.com",
    "icloud.com", "me.com", "msn.com", "ziggo.nl", "kpnmail.nl", "xs4all.nl", "planet.nl", "home.nl", "gmx.net",
    "gmx.de", "web.de", "proton.me", "protonmail.com",
)  # fmt: skip


def address(email: nw.Expr) -> nw.Expr:
    """The bare address in lower case, out of "Jan Smit <jan@x.example>" too."""
    return email.str.to_lowercase().str.replace_all(r"^.*<|>.*$|\s", "")


def domain(email: nw.Expr) -> nw.Expr:
    return address(email).str.replace_all(r"^.*@", "")


def buyers_only(people: nw.LazyFrame, sellers: nw.LazyFrame, settings: Settings) -> nw.LazyFrame:
    """`people` without the seller's own company: sellers' addresses, and domains that are the company's.

    A domain is the company's when the configuration says so, or when at least half of all known addresses there
    are sellers' and it is no free mail service.
    """
    ours = sellers.filter(~col("email").is_null()).select(_address=address(col("email"))).unique()
    theirs = people.filter(~col("email").is_null()).select(_address=address(col("email"))).unique()
    counted = stacked(
        [
            ours.select(_domain=domain(col("_address")), ours=nw.lit(1), theirs=nw.lit(0)),
            theirs.join(ours, on="_address", how="anti").select(
                _domain=domain(col("_address")), ours=nw.lit(0), theirs=nw.lit(1)
            ),
        ]
    )
    internal = (
        counted.group_by("_domain")
        .agg(ours=col("ours").sum().cast(nw.Int64()), theirs=col("theirs").sum().cast(nw.Int64()))
        .filter((col("ours") >= col("theirs")) & ~col("_domain").is_in(FREE_MAIL))
        .select("_domain")
    )
    named = people.with_columns(_address=address(col("email")), _domain=domain(col("email")))
    configured = [d.strip().lower().lstrip("@") for d in settings.internal_domains]
    if configured:
        named = named.filter(~col("_domain").is_in(configured).fill_null(False))
    return (
        named.join(ours, on="_address", how="anti")
        .join(internal, on="_domain", how="anti")
        .select(*people.collect_schema().names())
    )


def by_address(people: nw.LazyFrame) -> nw.LazyFrame:
    """address, person_id: who writes from where; of several people at one address the first by id."""
    return (
        people.filter(~col("email").is_null())
        .select("person_id", address=address(col("email")))
        .group_by("address")
        .agg(person_id=col("person_id").min())
    )
