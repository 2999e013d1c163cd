"""S3 behind the engine's own endpoint: large objects, streams, presigned URLs, hosts."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.signing import plain, send, signed


def test_large_objects_pass_in_pieces(engine: EngineProcess, bucket: str) -> None:
    s3 = engine.client("s3", read_timeout=120)
    large = os.urandom(1 << 20) * 160
    Path(f"/proc/{engine.process.pid}/clear_refs").write_text("5")  # forget the peak of other tests
    s3.put_object(Bucket=bucket, Key="large", Body=large)
    assert s3.head_object(Bucket=bucket, Key="large")["ContentLength"] == len(large)
    digest = hashlib.sha256()
    for piece in s3.get_object(Bucket=bucket, Key="large")["Body"].iter_chunks(1 << 20):
        digest.update(piece)
    assert digest.digest() == hashlib.sha256(large).digest()
    peak = int(Path(f"/proc/{engine.process.pid}/status").read_text().partition("VmHWM:")[2].split()[0])
    assert peak < 160 * 1024, "the engine held the object"


def test_keys_metadata_and_ranges(engine: EngineProcess, bucket: str) -> None:
    s3 = engine.client("s3")
    key = "a folder/ä+b%2F?&=//x"
    s3.put_object(Bucket=bucket, Key=key, Body=b"0123456789", Metadata={"With_Score": "1"}, ContentType="x/y")
    found = s3.get_object(Bucket=bucket, Key=key, Range="bytes=2-4")
    assert (found["Body"].read(), found["ContentType"]) == (b"234", "x/y")
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=key)


def test_a_body_that_was_not_signed_is_not_stored(engine: EngineProcess, bucket: str) -> None:
    body = b"as it was signed"
    stated = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
    request = signed(engine, "PUT", f"/{bucket}/forged", body, service="s3", headers=stated)
    answer = send(engine, request, body=b"AS IT WAS SIGNED")
    assert answer.status == 400
    assert b"XAmzContentSHA256Mismatch" in answer.body
    with pytest.raises(ClientError, match="404"):
        engine.client("s3").head_object(Bucket=bucket, Key="forged")
    assert send(engine, request).status == 200


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls(engine: EngineProcess, bucket: str, version: str) -> None:
    s3 = engine.client("s3", signature_version=version)
    where = {"Bucket": bucket, "Key": "pre signed"}
    put = s3.generate_presigned_url("put_object", Params=where, ExpiresIn=60)
    assert ("X-Amz-Signature" in put) == (version == "s3v4")
    request = urllib.request.Request(put, b"by link", {"Content-Type": ""}, method="PUT")
    assert urllib.request.urlopen(request, timeout=30).status == 200
    get = s3.generate_presigned_url("get_object", Params={**where, "ResponseContentType": "text/x"})
    with urllib.request.urlopen(get, timeout=30) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (b"by link", "text/x")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(get.replace("pre%20signed", "other"), timeout=30)
    assert caught.value.code == 403
    assert b"SignatureDoesNotMatch" in caught.value.read()


def test_a_presigned_url_ends(engine: EngineProcess, bucket: str) -> None:
    s3 = engine.client("s3", signature_version="s3")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=-5)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url, timeout=30)
    assert caught.value.code == 403


def test_a_bucket_in_the_host_name(engine: EngineProcess, bucket: str) -> None:
    engine.client("s3").put_object(Bucket=bucket, Key="k", Body=b"here")
    host = f"{bucket}.localhost:{engine.port}"
    stated = {"x-amz-content-sha256": hashlib.sha256(b"").hexdigest(), "Host": host}
    request = signed(engine, "GET", "/k", service="s3", headers=stated)
    assert send(engine, request).body == b"here"
    strange = signed(engine, "GET", "/k", service="s3", headers={**stated, "Host": f"{bucket}.example.com"})
    assert send(engine, strange).status == 421
    other = signed(engine, "GET", "/", service="sqs", headers={"Host": host})
    assert send(engine, other).status == 421


def test_unsigned_requests_stay_outside(engine: EngineProcess, bucket: str) -> None:
    assert plain(engine, "GET", f"/{bucket}/k").status == 403


def test_bodies_of_unknown_length_and_bodies_signed_in_pieces(engine: EngineProcess, bucket: str) -> None:
    unsigned = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    request = signed(engine, "PUT", f"/{bucket}/chunked", service="s3", headers=unsigned)
    connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=30)
    pieces = (piece for piece in (b"one ", b"two ", b"three"))
    connection.request("PUT", f"/{bucket}/chunked", pieces, dict(request.headers), encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    trailing = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "5",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "content-encoding": "aws-chunked",
    }
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    request = signed(engine, "PUT", f"/{bucket}/pieces", body, service="s3", headers=trailing)
    assert send(engine, request).status == 200
    s3 = engine.client("s3")
    assert s3.get_object(Bucket=bucket, Key="chunked")["Body"].read() == b"one two three"
    assert s3.get_object(Bucket=bucket, Key="pieces")["Body"].read() == b"hello"
