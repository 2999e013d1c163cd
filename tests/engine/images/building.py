"""Images for tests, built by hand: a static program that speaks the Runtime API, and files around it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import platform
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())

# What a program needs to speak to the Runtime API.
SPEAKING = r"""
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char got[1 << 16];

static int exchange(const char *request, size_t length) {
    char host[64];
    strncpy(host, getenv("AWS_LAMBDA_RUNTIME_API"), sizeof host - 1);
    char *colon = strchr(host, ':');
    *colon = 0;
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
    inet_aton(host, &place.sin_addr);
    int line = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(line, (struct sockaddr *)&place, sizeof place)) return -1;
    write(line, request, length);
    size_t have = 0;
    char *end = 0;
    long want = -1;
    while (have < sizeof got - 1) {
        ssize_t more = read(line, got + have, sizeof got - 1 - have);
        if (more <= 0) break;
        have += more;
        got[have] = 0;
        if (!end && (end = strstr(got, "\r\n\r\n"))) {
            char *size = strcasestr(got, "content-length:");
            want = (end - got) + 4 + (size ? atol(size + 15) : 0);
        }
        if (want >= 0 && (long)have >= want) break;
    }
    close(line);
    return 0;
}
"""

# Answers every event with what it sees: arguments, a variable, its folder, two files, what it may write.
# `busy` is answered by how often longer than its CPU time it took, `fill` by the MB that /tmp holds.
PROGRAM = (
    SPEAKING
    + r"""
static int writes(const char *path) {
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    if (file < 0) return 0;
    close(file);
    return 1;
}

static void first(const char *path, char *into, int size) {
    into[0] = 0;
    int file = open(path, O_RDONLY);
    if (file < 0) return;
    ssize_t length = read(file, into, size - 1);
    into[length > 0 ? length : 0] = 0;
    close(file);
}

