"""S3: buckets and objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdatui.model.neighbours import Inside, Item, Neighbour, NeighbourKind
from lambdatui.service.clean import clean_bytes, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Invalid, NotFound
from lambdatui.service.together import together

MOST = 200
READ = 16 * 1024
"""So much of an object is read to be shown."""
DELETED_AT_ONCE = 1000


class Buckets:
    """The S3 operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all(self) -> list[Neighbour]:
        """Every bucket, with its objects counted as far as one page goes."""
        raw = await self._connection.call("s3", "list_buckets")
        found = await together(self._counted(clean_line(one["Name"])) for one in raw.get("Buckets", ()))
        return [one for one in found if one is not None]

    async def _counted(self, name: str) -> Neighbour | None:
        try:
            page = await self._connection.call("s3", "list_objects_v2", Bucket=name)
        except NotFound:
            return None
        return Neighbour(
            NeighbourKind.BUCKET,
            name,
            f"arn:aws:s3:::{name}",
            count=int(page.get("KeyCount", 0)),
            more=bool(page.get("IsTruncated")),
            what="object",
            fields=("key",),
            sample='{\n  "order": 42\n}',
        )

    async def inside(self, one: Neighbour) -> Inside:
        """Its objects by key, the first ones; what they hold is read when one is opened."""
        page = await self._connection.call("s3", "list_objects_v2", Bucket=one.name, MaxKeys=MOST)
        return Inside(tuple(map(_item, page.get("Contents", ()))), bool(page.get("IsTruncated")))

    async def read(self, one: Neighbour, key: str) -> str:
        """The beginning of an object."""
        answer = await self._connection.call("s3", "get_object", Bucket=one.name, Key=key)
        body: bytes = answer["Body"]
        text = clean_bytes(body[:READ])
        return f"{text}\n… {len(body) - READ:,} bytes more" if len(body) > READ else text

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str:
        """Write an object."""
        key = values.get("key", "")
        if not key:
            raise Invalid("An object needs a key, such as orders/42.json.")
        await self._connection.pass_on("s3", "put_object", Bucket=one.name, Key=key, Body=text.encode())
        return f"{one.name} holds {key} now."

    async def create(self, name: str) -> None:
        """A bucket in the region of the target."""
        region = self._connection.access().region or "us-east-1"
        place: dict[str, Any] = (
            {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        )
        await self._connection.call("s3", "create_bucket", Bucket=name, **place)

    async def delete(self, one: Neighbour) -> None:
        """The bucket, emptied first."""
        while True:
            page = await self._connection.call("s3", "list_objects_v2", Bucket=one.name)
            keys = [{"Key": raw["Key"]} for raw in page.get("Contents", ())]
            if not keys:
                break
            await self._connection.pass_on(
                "s3", "delete_objects", Bucket=one.name, Delete={"Objects": keys[:DELETED_AT_ONCE]}
            )
        await self._connection.call("s3", "delete_bucket", Bucket=one.name)


def _item(raw: Mapping[str, Any]) -> Item:
    details = (("storage class", clean_line(str(raw.get("StorageClass", "")))),)
    return Item(str(raw["Key"]), "", raw.get("LastModified"), int(raw.get("Size", 0)), details)
