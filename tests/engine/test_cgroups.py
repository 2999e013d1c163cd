"""Control groups whose environments end on several threads at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lambdatui.engine.environments.isolation.cgroups import Group, Hierarchies


def test_a_group_is_removed_twice_and_used_all_the_same(tmp_path: Path) -> None:
    memory, cpu, pids, core = places = [tmp_path / name for name in ("memory", "cpu", "pids", "core")]
    for place in places:
        place.mkdir()
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for number in range(100):
                group = Group(Hierarchies(memory, cpu, pids, core), f"room{number}")
                group.make()
                ends = [pool.submit(group.remove) for _ in range(3)]
                pool.submit(group.limit, 1 << 20, 10).result(10)
                pool.submit(group.freeze, True).result(10)
                for end in ends:
                    end.result(10)
    finally:
        sys.setswitchinterval(switching)
