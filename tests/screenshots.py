"""Make the pictures of the README from the running dashboard on a real engine: ``make screenshots``."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["LC_ALL"] = "C.UTF-8"  # before the signs are chosen

import boto3
from textual.pilot import Pilot

from lambdatui import paths
from lambdatui.dashboard.app import LambdaTui
from lambdatui.model import TargetKind
from lambdatui.service import TargetSpec, open_target

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
RUNTIME = f"python3.{sys.version_info.minor}"
WITHIN_S = 30.0
ORDER = '{"order": 42, "items": ["tea", "milk"], "coupon": "WINTER"}'


@dataclass(frozen=True)
class Shown:
    """A function for the pictures: what it does, one description per version."""

    name: str
    code: str
    memory_mb: int
    versions: tuple[str, ...] = ()
    payload: str = ORDER


CHECKOUT = """
import logging

logging.getLogger().setLevel(logging.INFO)


def handler(event, context):
    logging.info("order %s: %d items", event["order"], len(event["items"]))
    if event.get("coupon"):
        logging.warning("coupon %s ends today", event["coupon"])
    print("charging card ****4242")
    return {
        "order": event["order"],
        "charged": True,
        "total": 18.4,
        "currency": "EUR",
        "items": event["items"],
        "version": context.function_version,
    }
"""
PLAIN = "def handler(event, context):\n    print('done')\n    return {'ok': True}\n"
FUNCTIONS = (
    Shown("checkout", CHECKOUT, 256, ("first", "coupons", "tax hotfix")),
    Shown("invoice", PLAIN, 128, ("first",)),
    Shown("payments", PLAIN, 512, ("first", "refunds")),
    Shown("resize-image", PLAIN, 1024),
)


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the terminal, the keys that lead to it, the text that says it is there."""

    name: str
    keys: tuple[str, ...] = ()
    until: str = "charged"
    size: tuple[int, int] = (120, 40)
    theme: str = "dark"


INVOKED = ("2", "j", "i")  # the newest version, then run it
PICTURES = (
    Picture("main-120x40", INVOKED),
    Picture("main-80x24", (*INVOKED, "3"), size=(80, 24)),
    Picture("main-200x60", INVOKED, size=(200, 60)),
    Picture("main-light-120x40", INVOKED, theme="light"),
    Picture("alias-120x40", ("2", "j", "a"), until="share"),
    Picture("help-120x40", ("question_mark",), until="Keys"),
)
INSIDE = (
    Picture("environments-120x40", ("V",), until="alive"),
    Picture("environments-80x24", ("V",), until="alive", size=(80, 24)),
    Picture("queue-120x40", ("Q",), until="PaymentRefused"),
    Picture("faults-120x40", ("F", "j"), until="armed"),
    Picture("neighbours-120x40", ("B",), until="checkout-dlq"),
    Picture("dead-letters-120x40", ("D", "enter"), until="NoneType"),
    Picture("sources-120x40", ("S",), until="blocked"),
    Picture("filter-120x40", ("S", "G", "e"), until="The record"),
    Picture("concurrency-120x40", ("K",), until="reserved"),
    Picture("layers-120x40", ("L",), until="unused"),
    Picture(
        "diff-regions-120x40",
        ("enter", "3", "d", "ctrl+t", *"eu", "minus", *"west", "minus", "1", "enter", "enter"),
        until="eu-west-1",
    ),
    Picture("watch-120x40", ("enter", "4", "H", *"shop", "enter"), until="deployed"),
)
"""Taken after the others, on an engine where something goes on."""
WORKING = (
    Picture("overview-120x40", ("enter",), until="prod"),
    Picture("settings-120x40", ("enter", "2"), until="Timeout"),
    Picture("code-120x40", ("enter", "4"), until="charging card"),
    Picture("payloads-120x40", ("P",), until="activemq"),
    Picture("burst-120x40", ("number_sign", "enter"), until="p95"),
    Picture("compare-120x40", (*INVOKED, "equals_sign", "enter"), until="LATEST"),
    Picture("canary-120x40", ("2", "b", "enter"), until="step"),
    Picture("create-120x40", ("ctrl+n",), until="template"),
    Picture("bulk-120x40", ("asterisk", "A"), until="retention"),
    Picture("journal-120x40", ("J",), until="Journal"),
    Picture("palette-120x40", ("colon", *"canary"), until="canary"),
)
"""What a working day asks for; canary before journal, which then has something to tell."""
REFUSING = """
class PaymentRefused(Exception):
    pass


def handler(event, context):
    raise PaymentRefused("the bank refused the card")
"""


