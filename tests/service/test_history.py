"""Invocations are found again: newest first, private, bounded."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lambdatui.model import Invocation, InvocationType, InvokeError, Report
from lambdatui.service import history
from lambdatui.service.history import History


def invocation(number: int = 0, *, payload: bytes = b"{}", response: bytes = b"null") -> Invocation:
    return Invocation(
        function="checkout",
        qualifier="prod",
        type=InvocationType.REQUEST_RESPONSE,
        payload=payload,
        started=datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC),
        took_ms=1.5,
        status=200,
        request_id=str(number),
        executed_version="3",
        response=response,
        text=response.decode("utf-8", "replace"),
        function_error="Unhandled",
        error=InvokeError("KeyError", "'x'", ("  File", "    line")),
        log=("START", "END"),
        report=Report("id", 1.0, 1, 128, 36, init_ms=100.0),
    )


async def test_what_was_added_is_read_whole(tmp_path: Path) -> None:
    first, second = invocation(1), invocation(2, payload=b"\xff\x00", response=b"\xfe")
    kept = History(tmp_path / "deep" / "history")
    await kept.add(first)
    await kept.add(second)
    assert await History(tmp_path / "deep" / "history").of("checkout") == [second, first]
    assert await kept.of("checkout", limit=1) == [second]
    assert await kept.of("other") == []
    await kept.clear("checkout")
    assert await kept.of("checkout") == []


async def test_only_the_owner_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    await History(folder).add(invocation())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()] == [0o600]


async def test_names_that_differ_in_case_or_shape_have_files_of_their_own(tmp_path: Path) -> None:
    kept = History(tmp_path)
    for name in ("a", "A", "a/../b", "x" * 300):
        assert await kept.of(name) == []
        await kept.add(replace(invocation(), function=name))
        assert [one.function for one in await kept.of(name)] == [name]
    assert len({file.name.lower() for file in tmp_path.iterdir()}) == 4


async def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    kept = History(tmp_path)
    for number in range(5 * history.KEEP):
        await kept.add(invocation(number))
    found = await kept.of("checkout")
    assert [int(one.request_id) for one in found] == [
        5 * history.KEEP - 1 - place for place in range(history.KEEP)
    ]
    (file,) = tmp_path.iterdir()
    assert file.read_bytes().count(b"\n") <= 2 * history.KEEP


async def test_big_bodies_are_bounded(tmp_path: Path) -> None:
    kept = History(tmp_path)
    await kept.add(invocation(1, response=b"x" * 6_000_000))
    (found,) = await kept.of("checkout")
    assert found.clipped
    assert len(found.response) == history.RESPONSE_BYTES
    for number in range(5):
        await kept.add(invocation(number, payload=b'"' + b"x" * 3_000_000 + b'"'))
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size <= history.KEEP_BYTES + 4_000_000
    assert (await kept.of("checkout"))[0].payload.startswith(b'"xxx')


async def test_a_damaged_line_costs_only_itself(tmp_path: Path) -> None:
    kept = History(tmp_path)
    await kept.add(invocation(1))
    (file,) = tmp_path.iterdir()
    with file.open("ab") as out:
        out.write(b'{"function": "che\n{"type": "Unknown"}\n[]\n\xff\n')
    await kept.add(invocation(2))
    assert [one.request_id for one in await kept.of("checkout")] == ["2", "1"]


async def test_a_disk_that_refuses_fails_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    kept = History(blocked)
    await kept.add(invocation())
    assert await kept.of("checkout") == []
