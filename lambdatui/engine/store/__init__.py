"""What lasts: two databases and the code beside them. The only room that speaks SQL."""

from lambdatui.engine.store.database import Database, StoreUnavailable
from lambdatui.engine.store.store import Store

__all__ = ["Database", "Store", "StoreUnavailable"]
