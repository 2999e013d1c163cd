"""What lasts: two databases and the code beside them. The only room that speaks SQL."""

from .database import Database, StoreUnavailable
from .store import Store

__all__ = ["Database", "Store", "StoreUnavailable"]
