"""`/`: the records of both CRMs as a seller would see them, with the plugin's fields. A page to look at, no product."""

from sandbox.page.site import Site

__all__ = ["Site"]