def package(code: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("handler.py", code)
    return archive.getvalue()


def client_of(environment: Mapping[str, str], service: str = "lambda") -> Any:
    """Lambda or a service beside it, as a user would reach it."""
    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )


def prepare(environment: Mapping[str, str]) -> None:
    """Functions, versions, aliases and runs, made as a user would make them."""
    client = client_of(environment)
    for shown in FUNCTIONS:
        client.create_function(
            FunctionName=shown.name,
            Runtime=RUNTIME,
            Handler="handler.handler",
            Role="arn:aws:iam::000000000000:role/shop",
            Code={"ZipFile": package(shown.code)},
            MemorySize=shown.memory_mb,
            Timeout=30,
        )
        client.get_waiter("function_active_v2").wait(FunctionName=shown.name, WaiterConfig={"Delay": 1})
        for number, description in enumerate(shown.versions, 1):
            if number > 1:
                client.update_function_code(
                    FunctionName=shown.name, ZipFile=package(f"{shown.code}\n# {description}\n")
                )
                client.get_waiter("function_updated_v2").wait(
                    FunctionName=shown.name, WaiterConfig={"Delay": 1}
                )
            client.publish_version(FunctionName=shown.name, Description=description)
    shares = {"AdditionalVersionWeights": {"2": 0.1}}
    client.create_alias(FunctionName="checkout", Name="prod", FunctionVersion="3", RoutingConfig=shares)
    client.create_alias(FunctionName="checkout", Name="stage", FunctionVersion="2")
    client.create_alias(FunctionName="payments", Name="prod", FunctionVersion="1")
    for _ in range(2):
        client.invoke(FunctionName="checkout:prod", Payload=ORDER.encode())
    client.invoke(FunctionName="checkout", InvocationType="Event", Payload=ORDER.encode())


def stir(environment: Mapping[str, str]) -> None:
    """Environments side by side, and events that fail and wait."""
    client = client_of(environment)
    client.update_function_code(FunctionName="payments", ZipFile=package(REFUSING))
    client.get_waiter("function_updated_v2").wait(FunctionName="payments", WaiterConfig={"Delay": 1})
    target = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:payments-dlq"}}
    client.put_function_event_invoke_config(FunctionName="payments", DestinationConfig=target)
    with ThreadPoolExecutor(4) as pool:
        for name in ("checkout", "checkout:prod", "invoice", "checkout"):
            pool.submit(client.invoke, FunctionName=name, Payload=ORDER.encode())
    for _ in range(3):
        client.invoke(FunctionName="payments", InvocationType="Event", Payload=ORDER.encode())


def furnish(environment: Mapping[str, str]) -> None:
    """A queue with a filter, a stream whose first record is refused, layers, shares of the concurrency."""
    client, sqs, kinesis = (client_of(environment, name) for name in ("lambda", "sqs", "kinesis"))
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="clicks", WaiterConfig={"Delay": 1})
    stream = kinesis.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]["StreamARN"]
    orders = {"Filters": [{"Pattern": '{"body": {"kind": ["order"], "total": [{"numeric": [">", 5]}]}}'}]}
    client.create_event_source_mapping(FunctionName="invoice", EventSourceArn=queue, FilterCriteria=orders)
    client.create_event_source_mapping(
        FunctionName="payments", EventSourceArn=stream, StartingPosition="TRIM_HORIZON", BatchSize=10
    )
    for total in (18, 42, 4):
        sqs.send_message(QueueUrl=url, MessageBody=f'{{"kind": "order", "total": {total}}}')
        kinesis.put_record(StreamName="clicks", Data=b'{"page": "/cart"}', PartitionKey="k")
    for text in ("rounds as banks do", "rounds as banks do, in all currencies"):
        content = {"ZipFile": package(f"# {text}\n")}
        layer = client.publish_layer_version(LayerName="money", Description=text, Content=content)
    for name in ("checkout", "invoice"):
        client.update_function_configuration(FunctionName=name, Layers=[layer["LayerVersionArn"]])
    for name, reserved in (("checkout", 120), ("resize-image", 0)):
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    with suppress(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName="resize-image")
    client.put_provisioned_concurrency_config(
        FunctionName="payments", Qualifier="prod", ProvisionedConcurrentExecutions=2
    )


