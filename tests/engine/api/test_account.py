"""What counts towards an account, and what does not fit any more."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from tests.conftest import EngineProcess
from tests.engine.api.aws import NEW, Failure, Lambda, zipped
from tests.engine.signing import send, signed

FULL = Failure(400, "CodeStorageExceededException", "Code storage limit exceeded.", "User")
STORAGE = 80_530_636_800


def test_code_that_does_not_fit_any_more(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine()
    aws = Lambda(engine.client("lambda"), "000000000000")
    aws.function("large")
    aws.function("f")
    engine.stop()
    with sqlite3.connect(engine.data_dir / "lambda.db") as database:  # eighty gigabytes take long to upload
        room = STORAGE - 2 * len(zipped())
        database.execute("UPDATE versions SET code_size = ? WHERE name = 'large'", (room,))
    database.close()
    aws = Lambda(fresh_engine(data_dir=engine.data_dir).client("lambda"), "000000000000")
    assert aws("get_account_settings")["AccountUsage"]["TotalCodeSize"] == STORAGE - len(zipped())
    aws.function("fits")
    assert aws.failure("create_function", FunctionName="g", **NEW) == FULL
    assert aws.failure("publish_version", FunctionName="f") == FULL
    assert aws.failure("publish_layer_version", LayerName="l", Content=NEW["Code"]) == FULL
    assert aws.failure("update_function_code", FunctionName="f", ZipFile=zipped("longer = 1" * 9)) == FULL
    assert aws("update_function_code", FunctionName="f", ZipFile=zipped())["LastUpdateStatus"] == "InProgress"
    aws("delete_function", FunctionName="fits")
    assert aws("publish_version", FunctionName=aws.settled("f")["FunctionName"])["Version"] == "1"


def test_the_status_counts_the_functions_of_every_account_and_region(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine()
    for account, region in (
        ("000000000000", "us-east-1"),
        ("111111111111", "us-east-1"),
        ("000000000000", "eu-west-1"),
    ):
        client = engine.client("lambda", access_key=None if account == "0" * 12 else account, region=region)
        client.create_function(FunctionName="f", **NEW)
    status = send(engine, signed(engine, "GET", "/_lambdatui/status")).json()
    assert status["functions"] == 3


def test_account_settings_count(aws: Lambda) -> None:
    aws.function("f")
    aws("publish_version", FunctionName="f")
    shown = aws("get_account_settings")
    assert shown["AccountLimit"] == {
        "TotalCodeSize": 80530636800,
        "CodeSizeUnzipped": 262144000,
        "CodeSizeZipped": 52428800,
        "ConcurrentExecutions": 1000,
        "UnreservedConcurrentExecutions": 1000,
    }
    assert shown["AccountUsage"] == {"TotalCodeSize": 2 * len(zipped()), "FunctionCount": 1}