static double now(clockid_t which) {
    struct timespec time;
    clock_gettime(which, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static double busy(void) {
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    while (now(CLOCK_PROCESS_CPUTIME_ID) - cpu < 0.08);
    return (now(CLOCK_MONOTONIC) - wall) / 0.08;
}

static double fill(void) {
    static char block[1 << 20];
    int file = open("/tmp/full", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    double blocks = 0;
    while (blocks < 2000 && write(file, block, sizeof block) == sizeof block) blocks++;
    close(file);
    unlink("/tmp/full");
    return blocks;
}

int main(int argc, char **argv) {
    char request[8192], body[4096], folder[256], one[64], two[64], three[64];
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
    puts("hello from the image");
    fflush(stdout);
    for (;;) {
        int length = snprintf(request, sizeof request,
            "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", api);
        if (exchange(request, length)) return 1;
        char *id = strcasestr(got, "lambda-runtime-aws-request-id:"), request_id[64];
        sscanf(id + 30, " %60[^\r]", request_id);
        char *event = strstr(got, "\r\n\r\n") + 4;
        if (strstr(event, "exit")) return 3;
        if (strstr(event, "hang")) sleep(60);
        while (strstr(event, "hoard")) memset(malloc(1 << 20), 1, 1 << 20);
        if (strstr(event, "fork") && fork() == 0) { setsid(); sleep(60); return 0; }
        first("/first", one, sizeof one);
        first("/second", two, sizeof two);
        first("/gone", three, sizeof three);
        length = snprintf(body, sizeof body,
            "{\"argc\": %d, \"last\": \"%s\", \"own\": \"%s\", \"execution\": \"%s\", \"cwd\": \"%s\","
            " \"files\": [\"%s\", \"%s\", \"%s\"], \"writes\": [%d, %d], \"pid\": %d, \"event\": %s}",
            argc, argv[argc - 1], getenv("OWN") ? getenv("OWN") : "", getenv("AWS_EXECUTION_ENV"),
            getcwd(folder, sizeof folder), one, two, three, writes("/tmp/x"), writes("/x"), getpid(), event);
        if (strstr(event, "busy")) length = sprintf(body, "%.2f", busy());
        if (strstr(event, "fill")) length = sprintf(body, "%.0f", fill());
        length = snprintf(request, sizeof request,
            "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\n"
            "Host: %s\r\nContent-Length: %d\r\n\r\n%s",
            request_id, api, length, body);
        if (exchange(request, length)) return 1;
    }
}
"""
)


def program() -> bytes:
    """The program, compiled; skips where there is no compiler."""
    return compiled(PROGRAM)


@cache
def compiled(source: str) -> bytes:
    """A static program; skips where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler to make an image (Debian: gcc, libc6-dev)")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "program")
        command = [compiler, "-static", "-O1", "-w", "-D_GNU_SOURCE", "-x", "c", "-", "-o", str(target)]
        done = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"no static program can be made here: {done.stderr.decode()[-200:]}")
        return target.read_bytes()


def layer(files: dict[str, bytes | str | None]) -> bytes:
    """A tar; text is a link's target, None a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755
            if content is None:
                entry.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
            else:
                entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content) if isinstance(content, bytes) else None)
    return out.getvalue()


@dataclass
class BuiltImage:
    """Blobs by their digests."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifest: str = ""

    def add(self, data: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return {"digest": digest, "size": len(data)}

    @classmethod
    def of(cls, *layers: bytes, **config: object) -> BuiltImage:
        made = cls()
        kept = [
            {
                "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                **made.add(gzip.compress(one, mtime=0)),
            }
            for one in layers
        ]
        settings = {"architecture": MACHINE, "os": "linux", "config": config}
        manifest = {
            "schemaVersion": 2,
            "config": made.add(json.dumps(settings).encode()),
            "layers": kept,
        }
        made.manifest = str(made.add(json.dumps(manifest).encode())["digest"])
        return made

    def lay_out(self, folder: Path, tag: str) -> Path:
        """An OCI layout; one that is there gets another tag."""
        (folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        for digest, data in self.blobs.items():
            (folder / "blobs" / digest.replace(":", "/")).write_bytes(data)
        index = {"schemaVersion": 2, "manifests": []}
        if (folder / "index.json").exists():
            index = json.loads((folder / "index.json").read_text())
        name = {"org.opencontainers.image.ref.name": tag}
        others = [one for one in index["manifests"] if one["annotations"] != name]  # type: ignore[attr-defined]
        index["manifests"] = [*others, {"digest": self.manifest, "annotations": name}]
        (folder / "index.json").write_text(json.dumps(index))
        return folder

    def archive(self, place: Path) -> Path:
        """The layout as a tar."""
        folder = self.lay_out(place.with_suffix(".folder"), "latest")
        with tarfile.open(place, "w") as out:
            for entry in sorted(folder.iterdir()):
                out.add(entry, entry.name)
        return place

    def saved(self, place: Path, name: str) -> Path:
        """As older versions of docker save write it."""
        manifest = json.loads(self.blobs[self.manifest])
        files = {"c.json": self.blobs[manifest["config"]["digest"]]}
        for number, one in enumerate(manifest["layers"]):
            files[f"{number}/layer.tar"] = gzip.decompress(self.blobs[one["digest"]])
        entry = {"Config": "c.json", "RepoTags": [name], "Layers": sorted(files.keys() - {"c.json"})}
        files["manifest.json"] = json.dumps([entry]).encode()
        place.write_bytes(layer(dict(files)))
        return place


def standard(word: str = "one", **config: object) -> BuiltImage:
    """Two layers: the second replaces a file, deletes another, and leads a link through a link."""
    base = {"bin": "usr/bin", "usr/bin": None, "usr/bin/app": program(), "first": b"under", "gone": b"still"}
    over = {
        "first": word.encode(),
        ".wh.gone": b"",
        "deep": None,
        "deep/file": b"linked",
        "second": "/deep/file",
    }
    settings = {
        "Entrypoint": ["/bin/app"],
        "Cmd": ["from-image"],
        "Env": ["OWN=image"],
        "WorkingDir": "/deep",
    }
    return BuiltImage.of(layer(base), layer(over), **{**settings, **config})
