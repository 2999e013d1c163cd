"""The pattern language: what passes, what is refused, and what is said about it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdatui.patterns import Filters, InvalidPattern, Source, compile_pattern, match

PASSES = [
    ({"a": ["x"]}, {"a": "x"}),
    ({"a": ["x", "y"]}, {"a": "y"}),
    ({"a": ["x"]}, {"a": ["w", "x"]}),
    ({"a": ["x"]}, {"a": ["w", ["x"]]}),
    ({"a": [1]}, {"a": 1}),
    ({"a": [True]}, {"a": True}),
    ({"a": [None]}, {"a": None}),
    ({"a": [""]}, {"a": ""}),
    ({"a": {"b": ["x"]}}, {"a": {"b": "x", "c": 1}}),
    ({"a": {"b": ["x"], "c": [2]}}, {"a": [{"b": "x", "c": 1}, {"b": "x", "c": 2}]}),
    ({"a": [{"prefix": "ab"}]}, {"a": "abc"}),
    ({"a": [{"prefix": {"equals-ignore-case": "AB"}}]}, {"a": "abc"}),
    ({"a": [{"suffix": "bc"}]}, {"a": "abc"}),
    ({"a": [{"suffix": {"equals-ignore-case": "BC"}}]}, {"a": "abc"}),
    ({"a": [{"equals-ignore-case": "Abc"}]}, {"a": "aBC"}),
    ({"a": [{"wildcard": "a*c"}]}, {"a": "abbbc"}),
    ({"a": [{"wildcard": "*b*"}]}, {"a": "abc"}),
    ({"a": [{"wildcard": "*"}]}, {"a": ""}),
    ({"a": [{"wildcard": r"a\*\\c"}]}, {"a": "a*\\c"}),
    ({"a": [{"anything-but": "x"}]}, {"a": "y"}),
    ({"a": [{"anything-but": ["x", "y"]}]}, {"a": "z"}),
    ({"a": [{"anything-but": [1, 2]}]}, {"a": 3}),
    ({"a": [{"anything-but": [1]}]}, {"a": True}),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "yx"}),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": 5}),
    ({"a": [{"anything-but": {"suffix": ["x", "y"]}}]}, {"a": "yz"}),
    ({"a": [{"anything-but": {"wildcard": "*/lib/*"}}]}, {"a": "src/main"}),
    ({"a": [{"anything-but": {"equals-ignore-case": ["X"]}}]}, {"a": "y"}),
    ({"a": [{"numeric": [">", 0, "<=", 5]}]}, {"a": 5}),
    ({"a": [{"numeric": ["=", 301.8]}]}, {"a": 3.018e2}),
    ({"a": [{"numeric": ["<", 0]}]}, {"a": -0.5}),
    ({"a": [{"exists": True}]}, {"a": None}),
    ({"a": [{"exists": False}]}, {}),
    ({"a": {"b": [{"exists": False}]}}, {}),
    ({"a": [{"exists": False}]}, {"a": {"b": 1}}),  # only leaves exist
    ({"a": [{"exists": False}, "x"]}, {"a": "x"}),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.0.255"}),
    ({"a": [{"cidr": "2001:db8::/32"}]}, {"a": "2001:db8::1"}),
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"b": "y"}),
    ({"s": ["x"], "$or": [{"a": ["x"]}, {"b": {"c": ["y"]}}]}, {"s": "x", "b": {"c": "y"}}),
    ({"d": {"$or": [{"a": ["x"]}, {"a": ["y"]}]}}, {"d": {"a": "y"}}),
    ({"$or": ["x"]}, {"$or": "x"}),  # an ordinary member, as long as it is no list of objects
]

FAILS = [
    ({"a": ["x"]}, {"a": "X"}),
    ({"a": ["x"]}, {}),
    ({"a": ["x"]}, {"a": {"x": "x"}}),
    ({"a": ["1"]}, {"a": 1}),
    ({"a": [1]}, {"a": True}),
    ({"a": [False]}, {"a": 0}),
    ({"a": [None]}, {}),
    ({"a": [None]}, {"a": ""}),
    ({"a": {"b": ["x"]}}, {"a": "x"}),
    ({"a": {"b": ["x"], "c": [2]}}, {"a": [{"b": "x", "c": 1}, {"b": "y", "c": 2}]}),
    ({"a": [{"prefix": "ab"}]}, {"a": ["b"]}),
    ({"a": [{"prefix": "1"}]}, {"a": 12}),
    ({"a": [{"suffix": "bc"}]}, {"a": "bcd"}),
    ({"a": [{"wildcard": "a*a"}]}, {"a": "a"}),
    ({"a": [{"wildcard": "a*b*c"}]}, {"a": "acb"}),
    ({"a": [{"anything-but": "x"}]}, {"a": "x"}),
    ({"a": [{"anything-but": "x"}]}, {}),
    ({"a": [{"anything-but": {"prefix": "x"}}]}, {"a": "xy"}),
    ({"a": [{"anything-but": {"equals-ignore-case": "X"}}]}, {"a": "x"}),
    ({"a": [{"numeric": [">", 0]}]}, {"a": "5"}),
    ({"a": [{"numeric": [">=", 0]}]}, {"a": False}),
    ({"a": [{"numeric": [">", 0, "<", 5]}]}, {"a": 5}),
    ({"a": [{"exists": True}]}, {"a": {"b": 1}}),
    ({"a": [{"exists": True}]}, {"a": []}),
    ({"a": [{"exists": False}]}, {"a": 1}),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "10.0.1.0"}),
    ({"a": [{"cidr": "10.0.0.0/24"}]}, {"a": "no address"}),
    ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "y", "b": "x"}),
    ({"s": ["x"], "$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"s": "z", "a": "x"}),
]


@pytest.mark.parametrize(("pattern", "event"), PASSES)
def test_passes(pattern: dict[str, Any], event: Any) -> None:
    compiled = compile_pattern(json.dumps(pattern))
    told = compiled.explain(event)
    assert compiled.matches(event)
    assert told.ok, told
    assert told.failed == []


@pytest.mark.parametrize(("pattern", "event"), FAILS)
def test_fails(pattern: dict[str, Any], event: Any) -> None:
    compiled = compile_pattern(json.dumps(pattern))
    told = compiled.explain(event)
    assert not compiled.matches(event)
    assert not told.ok
    assert told.failed


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("null", "a JSON object"),
        ('"text"', "a JSON object"),
        ("[]", "a JSON object"),
        ('{"a":', "not JSON"),
        ("{}", "empty object"),
        ('{"a": {}}', "empty object"),
        ('{"eventSource": "aws:sqs"}', "must stand in an array"),
        ('{"eventSource": []}', "empty array"),
        ('{"a": null}', "must stand in an array"),
        ('{"a": [["x"]]}', "inside an array"),
        ('{"a": [{}]}', "one member"),
        ('{"a": [{"prefix": "a", "suffix": "b"}]}', "one member"),
        ('{"a": [{"begins": "a"}]}', "no operator 'begins'"),
        ('{"a": [{"prefix": 1}]}', "a string"),
        ('{"a": [{"prefix": {"wildcard": "x"}}]}', "only equals-ignore-case"),
        ('{"a": [{"wildcard": "a**b"}]}', "two stars"),
        ('{"a": [{"wildcard": "a\\\\b"}]}', "a backslash"),
        ('{"a": [{"exists": "yes"}]}', "true or false"),
        ('{"a": [{"anything-but": []}]}', "strings only or numbers only"),
        ('{"a": [{"anything-but": ["x", 1]}]}', "strings only or numbers only"),
        ('{"a": [{"anything-but": {"numeric": ["<", 1]}}]}', "anything-but takes"),
        ('{"a": [{"numeric": [">"]}]}', "numeric takes"),
        ('{"a": [{"numeric": ["!", 1]}]}', "numeric takes"),
        ('{"a": [{"numeric": [">", "1"]}]}', "numeric takes"),
        ('{"a": [{"numeric": ["<", 1, ">", 0]}]}', "range goes from"),
        ('{"a": [{"numeric": [">", 5, "<", 1]}]}', "range goes from"),
        ('{"a": [{"cidr": "10.0.0.0"}]}', "address range"),
        ('{"a": [{"cidr": "10.0.0.0/99"}]}', "address range"),
        ('{"a":' * 400 + '["x"]' + "}" * 400, "nested too deeply"),
        ('{"a": ["' + "x" * 4096 + '"]}', "longer than 4096"),
    ],
)
def test_refused(pattern: str, reason: str) -> None:
    with pytest.raises(InvalidPattern, match=r"^Invalid filter pattern definition\.$") as caught:
        compile_pattern(pattern)
    assert reason in caught.value.sentence


def test_the_clause_that_failed_says_why() -> None:
    pattern = {
        "source": ["aws.s3"],
        "detail": {"bucket": {"name": [{"prefix": "prod-"}]}, "size": [{"numeric": [">", 9]}]},
    }
    told = match(pattern, {"source": "aws.s3", "detail": {"bucket": {"name": "test"}}})
    assert [(clause.path, clause.operator, clause.ok) for clause in told.clauses] == [
        ("source", "equals", True),
        ("detail.bucket.name", "prefix", False),
        ("detail.size", "numeric", False),
    ]
    first, second = told.failed
    assert first.sentence == 'detail.bucket.name is "test", wanted starting with "prod-"'
    assert (first.expected, first.actual) == ([{"prefix": "prod-"}], "test")
    assert second.sentence == "detail.size is absent, wanted a number > 9"
    assert second.absent


def test_the_nearest_member_of_an_array_is_explained() -> None:
    told = match({"r": {"a": ["x"], "b": ["y"]}}, {"r": [{"a": "0", "b": "0"}, {"a": "x", "b": "0"}]})
    assert [(clause.path, clause.ok) for clause in told.clauses] == [("r[1].a", True), ("r[1].b", False)]


def test_or_names_the_alternative_that_holds_or_shows_them_all() -> None:
    pattern = {"$or": [{"a": ["x"]}, {"b": ["y"]}]}
    assert match(pattern, {"b": "y"}).clauses[0].sentence == "$or: alternative 2 of 2 holds"
    told = match(pattern, {"a": "0"})
    assert [clause.path for clause in told.failed] == ["$or", "a", "b"]


scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "ab", "b", "1"])
plain = st.lists(st.sampled_from(["", "a", "ab", "b", "1"]), min_size=1) | st.lists(
    st.integers(-5, 5), min_size=1
)


@given(plain, scalars)
def test_anything_but_is_the_negation_of_exact_on_scalars(values: list[Any], actual: Any) -> None:
    exact = compile_pattern({"a": values}).matches({"a": actual})
    assert compile_pattern({"a": [{"anything-but": values}]}).matches({"a": actual}) is not exact


@given(st.sampled_from(["prefix", "suffix", "equals-ignore-case"]), st.text("abA", max_size=3), scalars)
def test_anything_but_negates_text_operators(name: str, wanted: str, actual: Any) -> None:
    held = compile_pattern({"a": [{name: wanted}]}).matches({"a": actual})
    assert compile_pattern({"a": [{"anything-but": {name: wanted}}]}).matches({"a": actual}) is not held


@given(st.text("ab*", max_size=6).filter(lambda text: "**" not in text), st.text("ab", max_size=8))
def test_wildcard_agrees_with_a_slow_matcher(pattern: str, text: str) -> None:
    def slow(pieces: str, rest: str) -> bool:
        if not pieces:
            return not rest
        if pieces[0] == "*":
            return any(slow(pieces[1:], rest[i:]) for i in range(len(rest) + 1))
        return rest[:1] == pieces[0] and slow(pieces[1:], rest[1:])

    assert compile_pattern({"a": [{"wildcard": pattern}]}).matches({"a": text}) is slow(pattern, text)


@given(scalars)
def test_exists_true_and_false_exclude_each_other(actual: Any) -> None:
    for event in ({"a": actual}, {}):
        present = compile_pattern({"a": [{"exists": True}]}).matches(event)
        assert compile_pattern({"a": [{"exists": False}]}).matches(event) is not present


json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)
leaves = st.lists(
    scalars | st.sampled_from([{"exists": True}, {"exists": False}, {"prefix": "a"}]), min_size=1, max_size=2
)
patterns = st.recursive(
    st.dictionaries(st.sampled_from("ab"), leaves, min_size=1),
    lambda inner: (
        st.dictionaries(st.sampled_from("ab"), inner | leaves, min_size=1)
        | st.lists(inner, min_size=2, max_size=2).map(lambda branches: {"$or": branches})
    ),
    max_leaves=4,
)


@given(patterns, json_values)
def test_the_explanation_agrees_with_the_answer(pattern: dict[str, Any], event: Any) -> None:
    compiled = compile_pattern(pattern)
    told = compiled.explain(event)
    assert told.ok is compiled.matches(event)
    assert told.ok is (not told.failed)


# ---- records of event sources


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SQS = {"messageId": "1", "body": '{"state": "new", "n": 5}', "messageAttributes": {"k": {"stringValue": "v"}}}
KINESIS = {
    "kinesis": {"partitionKey": "p", "data": encoded('{"state": "new"}')},
    "eventName": "aws:kinesis:record",
}
DYNAMODB = {"eventName": "INSERT", "dynamodb": {"NewImage": {"n": {"N": "42"}, "s": {"S": "new"}}}}
KAFKA = {"topic": "t", "key": encoded("id-1"), "value": encoded('{"state": "new"}')}
MQ = {"messageID": "1", "data": encoded('{"state": "new"}')}


@pytest.mark.parametrize(
    ("source", "record", "pattern", "passes"),
    [
        (Source.SQS, SQS, {"body": {"state": ["new"]}}, True),
        (Source.SQS, SQS, {"body": {"state": ["old"]}}, False),
        (Source.SQS, SQS, {"messageAttributes": {"k": {"stringValue": ["v"]}}}, True),
        (
            Source.SQS,
            SQS,
            {"body": ['{"state": "new", "n": 5}']},
            False,
        ),  # plain values against JSON: dropped
        (Source.SQS, {**SQS, "body": "text"}, {"body": ["text"]}, True),
        (Source.SQS, {**SQS, "body": "text"}, {"body": [{"prefix": "te"}]}, True),
        (
            Source.SQS,
            {**SQS, "body": "text"},
            {"body": {"state": ["new"]}},
            False,
        ),  # JSON against text: dropped
        (Source.SQS, {**SQS, "body": "text"}, {"body": {"state": [{"exists": False}]}}, False),
        (Source.SQS, {**SQS, "body": "text"}, {"messageId": ["1"]}, True),
        (Source.SQS, {**SQS, "body": "5"}, {"body": ["5"]}, True),  # JSON here means an object or an array
        (Source.KINESIS, KINESIS, {"data": {"state": ["new"]}}, True),
        (Source.KINESIS, KINESIS, {"partitionKey": ["p"]}, True),
        (Source.KINESIS, KINESIS, {"eventName": ["aws:kinesis:record"]}, True),
        (Source.KINESIS, {"kinesis": {"data": encoded("text")}}, {"data": {"state": ["new"]}}, False),
        (Source.KINESIS, {"kinesis": {"data": "/w=="}}, {"data": {"state": ["new"]}}, False),
        (Source.DYNAMODB, DYNAMODB, {"eventName": ["INSERT"]}, True),
        (Source.DYNAMODB, DYNAMODB, {"dynamodb": {"NewImage": {"s": {"S": ["new"]}}}}, True),
        (Source.DYNAMODB, DYNAMODB, {"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 1]}]}}}}, False),
        (
            Source.DYNAMODB,
            DYNAMODB,
            {"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 100]}, {"anything-but": "101"}]}}}},
            True,
        ),
        (Source.KAFKA, KAFKA, {"value": {"state": ["new"]}, "key": ["id-1"], "topic": ["t"]}, True),
        (Source.KAFKA, KAFKA, {"key": {"state": ["new"]}}, False),
        (Source.KAFKA, {**KAFKA, "value": None}, {"value": [None]}, True),
        (Source.ACTIVEMQ, MQ, {"data": {"state": ["new"]}}, True),
        (Source.RABBITMQ, {"data": encoded("hello")}, {"data": ["hello"]}, True),
        (
            Source.DOCUMENTDB,
            {"event": {"operationType": "insert"}},
            {"event": {"operationType": ["insert"]}},
            True,
        ),
    ],
)
def test_records(source: Source, record: dict[str, Any], pattern: dict[str, Any], passes: bool) -> None:
    filters = Filters(source, [json.dumps(pattern)])
    assert filters.accepts(record) is passes
    assert [told.ok for told in filters.explain(record)] == [passes]


def test_filters_are_alternatives_and_none_means_all() -> None:
    assert Filters(Source.SQS, []).accepts(SQS)
    both = Filters(Source.SQS, [{"body": {"state": ["old"]}}, {"body": {"state": ["new"]}}])
    assert both.accepts(SQS)
    assert [told.ok for told in both.explain(SQS)] == [False, True]


def test_a_dropped_record_says_why() -> None:
    (told,) = Filters(Source.SQS, [{"body": {"a": ["x"]}}]).explain({"body": "text"})
    assert "body is not JSON" in told.failed[0].sentence
    (told,) = Filters(Source.SQS, [{"body": ["text"]}]).explain({"body": "{}"})
    assert "body is JSON" in told.failed[0].sentence


@pytest.mark.parametrize(("source", "key"), [(Source.KINESIS, "data"), (Source.DYNAMODB, "dynamodb")])
def test_streams_refuse_plain_payload_patterns(source: Source, key: str) -> None:
    with pytest.raises(InvalidPattern):
        Filters(source, [{key: ["text"]}])


def test_too_many_filters_are_refused() -> None:
    with pytest.raises(InvalidPattern, match="Invalid filter"):
        Filters(Source.SQS, [{"a": ["x"]}] * 6)
    assert Filters(Source.SQS, [{"a": ["x"]}] * 6, limit=10).patterns
