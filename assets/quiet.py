"""The end of a process, without what DuckDB's binding says of the objects that Python has not dropped by then."""

from __future__ import annotations

import atexit
import os
import sys

STDERR = 2


def end_quietly() -> None:
    """Call first: what is registered first is done last, so all that is ours has been said by then."""
    atexit.register(_hush)


def _hush() -> None:
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDERR)
    os.close(nowhere)
