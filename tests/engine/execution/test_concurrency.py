"""Many invocations at a time, and who takes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.engine.deploying import call, deploy, settled

ECHO = "def handler(event, context):\n    return event\n"


SAYS_WHERE = """
import time
def handler(event, context):
    time.sleep(event)
    return context.log_stream_name
"""


def test_simultaneous_invocations_get_environments_of_their_own(client: Any) -> None:
    name = deploy(client, SAYS_WHERE, Timeout=20)
    with ThreadPoolExecutor(6) as pool:
        streams = {answer.value for answer in pool.map(lambda _: call(client, name, 0.5), range(6))}
        assert len(streams) == 6
        again = {answer.value for answer in pool.map(lambda _: call(client, name, 0.5), range(6))}
    assert again <= streams, "what is warm is used again"


def test_the_environment_used_last_is_used_first(client: Any) -> None:
    name = deploy(client, SAYS_WHERE, Timeout=20)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: call(client, name, 0.3), range(3)))
    assert len({call(client, name, 0).value for _ in range(5)}) == 1


def test_reserved_concurrency_of_zero_throttles(client: Any) -> None:
    name = deploy(client, ECHO)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException) as refused:
        client.invoke(FunctionName=name)
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert refused.value.response["Error"]["Message"] == "Rate Exceeded."
    client.delete_function_concurrency(FunctionName=name)
    assert call(client, name, 1).value == 1


def test_an_aliass_weights_are_drawn_for_each_invocation(client: Any) -> None:
    code = "import os\ndef handler(event, context): return os.environ['AWS_LAMBDA_FUNCTION_VERSION']\n"
    name = deploy(client, code, Publish=True)
    client.update_function_configuration(FunctionName=name, Description="second")
    settled(client, name)
    client.publish_version(FunctionName=name)
    client.create_alias(
        FunctionName=name,
        Name="split",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.4}},
    )
    answers = [call(client, name, Qualifier="split") for _ in range(150)]
    assert all(answer.value == answer.version for answer in answers)
    share = sum(answer.version == "2" for answer in answers) / len(answers)
    assert 0.2 < share < 0.6, "five standard deviations around 0.4"
