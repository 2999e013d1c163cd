"""Code that is not sent along: from S3, for functions and layers, and images by their names."""

from __future__ import annotations

import hashlib
import itertools
import urllib.request
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.api.aws import ROLE, Failure, Lambda, invalid, zipped

NEW = {"Runtime": "python3.12", "Role": ROLE, "Handler": "handler.handler"}
REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app"
DIGEST = hashlib.sha256(b"image").hexdigest()
_buckets = itertools.count()


@pytest.fixture
def s3(engine: EngineProcess, aws: Lambda) -> Any:
    return engine.client("s3", access_key=aws.account)


@pytest.fixture
def bucket(s3: Any) -> str:
    """A bucket with two versions of ``code.zip``."""
    name = f"packages-{next(_buckets)}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def gone(code: str, message: str) -> Failure:
    return invalid(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")


def test_a_function_from_s3_is_like_one_that_was_sent(aws: Lambda, s3: Any, bucket: str) -> None:
    old = s3.put_object(Bucket=bucket, Key="a/code.zip", Body=zipped("old = 1"))["VersionId"]
    s3.put_object(Bucket=bucket, Key="a/code.zip", Body=zipped())
    source = {"S3Bucket": bucket, "S3Key": "a/code.zip"}
    sent = aws.function("sent")
    shown = aws.function("f", Code=source)
    assert (shown["CodeSha256"], shown["CodeSize"]) == (sent["CodeSha256"], sent["CodeSize"])
    location = aws("get_function", FunctionName="f")["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=10) as answer:
        assert answer.read() == zipped()
    aws("update_function_code", FunctionName="f", **source, S3ObjectVersion=old)
    assert aws.settled("f")["CodeSize"] == len(zipped("old = 1"))


def test_a_layer_from_s3(aws: Lambda, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="layer.zip", Body=zipped("x = 1", "python/x.py"))
    made = aws("publish_layer_version", LayerName="l", Content={"S3Bucket": bucket, "S3Key": "layer.zip"})
    assert made["Content"]["CodeSize"] == len(zipped("x = 1", "python/x.py"))


def test_what_is_not_in_s3(aws: Lambda, s3: Any, bucket: str) -> None:
    aws.function("f")
    s3.put_object(Bucket=bucket, Key="text", Body=b"this is not a zip")
    no_bucket = gone("NoSuchBucket", "The specified bucket does not exist")
    no_key = gone("NoSuchKey", "The specified key does not exist.")
    no_zip = invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
    for source, expected in (
        ({"S3Bucket": "nobody-has-this", "S3Key": "k"}, no_bucket),
        ({"S3Bucket": bucket, "S3Key": "none"}, no_key),
        ({"S3Bucket": bucket, "S3Key": "text"}, no_zip),
        ({"S3Bucket": bucket}, invalid("Please provide a source for your code.")),
    ):
        assert aws.failure("create_function", FunctionName="g", Code=source, **NEW) == expected
        assert aws.failure("update_function_code", FunctionName="f", **source) == expected
        assert aws.failure("publish_layer_version", LayerName="l", Content=source) == expected
    assert [entry["FunctionName"] for entry in aws("list_functions")["Functions"]] == ["f"]


def test_code_has_one_source(aws: Lambda) -> None:
    both = {"ZipFile": zipped(), "S3Bucket": "bucket", "S3Key": "key"}
    assert aws.failure("create_function", FunctionName="f", Code=both, **NEW) == invalid(
        "Please do not provide other FunctionCode parameters when providing a ZipFile."
    )


def test_an_image_function_shows_what_it_was_given(aws: Lambda) -> None:
    config = {"Command": ["app.handler"], "WorkingDirectory": "/app"}
    uri = f"{REPOSITORY}:v1@sha256:{DIGEST}"
    image: dict[str, Any] = {"PackageType": "Image", "Code": {"ImageUri": uri}, "Role": ROLE}
    created = aws("create_function", FunctionName="f", ImageConfig=config, **image)
    assert (created["PackageType"], created["CodeSize"], created["CodeSha256"]) == ("Image", 0, DIGEST)
    assert created["ImageConfigResponse"] == {"ImageConfig": config}
    assert not {"Runtime", "Handler", "RuntimeVersionConfig", "ImageUri"} & created.keys()
    aws.settled("f")
    assert aws("get_function", FunctionName="f")["Code"] == {
        "RepositoryType": "ECR",
        "ImageUri": uri,
        "ResolvedImageUri": f"{REPOSITORY}@sha256:{DIGEST}",
    }
    other = "0" * 64
    aws("update_function_code", FunctionName="f", ImageUri=f"{REPOSITORY}@sha256:{other}")
    assert aws.settled("f")["CodeSha256"] == other
    assert aws("publish_version", FunctionName="f")["Version"] == "1"


def test_a_tag_is_not_resolved_and_not_made_up(aws: Lambda) -> None:
    aws(
        "create_function",
        FunctionName="f",
        PackageType="Image",
        Code={"ImageUri": f"{REPOSITORY}:v1"},
        Role=ROLE,
    )
    assert "CodeSha256" not in aws.settled("f")
    code = aws("get_function", FunctionName="f")["Code"]
    assert code == {"RepositoryType": "ECR", "ImageUri": f"{REPOSITORY}:v1"}


IMAGE = {"PackageType": "Image", "Code": {"ImageUri": f"{REPOSITORY}:v1"}, "Role": ROLE}
WITH_RUNTIME = (
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
)
IMAGE_ERRORS: list[tuple[str, dict[str, Any], str]] = [
    (
        "no image",
        IMAGE | {"Code": {"ZipFile": zipped()}},
        "Please provide ImageUri when creating a function with packageType Image.",
    ),
    (
        "image for zip",
        NEW | {"Code": IMAGE["Code"]},
        "Please don't provide ImageUri when creating a function with packageType Zip.",
    ),
    ("runtime", IMAGE | {"Runtime": "python3.12"}, WITH_RUNTIME),
    ("layers", IMAGE | {"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"]}, WITH_RUNTIME),
    (
        "no name",
        IMAGE | {"Code": {"ImageUri": "app:v1"}},
        "Source image app:v1 is not valid. Provide a valid source image.",
    ),
]


@pytest.mark.parametrize(
    ("members", "text"), [row[1:] for row in IMAGE_ERRORS], ids=[row[0] for row in IMAGE_ERRORS]
)
def test_what_no_image_function_is(aws: Lambda, members: dict[str, Any], text: str) -> None:
    assert aws.failure("create_function", FunctionName="f", **members) == invalid(text)


def test_a_package_type_stays(aws: Lambda) -> None:
    aws.function("zip")
    aws("create_function", FunctionName="image", **IMAGE)
    aws.settled("image")
    assert aws.failure("update_function_code", FunctionName="zip", ImageUri=f"{REPOSITORY}:v1") == invalid(
        "Please don't provide ImageUri when updating a function with packageType Zip."
    )
    assert aws.failure("update_function_code", FunctionName="image", ZipFile=zipped()) == invalid(
        "Please provide ImageUri when updating a function with packageType Image."
    )
    layer = aws("publish_layer_version", LayerName="l", Content={"ZipFile": zipped()})["LayerVersionArn"]
    assert aws.failure("update_function_configuration", FunctionName="image", Layers=[layer]) == invalid(
        WITH_RUNTIME
    )
