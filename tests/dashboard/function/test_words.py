"""ARNs, grants, trees, pictures and sources as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdatui.dashboard.function.grants import sentence
from lambdatui.dashboard.function.lines import Line
from lambdatui.dashboard.function.naming import principal, short_arn
from lambdatui.dashboard.function.picture import picture
from lambdatui.dashboard.function.source import coloured
from lambdatui.dashboard.function.tree import tree_of
from lambdatui.dashboard.widgets.spans import cells, plain
from lambdatui.model import Statement
from lambdatui.service.code import CodeFile


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("arn:aws:sqs:us-east-1:1:orders", "SQS orders"),
        ("arn:aws:s3:::uploads", "S3 uploads"),
        ("arn:aws:dynamodb:us-east-1:1:table/carts/stream/2026-01-01", "DynamoDB carts"),
        ("arn:aws:kinesis:us-east-1:1:stream/clicks", "Kinesis clicks"),
        ("arn:aws:lambda:us-east-1:1:function:other:prod", "Lambda other:prod"),
        ("arn:aws:events:us-east-1:1:rule/nightly", "EventBridge nightly"),
        ("broker:9092", "broker:9092"),
    ],
)
def test_arns(arn: str, said: str) -> None:
    assert short_arn(arn) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*", "everyone"),
        ("123456789012", "account 123456789012"),
        ("arn:aws:iam::123456789012:root", "account 123456789012"),
        ("arn:aws:iam::123456789012:role/ci", "role/ci"),
        ("s3.amazonaws.com", "Amazon S3"),
        ("logs.us-east-1.amazonaws.com", "CloudWatch Logs"),
        ("strange.amazonaws.com", "strange"),
    ],
)
def test_principals(text: str, said: str) -> None:
    assert principal(text) == said


def test_a_denial_says_not() -> None:
    denied = Statement("x", "prod", "Deny", ("*",), ("lambda:InvokeFunction",), (("Null", "aws:x", "true"),))
    assert sentence(denied) == "Everyone may NOT invoke it if aws:x Null true (alias prod)"


PATHS = st.lists(
    st.lists(st.sampled_from(["a", "b", "lib", "x.py"]), min_size=1, max_size=4).map("/".join), unique=True
)


@given(PATHS)
def test_a_tree_has_every_file_once_below_its_folders(paths: list[str]) -> None:
    files = [CodeFile(path, 3, 0) for path in paths]
    nodes = tree_of(files, ())
    assert sorted(node.path for node in nodes if node.file) == sorted(paths)
    seen: set[str] = set()
    for node in nodes:
        parent = node.path.rpartition("/")[0]
        assert not parent or parent in seen
        if node.is_folder:
            seen.add(node.path)
            assert node.size == 3 * sum(path.startswith(f"{node.path}/") for path in paths)


LINES = st.lists(
    st.text("abc äé", min_size=1, max_size=60).map(lambda text: [(text, "")]), min_size=1, max_size=9
)


@given(LINES, LINES, LINES, st.integers(30, 220))
def test_a_picture_fits_and_shows_every_line(
    sources: list[Line], function: list[Line], targets: list[Line], width: int
) -> None:
    drawn = [plain(line) for line in picture(sources, function, targets, width)]
    assert all(cells(line) <= max(width, 92) for line in drawn)
    assert len(drawn) >= max(len(sources), len(targets))


@settings(deadline=None)  # the first text has the lexers imported
@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["a.py", "a.json", "a.js", "a", "M.rb"]),
)
def test_no_character_of_a_source_is_lost(text: str, path: str) -> None:
    shown = "\n".join(plain(line) for line in coloured(path, text))
    assert shown == text.expandtabs(4).removesuffix("\n")