def move_abroad(environment: Mapping[str, str]) -> None:
    """The checkout of another region, a little behind; and its source in a folder here."""
    abroad = client_of({**environment, "AWS_DEFAULT_REGION": "eu-west-1"})
    behind = CHECKOUT.replace("18.4", "17.9")
    abroad.create_function(
        FunctionName="checkout",
        Runtime=RUNTIME,
        Handler="handler.handler",
        Role="arn:aws:iam::000000000000:role/shop",
        Code={"ZipFile": package(behind)},
        MemorySize=128,
        Timeout=30,
        Environment={"Variables": {"STAGE": "eu"}},
    )
    source = Path("shop")
    source.mkdir()
    (source / "handler.py").write_text(CHECKOUT)


def bury(environment: Mapping[str, str]) -> None:
    """Events that were given up and lie in a dead-letter queue."""
    client, sqs = (client_of(environment, name) for name in ("lambda", "sqs"))
    url = sqs.create_queue(QueueName="checkout-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client.get_waiter("function_updated_v2").wait(FunctionName="checkout", WaiterConfig={"Delay": 1})
    client.update_function_configuration(FunctionName="checkout", DeadLetterConfig={"TargetArn": arn})
    client.get_waiter("function_updated_v2").wait(FunctionName="checkout", WaiterConfig={"Delay": 1})
    client.put_function_event_invoke_config(FunctionName="checkout", MaximumRetryAttempts=0)
    for number in range(3):
        event = json.dumps({"order": number, "items": None}).encode()
        client.invoke(FunctionName="checkout", InvocationType="Event", Payload=event)
    count = "ApproximateNumberOfMessages"
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[count])["Attributes"][count] == "3":
            return
        time.sleep(0.2)


async def until(pilot: Pilot[int], text: str) -> None:
    """Wait until the text is drawn."""
    async with asyncio.timeout(WITHIN_S):
        while text not in drawn(pilot):
            await pilot.pause(0.05)


def drawn(pilot: Pilot[int]) -> str:
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


@asynccontextmanager
async def dashboard(picture: Picture, data_dir: Path) -> AsyncIterator[Pilot[int]]:
    shutil.rmtree(paths.state_dir() / "sessions", ignore_errors=True)  # each picture begins anew
    spec = TargetSpec(TargetKind.LOCAL, data_dir=data_dir)
    app = LambdaTui(spec, theme=picture.theme)
    async with app.run_test(size=picture.size) as pilot:
        await until(pilot, "checkout")
        await until(pilot, "$LATEST" if picture.size[0] >= 100 else "●")
        app.screen.query_one("#invoke").payload = ORDER  # type: ignore[attr-defined]
        yield pilot


async def take(picture: Picture, data_dir: Path) -> None:
    async with dashboard(picture, data_dir) as pilot:
        for key in picture.keys:
            await pilot.press(key)
            await pilot.pause(0.4)  # a person's pace: panes fetch what the cursor came upon
        await until(pilot, picture.until)
        await pilot.pause(1.5)  # the log follows
        pilot.app.screen.query("Toast").remove()
        await pilot.pause()
        svg = pilot.app.export_screenshot(title="lambdatui", simplify=True)
        (FOLDER / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
        print(f"screenshots/{picture.name}.svg")


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="lambdatui-pictures-"))
    os.environ["LAMBDATUI_HOME"] = str(home)
    os.chdir(home)  # what is typed of paths is short
    data_dir = home / "engine"
    try:
        service = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=data_dir), interactive=False)
        assert service.engine is not None
        await asyncio.to_thread(prepare, await service.engine.environment())
        for picture in PICTURES:
            await take(picture, data_dir)
        assert service.inspection is not None
        await service.inspection.faults.arm("slow-init", "checkout", 9, {"seconds": 3})
        await asyncio.to_thread(stir, await service.engine.environment())
        await asyncio.to_thread(furnish, await service.engine.environment())
        await asyncio.to_thread(move_abroad, await service.engine.environment())
        await asyncio.to_thread(bury, await service.engine.environment())
        for picture in (*INSIDE, *WORKING):
            await take(picture, data_dir)
        await service.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
