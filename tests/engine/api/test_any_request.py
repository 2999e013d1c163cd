"""Whatever is sent to any operation: no failure of the engine, no hang, and nothing that was kept is lost."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import EngineProcess
from tests.engine.api.any_request import MODEL, Http, Maker, known
from tests.engine.api.aws import ROLE, Lambda, zipped

ANSWERED_WITHIN_S = 15.0
NOT_HERE = 501  # what cannot run on one machine says so plainly
_accounts = itertools.count(700_000_000_001)


@dataclass
class Signed:
    """A connection that signs what it sends."""

    engine: EngineProcess
    account: str

    def __post_init__(self) -> None:
        self._signer = SigV4Auth(Credentials(self.account, self.engine.secret_key), "lambda", "us-east-1")
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", self.engine.port, timeout=ANSWERED_WITHIN_S
        )

    def send(self, request: Http) -> tuple[int, bytes]:
        signed = AWSRequest(
            request.method, f"{self.engine.url}{request.target}", dict(request.headers), request.body
        )
        self._signer.add_auth(signed)
        self._connection.request(request.method, request.target, request.body, dict(signed.headers.items()))
        answer = self._connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine whose states settle at once."""
    running = EngineProcess(tmp_path_factory.mktemp("any") / "data", "--settle", "0")
    yield running
    running.stop()


def furnished(engine: EngineProcess) -> tuple[Lambda, Maker]:
    """An account with one of everything, and a maker of requests that name it."""
    account = str(next(_accounts))
    aws = Lambda(engine.client("lambda", access_key=account, parameter_validation=False), account)
    aws.function("marker")
    aws.function("f", Publish=True)
    aws("create_alias", FunctionName="f", Name="live", FunctionVersion="1")
    aws("publish_layer_version", LayerName="l", Content={"ZipFile": zipped()})
    aws("add_permission", FunctionName="f", StatementId="s", Action="lambda:*", Principal="*")
    aws("create_function_url_config", FunctionName="f", AuthType="NONE")
    aws("put_function_event_invoke_config", FunctionName="f", MaximumRetryAttempts=0)
    mapping = aws(
        "create_event_source_mapping",
        FunctionName="f",
        EventSourceArn=f"arn:aws:sqs:us-east-1:{account}:made",
        Enabled=False,
    )
    profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/1"
    publishers = {"SigningProfileVersionArns": [profile]}
    signing = aws("create_code_signing_config", AllowedPublishers=publishers)["CodeSigningConfig"]
    aws(
        "create_capacity_provider",
        CapacityProviderName="p",
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
    )
    return aws, Maker(known(account, mapping["UUID"], signing["CodeSigningConfigArn"]))


def check(engine: EngineProcess, name: str, examples: int) -> None:
    aws, maker = furnished(engine)
    connection = Signed(engine, aws.account)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(request=maker.requests(MODEL.operation_model(name)))
    def answers(request: Http) -> None:
        status, body = connection.send(request)
        assert status < 500 or status == NOT_HERE, (status, body[:1000])

    answers()
    marker = aws("get_function_configuration", FunctionName="marker")
    assert (marker["State"], marker["CodeSize"]) == ("Active", len(zipped()))
    assert [entry["FunctionName"] for entry in aws("list_functions")["Functions"]].count("marker") == 1


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_any_request_is_answered(quick: EngineProcess, name: str) -> None:
    check(quick, name, 20)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODEL.operation_names)
def test_many_requests_are_answered(quick: EngineProcess, name: str) -> None:
    check(quick, name, 1000)


@given(
    target=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80),
    body=st.binary(max_size=99),
)
@settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_any_path_is_answered(quick: EngineProcess, target: str, body: bytes) -> None:
    connection = Signed(quick, "700000000000")
    for method in ("GET", "POST"):
        status, answer = connection.send(Http(method, f"/2015-03-31/{target}", {}, body))
        assert status < 500, (status, answer[:1000])
