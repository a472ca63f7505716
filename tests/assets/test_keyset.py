from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assets.warehouse.keyset import KeySet

KEYS = st.tuples(st.text(max_size=3), st.none() | st.sampled_from(["a", "b"]))


@given(st.lists(st.lists(KEYS, max_size=6), max_size=8))
def test_keys_are_taken_while_none_of_them_has_come_before(batches):
    held, known = KeySet(), set()
    for batch in batches:
        are_new = len(set(batch)) == len(batch) and known.isdisjoint(batch)
        assert held.takes(batch) == are_new
        known |= set(batch) if are_new else set()
