"""What an engine says that its tier holds."""

from __future__ import annotations

from tests.conftest import EngineProcess
from tests.engine.tiers import isolation, table


def test_the_status_says_what_is_held(engine: EngineProcess) -> None:
    tier = isolation(engine)
    assert (tier["asked"], tier["chosen"]) == ("strict", "strict")
    assert [one["name"] for one in tier["tiers"]] == ["strict", "landlock", "process"]
    for one in tier["tiers"]:
        for row in one["holds"]:
            assert row["held"] in ("held", "partly held", "not held")
            assert row["words"]
    assert table(engine)["file system"] == "held"
    assert table(engine)["network"] == "not held"
