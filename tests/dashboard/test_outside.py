"""The terminal lent to the user's editor comes back, however the editor ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lambdatui.dashboard.app import LambdaTui
from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What became of the terminal; as Textual's own, it comes back only after a body that ended well."""
    steps: list[str] = []

    @contextmanager
    def suspend(_app: LambdaTui) -> Iterator[None]:
        steps.append("lent")
        yield
        steps.append("back")

    monkeypatch.setattr(LambdaTui, "suspend", suspend)
    return steps


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        ("false", "false: it ended with 1, nothing was changed."),
        ("/nowhere/editor", "No such file"),
        ("sh -c 'printf \"\\377\" > $0'", "sh: what it saved is not text."),
    ],
)
async def test_an_editor_that_fails_gives_the_terminal_back(
    editor: str, said: str, lent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", editor)
    async with opened(shop()) as ui:
        await ui.press("E")
        assert lent == ["lent", "back"]
        assert any(said in toast for toast in ui.toasts()), ui.toasts()
        assert ui.main.invocation.payload == "{}"


async def test_what_the_editor_saved_is_the_payload(lent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "sh -c 'echo [7] > $0'")
    async with opened(shop()) as ui:
        await ui.press("E")
        assert lent == ["lent", "back"]
        assert ui.main.invocation.payload.strip() == "[7]"
