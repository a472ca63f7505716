"""Which keys have come, at eight bytes each, so that millions of them fit."""

from __future__ import annotations

from collections.abc import Collection, Hashable

import numpy as np


class KeySet:
    """Hashes of keys, sorted; two keys of one hash count as the same."""

    def __init__(self) -> None:
        self._hashes = np.empty(0, np.int64)

    def takes(self, keys: Collection[Hashable]) -> bool:
        """Whether all of them are new; only then they are kept."""
        fresh = np.unique(np.fromiter(map(hash, keys), np.int64, len(keys)))
        places = np.searchsorted(self._hashes, fresh)
        known = np.searchsorted(self._hashes, fresh, side="right") > places
        if len(fresh) < len(keys) or known.any():
            return False
        self._hashes = np.insert(self._hashes, places, fresh)
        return True
