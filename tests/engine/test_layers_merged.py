"""Several layers as one tree, when several functions need the same tree at one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lambdatui.engine.environments.layers import merged


def test_who_needs_the_same_layers_at_once_gets_all_of_them(tmp_path: Path) -> None:
    layers = []
    for number in range(2):
        folder = tmp_path / f"layer{number}"
        for name in range(60):
            (folder / f"d{name}").mkdir(parents=True)
            (folder / f"d{name}" / f"of{number}").write_text("x")
        layers.append(folder)
    for turn in range(10):
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(merged, layers, tmp_path / f"run{turn}") for _ in range(4)]
            trees = {one.result(20) for one in asked}
        assert len(trees) == 1
        [tree] = trees
        assert tree is not None
        assert len(list(tree.glob("*/of*"))) == 120
        assert list((tmp_path / f"run{turn}").iterdir()) == [tree]
