"""The deployed package: look into it, take it home, put another in its place."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import ssl
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Invalid, NotFound, TooLarge, Unreachable, Unsupported, sentence
from lambdatui.service.packing import UNZIPPED_LIMIT
from lambdatui.service.settings import Settings
from lambdatui.service.uploading import Progress, counting

ZIP_LIMIT = 50 * 1024 * 1024
"""What UpdateFunctionCode takes in a request; bigger packages go through S3."""

READ_LIMIT = 8 * 1024 * 1024
SEARCHED = 1024 * 1024
"""Bytes of a file up to which it is looked into for a text."""


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file of a package."""

    path: str  # as it may be drawn
    size: int
    crc: int
    packed: int = 0
    entry: str = ""  # its name in the zip


class Package:
    """A deployed zip, kept in a file that nobody else sees and that goes with this object."""

    def __init__(self, held: IO[bytes], sha256: str, revision_id: str = "") -> None:
        self._held = held
        self.sha256 = sha256
        self.revision_id = revision_id  # of the function when the package was fetched
        try:
            self._zip = zipfile.ZipFile(held)
        except zipfile.BadZipFile:
            raise Invalid("The package is not a zip that can be read.") from None
        self.size = held.seek(0, io.SEEK_END)
        self.files = tuple(
            CodeFile(clean_line(each.filename), each.file_size, each.CRC, each.compress_size, each.filename)
            for each in sorted(self._zip.infolist(), key=lambda each: each.filename)
            if not each.is_dir()
        )

    @property
    def unzipped(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def find(self, path: str) -> CodeFile | None:
        """The file of that path."""
        return next((file for file in self.files if file.path == path), None)

    def read(self, file: CodeFile, limit: int = READ_LIMIT) -> bytes:
        """What is in a file. The header's claim is not believed: never more than ``limit`` bytes."""
        try:
            with self._zip.open(file.entry) as opened:
                data = opened.read(limit + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise Invalid(f"{file.path} cannot be read: {clean_line(str(error))}") from None
        if len(data) > limit:
            raise TooLarge(f"{file.path} is bigger than what is shown here; download the package instead.")
        return data

    def holding(self, text: str) -> frozenset[str]:
        """The paths of the files in which a text is found, whatever its case; big ones are left out."""
        needle = text.lower().encode()
        return frozenset(
            file.path
            for file in self.files
            if len(needle) <= file.size <= SEARCHED and needle in self._bytes(file).lower()
        )

    def _bytes(self, file: CodeFile) -> bytes:
        try:
            return self.read(file, SEARCHED)
        except (Invalid, TooLarge):
            return b""

    def whole(self) -> bytes:
        """The zip itself."""
        self._held.seek(0)
        return self._held.read()

    def save(self, path: Path) -> None:
        """Write the zip to a file that is not there yet."""
        with path.open("xb") as target:
            target.write(self.whole())

    def replaced(self, file: CodeFile, data: bytes) -> bytes:
        """The zip with one file's contents changed; everything else stays as it is, modes too."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
            for entry in self._zip.infolist():
                content = data if entry.filename == file.entry else self._zip.read(entry)
                out.writestr(entry, content, entry.compress_type)
        return target.getvalue()

    def close(self) -> None:
        self._zip.close()
        self._held.close()


class Code:
    """GetFunction's Code.Location and UpdateFunctionCode."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings

    async def download(
        self, name: str, qualifier: str | None = None, *, progress: Progress = lambda done, whole: None
    ) -> Package:
        """The package of a version. Close it when done."""
        chosen = {"Qualifier": qualifier} if qualifier else {}
        raw = await self._connection.call("lambda", "get_function", FunctionName=name, **chosen)
        location = (raw.get("Code") or {}).get("Location")
        if raw["Configuration"].get("PackageType") == "Image":
            raise Unsupported(f"{name} is a container image: there is no zip to look into.")
        if not location:
            where = sentence(self._connection.where)
            raise NotFound(f"{where} does not say where the code of {name} is.")
        held = tempfile.TemporaryFile(prefix="lambdatui-")  # noqa: SIM115 - the package owns it
        try:
            await self._fetch(location, held, progress)
            sha256 = await asyncio.to_thread(_sha256, held)
            revision = clean_line(raw["Configuration"].get("RevisionId", ""))
            return await asyncio.to_thread(Package, held, sha256, revision)
        except BaseException:
            held.close()
            raise

    async def _fetch(self, location: str, held: IO[bytes], progress: Progress) -> None:
        import aiohttp  # after aiobotocore, which has it loaded

        local = self._connection.access().keys is not None
        timeout = aiohttp.ClientTimeout(total=None, connect=10, sock_read=30)
        trusted = False if local else await asyncio.to_thread(ssl.create_default_context)
        connector = aiohttp.TCPConnector(ssl=trusted)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=not local) as session,
                session.get(location) as answer,
            ):
                if answer.status != 200:
                    raise Unreachable(f"The code could not be fetched: HTTP {answer.status}. Try again.")
                whole, done = answer.content_length or 0, 0
                async for piece in answer.content.iter_chunked(256 * 1024):
                    held.write(piece)
                    done += len(piece)
                    if done > UNZIPPED_LIMIT:
                        raise TooLarge("The package is bigger than Lambda allows.")
                    progress(done, whole)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable(f"The code could not be fetched: {clean_line(str(error))}") from None

    async def deploy(
        self,
        name: str,
        package: bytes,
        *,
        revision_id: str | None = None,
        progress: Progress = lambda done, whole: None,
    ) -> str:
        """Put another zip in place of ``$LATEST``'s and wait until it is used; its SHA-256."""
        if len(package) > ZIP_LIMIT:
            raise TooLarge("The zip is over 50 MB: Lambda takes such packages only from S3.")
        guard = {"RevisionId": revision_id} if revision_id else {}
        with counting(progress):
            raw = await self._connection.call(
                "lambda", "update_function_code", FunctionName=name, ZipFile=package, **guard
            )
        settled = await self._settings.settled(name, raw)
        return clean_line(settled.get("CodeSha256", ""))


def _sha256(held: IO[bytes]) -> str:
    held.seek(0)
    return base64.b64encode(hashlib.file_digest(held, "sha256").digest()).decode()  # type: ignore[arg-type]
