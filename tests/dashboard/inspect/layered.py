"""Layers that a test moves by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from lambdatui.model.attachments import Statement
from lambdatui.model.layers import LayerPolicy, LayersView, LayerVersion
from tests.dashboard.fake_account import ACCOUNT, NOW, REGION, Gates
from tests.dashboard.inspect.watched import Watched

LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:"
FOREIGN = f"arn:aws:lambda:{REGION}:336392948345:layer:AWSSDKPandas-Python312:16"
VERSIONS = (
    LayerVersion(
        f"{LAYER}money:3",
        "money",
        3,
        newest=True,
        published=NOW - timedelta(hours=2),
        size=18_204,
        description="rounds as banks do",
        runtimes=("python3.12", "python3.13"),
        architectures=("x86_64",),
        license="MIT",
        users=("checkout", "checkout:3", "invoice", "payments", "payments:2"),
    ),
    LayerVersion(f"{LAYER}money:2", "money", 2, published=NOW - timedelta(days=3), size=17_900),
    LayerVersion(
        f"{LAYER}pictures:1",
        "pictures",
        1,
        newest=True,
        published=NOW - timedelta(days=40),
        description="libvips",
        users=("resize-image",),
    ),
    LayerVersion(
        FOREIGN, "AWSSDKPandas-Python312", 16, own=False, size=56_000_000, users=("nightly-report",)
    ),
)


class FakeCatalog(Watched):
    def __init__(self, gates: Gates) -> None:
        super().__init__(gates)
        self.versions = list(VERSIONS)
        self.statements: tuple[Statement, ...] = (
            Statement("partners", "", "Allow", ("123456789012",), ("lambda:GetLayerVersion",)),
        )

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> LayersView:
        return LayersView(await self.until(since), tuple(self.versions))

    async def policy(self, version: LayerVersion) -> LayerPolicy:
        await self.gates.pass_through("layer_policy", version.arn)
        return LayerPolicy(version.arn, self.statements if version.number == 3 else ())

    async def publish(
        self, name: str, source: Path, *, description: str = "", runtimes: Sequence[str] = ()
    ) -> LayerVersion:
        await self.gates.pass_through("publish_layer", name, source, description, tuple(runtimes))
        made = LayerVersion(f"{LAYER}{name}:4", name, 4, newest=True, published=NOW, size=9)
        self.versions.insert(0, made)
        self.changed()
        return made

    async def delete(self, version: LayerVersion) -> None:
        await self.gates.pass_through("delete_layer", version.arn)
        self.versions.remove(version)
        self.changed()
