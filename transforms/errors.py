"""What is wrong with the data as a whole, in one sentence with its remedy."""

from __future__ import annotations


class BadTable(ValueError):
    """A table that can't be used as it is: names the file, the column and what to do. Holds no row's value."""
