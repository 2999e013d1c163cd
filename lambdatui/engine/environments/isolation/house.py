"""The root file system of the strict tier: what all environments share, assembled once from an allow-list.

The launcher leaves the machine's mount namespace for one of its own (and, for an ordinary user, the user
namespace for one in which it may mount) and builds the house there. Every environment gets a copy of that
namespace and furnishes it with what is its own: see `warden`.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import socket
import stat
import time

from . import kernel, warden

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SYSTEM = ("usr", "bin", "sbin", "lib", "lib64", "lib32", "libx32", "nix", "gnu")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
ROOMS = ("dev", "etc", "proc", "sys", "tmp", "opt", "var/task", "var/runtime")
ETC_FOLDERS = (
    *("ssl", "ca-certificates", "pki", "crypto-policies"),
    *("alternatives", "ld.so.conf.d", "fonts", "java*"),
)
ETC_FILES = (
    *("resolv.conf", "hosts", "host.conf", "gai.conf", "nsswitch.conf", "protocols", "services"),
    *("ld.so.cache", "ld.so.conf", "localtime", "mime.types", "os-release"),
)
FRESH_S = 1.0  # a cold start does not look at a dozen files each time
SANDBOX_NAMES = "sandbox.localdomain sandbox"
USERS = "root:x:0:0:root:/root:/sbin/nologin\nsbx_user1051:x:{uid}:{gid}::/home/sbx_user1051:/sbin/nologin\n"
GROUPS = "root:x:0:\nsbx_user1051:x:{gid}:\n"


class House:
    """Builds the root, and starts environments in it."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.root: str = plan["root"]
        self.uid: int = plan["uid"]
        self.gid: int = plan["gid"]
        self.private_users: bool = plan["private_users"]
        self.ignored: tuple[int, ...] = ()
        """Signals that the launcher ignores, and a runtime must not."""
        self.bound: set[str] = set()
        self.copied: dict[str, tuple[int, int]] = {}
        self.disks: dict[str, int] = {}  # those that are mounted, and their sizes
        self.refreshed = -FRESH_S
        self._enter()
        self._build()
        self.add(plan["binds"])

    def _enter(self) -> None:
        own = os.getuid(), os.getgid()
        kernel.unshare(kernel.NEWNS | (kernel.NEWUSER if self.private_users else 0))
        if self.private_users:
            kernel.map_user(*own, *own)
        kernel.mount(None, "/", None, kernel.SLAVE | kernel.REC)

    def _build(self) -> None:
        flags = kernel.NOSUID | kernel.NODEV
        kernel.mount("tmpfs", self.root, "tmpfs", flags, "mode=755,size=16m")
        kernel.mount(None, self.root, None, kernel.PRIVATE)
        for name in ROOMS:
            os.makedirs(f"{self.root}/{name}", 0o755)
        for name in SYSTEM:
            self._copy_entry(f"/{name}")
        for name in DEVICES:
            if os.path.exists(f"/dev/{name}"):
                kernel.bind(f"/dev/{name}", self._file(f"/dev/{name}"), kernel.NOSUID_ATTR)
        for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
            os.symlink(f"/proc/self/fd{target}", f"{self.root}/dev/{name}")
        self._fill_etc()

    def _fill_etc(self) -> None:
        for pattern in ETC_FOLDERS:
            for folder in glob.glob(f"/etc/{pattern}"):
                self._copy_entry(folder)
        for name, text in (("passwd", USERS), ("group", GROUPS)):
            with open(f"{self.root}/etc/{name}", "w") as out:
                out.write(text.format(uid=self.uid, gid=self.gid))
        self.refresh()

    def _copy_entry(self, path: str) -> None:
        """A link as it is, a folder by binding it."""
        if os.path.islink(path):
            os.symlink(os.readlink(path), self.root + path)
        elif os.path.isdir(path):
            self.add([(path, path)])

    def _file(self, place: str) -> str:
        """An empty file to bind another to."""
        target = self.root + place
        os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
        return target

    # -- what changes ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take over files of /etc that have changed: name servers do when a laptop moves."""
        if time.monotonic() - self.refreshed < FRESH_S:
            return
        self.refreshed = time.monotonic()
        for name in ETC_FILES:
            path = f"/etc/{name}"
            try:
                now = os.stat(path)
            except OSError:
                continue
            state = (now.st_mtime_ns, now.st_size)
            if stat.S_ISREG(now.st_mode) and self.copied.get(name) != state:
                shutil.copyfile(path, self.root + path)
                if name == "hosts":
                    with open(self.root + path, "a") as hosts:
                        hosts.write(f"\n127.0.0.1 {SANDBOX_NAMES}\n")
                self.copied[name] = state

    def add(self, binds: list[tuple[str, str]]) -> None:
        """Show more of the machine, read-only, in environments that start from now on."""
        for source, place in binds:
            if place in self.bound:
                continue
            if os.path.isdir(source):
                os.makedirs(self.root + place, 0o755, exist_ok=True)
            else:
                self._file(place)
            kernel.bind(source, self.root + place)
            self.bound.add(place)

    def disk(self, name: str, size: int) -> str:
        """A /tmp of a fixed size: kept here, so that it outlives the processes that use it."""
        place = f"{self.root}.disks/{name}"
        options = f"size={size},mode=700"
        if not self.private_users:
            options += f",uid={self.uid},gid={self.gid}"
        flags = kernel.NOSUID | kernel.NODEV
        if name not in self.disks:
            os.makedirs(place, 0o700, exist_ok=True)
            kernel.mount("tmpfs", place, "tmpfs", flags, options)
            kernel.mount(None, place, None, kernel.PRIVATE)
        elif self.disks[name] != size:
            kernel.mount(None, place, None, flags | kernel.REMOUNT, f"size={size}")
        self.disks[name] = size
        return place

    def drop_disk(self, name: str) -> None:
        """The environment is over: so is its /tmp."""
        if name in self.disks:
            del self.disks[name]
            place = f"{self.root}.disks/{name}"
            kernel.unmount(place)
            os.rmdir(place)

    # -- environments ----------------------------------------------------------------------------

    def open(self, message: dict[str, Any], fds: list[int]) -> tuple[int, socket.socket]:
        """Start an environment: the pid of its warden, and the line to it."""
        room = message["room"]
        self.refresh()
        self.add(room["binds"])
        room["disk"] = self.disk(room["name"], room["tmp_size"])
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            namespaces = kernel.NEWPID | kernel.NEWNS | kernel.NEWIPC | kernel.NEWUTS
            if room["no_network"]:
                namespaces |= kernel.NEWNET
            pid = kernel.clone(namespaces)
            if pid == 0:
                try:
                    warden.Warden(self, message, theirs.fileno()).run(fds)
                finally:
                    os._exit(127)
        return pid, ours

    def furnish(self, message: dict[str, Any], line: socket.socket) -> None:
        """Bring a function into a room whose interpreter waits for one."""
        room = message["room"]
        room["disk"] = self.disk(room["name"], room["tmp_size"])
        line.send(json.dumps(message).encode())
