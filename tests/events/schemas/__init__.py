"""The shape of every sample, from what AWS documents and what was recorded from it; a module for each group.

A text names the kind of a value (see KINDS in test_samples), `=text` is that very text, a one-element array
describes each element, a member whose name ends in `?` may be missing; no other members may be there.
"""

from __future__ import annotations

from typing import Any

from tests.events.schemas import (
    edge,
    http,
    identity,
    messaging,
    operations,
    polled,
    results,
    storage,
    workflows,
)

GROUPS = (polled, storage, messaging, operations, http, edge, workflows, identity, results)
SCHEMAS: dict[str, Any] = {name: schema for group in GROUPS for name, schema in group.SCHEMAS.items()}
