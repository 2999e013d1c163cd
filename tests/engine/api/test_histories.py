"""Random histories of one function's versions and aliases, beside a model of a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import EngineProcess
from tests.engine.api.aws import Lambda

_accounts = count(300_000_000_001)
NUMBERS, ALIASES = st.sampled_from(["1", "2", "3", "4", "$LATEST"]), st.sampled_from(["a", "b"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("update"), st.sampled_from([3, 4, 5])),
        st.tuples(st.just("publish")),
        st.tuples(st.just("drop"), NUMBERS),
        st.tuples(st.just("point"), ALIASES, NUMBERS),
        st.tuples(st.just("unpoint"), ALIASES),
    ),
    max_size=25,
)


@dataclass
class Model:
    """What AWS would hold."""

    latest: int = 3  # the time-out stands for all that is versioned
    numbered: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def update(self, timeout: int) -> str:
        self.latest = timeout
        return "ok"

    def publish(self) -> str:
        newest = max(self.versions, key=int, default=None)
        if newest is not None and self.versions[newest] == self.latest:
            return newest
        self.numbered += 1
        self.versions[str(self.numbered)] = self.latest
        return str(self.numbered)

    def drop(self, number: str) -> str:
        if number == "$LATEST":
            return "InvalidParameterValueException"
        if number in self.aliases.values():
            return "ResourceConflictException"
        self.versions.pop(number, None)
        return "ok"

    def point(self, alias: str, number: str) -> str:
        if number != "$LATEST" and number not in self.versions:
            return "ResourceNotFoundException"
        self.aliases[alias] = number
        return "ok"

    def unpoint(self, alias: str) -> str:
        self.aliases.pop(alias, None)
        return "ok"


@dataclass
class Engine:
    """The same steps on the engine."""

    aws: Lambda

    def update(self, timeout: int) -> str:
        self.aws("update_function_configuration", FunctionName="f", Timeout=timeout)
        self.aws.settled("f")
        return "ok"

    def publish(self) -> str:
        return str(self.aws("publish_version", FunctionName="f")["Version"])

    def drop(self, number: str) -> str:
        return self.tried(lambda: self.aws("delete_function", FunctionName="f", Qualifier=number))

    def point(self, alias: str, number: str) -> str:
        known = {entry["Name"] for entry in self.aws("list_aliases", FunctionName="f")["Aliases"]}
        operation = "update_alias" if alias in known else "create_alias"
        return self.tried(lambda: self.aws(operation, FunctionName="f", Name=alias, FunctionVersion=number))

    def unpoint(self, alias: str) -> str:
        return self.tried(lambda: self.aws("delete_alias", FunctionName="f", Name=alias))

    @staticmethod
    def tried(call: Callable[[], object]) -> str:
        try:
            call()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "ok"

    def state(self) -> tuple[dict[str, int], dict[str, str]]:
        listed = self.aws("list_versions_by_function", FunctionName="f")["Versions"]
        aliases = self.aws("list_aliases", FunctionName="f")["Aliases"]
        return (
            {entry["Version"]: entry["Timeout"] for entry in listed},
            {entry["Name"]: entry["FunctionVersion"] for entry in aliases},
        )


@pytest.fixture(scope="module")
def quick_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine whose states settle at once."""
    running = EngineProcess(tmp_path_factory.mktemp("histories") / "data", "--settle", "0")
    yield running
    running.stop()


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_engine_goes_with_the_model(quick_engine: EngineProcess, steps: list[tuple[str, ...]]) -> None:
    account = str(next(_accounts))
    engine = Engine(Lambda(quick_engine.client("lambda", access_key=account), account))
    engine.aws.function("f")
    model = Model()
    for step, *arguments in steps:
        assert getattr(engine, step)(*arguments) == getattr(model, step)(*arguments), (step, arguments)
        assert engine.state() == ({"$LATEST": model.latest, **model.versions}, model.aliases)
