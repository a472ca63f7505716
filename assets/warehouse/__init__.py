"""The store of one connection: a DuckDB file, a lock on its runs, and the state that no CRM can give back."""

from assets.warehouse.lock import run_lock
from assets.warehouse.store import Warehouse

__all__ = ["Warehouse", "run_lock"]
