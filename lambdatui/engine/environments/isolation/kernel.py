"""The system calls that Python does not offer: namespaces, mounts, Landlock. Runs in the launcher."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

NOSUID, NODEV, NOEXEC, REMOUNT, REC = 2, 4, 8, 32, 16384
PRIVATE, SLAVE, SHARED = 1 << 18, 1 << 19, 1 << 20
DETACH = 2
READ_ONLY_ATTR, NOSUID_ATTR, NODEV_ATTR = 1, 2, 4

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38

# What differs between machines: clone, pivot_root. The newer calls have one number everywhere.
_NUMBERS = {"x86_64": (56, 155), "aarch64": (220, 41)}
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_CLONE3, _CLONE_INTO_CGROUP = 435, 0x200000000
_AT_FDCWD, _AT_RECURSIVE, _AT_EMPTY_PATH = -100, 0x8000, 0x1000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 1, 4
_SIGCHLD = 17
_SIOCSIFFLAGS, _UP_AND_RUNNING = 0x8914, 0x41

_libc = ctypes.CDLL(None, use_errno=True)
_held = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter's lock, as a fork must


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def supported() -> bool:
    """Whether we know this machine's numbers."""
    return os.uname().machine in _NUMBERS


def clone(flags: int) -> int:
    """Fork into new namespaces: the child is the first process of its pid namespace."""
    return _fork(_NUMBERS[os.uname().machine][0], ctypes.c_ulong(flags | _SIGCHLD), None, None, None, None)


def fork_into(group: str) -> int:
    """Fork into a control group of version 2. To move there later takes 10 ms: it waits for every CPU."""
    place = os.open(group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        asked = struct.pack("11Q", _CLONE_INTO_CGROUP, 0, 0, 0, _SIGCHLD, 0, 0, 0, 0, 0, place)
        return _fork(_CLONE3, asked, ctypes.c_size_t(len(asked)))
    finally:
        os.close(place)


def _fork(*call: object) -> int:
    """Make a system call that returns twice, with Python's own state in order on both sides."""
    python = ctypes.pythonapi
    python.PyOS_BeforeFork()
    pid = _held.syscall(*call)
    if pid == 0:
        python.PyOS_AfterFork_Child()
        return 0
    error = ctypes.get_errno()
    python.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, f"fork: {os.strerror(error)}")
    return int(pid)


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _check(_libc.unshare(flags), "new namespace")


def map_user(inside_uid: int, inside_gid: int, uid: int, gid: int) -> None:
    """Give the one user of this process a name in the user namespace it has just made."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside_uid} {uid} 1"),
        ("gid_map", f"{inside_gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as out:
            out.write(text)


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """mount(2)."""
    result = _libc.mount(
        os.fsencode(source) if source else None,
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() if options else None,
    )
    _check(result, f"mount {target}")


def bind(source: str, target: str, attributes: int = READ_ONLY_ATTR | NOSUID_ATTR) -> None:
    """Show what is at `source` at `target` too, with all that is mounted below it.

    It has its attributes before it appears: where mounts propagate, later changes of attributes do not.
    """
    flags = _OPEN_TREE_CLONE | _AT_RECURSIVE | os.O_CLOEXEC
    tree = _check(_libc.syscall(_OPEN_TREE, _AT_FDCWD, os.fsencode(source), flags), f"bind {source}")
    try:
        set_attributes("", attributes, tree, _AT_EMPTY_PATH | _AT_RECURSIVE)
        result = _libc.syscall(
            _MOVE_MOUNT, tree, b"", _AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH
        )
        _check(result, f"bind {target}")
    finally:
        os.close(tree)


def set_attributes(target: str, attributes: int, folder: int = -100, flags: int = 0) -> None:
    """Add attributes to a mount."""
    asked = struct.pack("QQQQ", attributes, 0, 0, 0)
    size = ctypes.c_size_t(len(asked))
    result = _libc.syscall(_MOUNT_SETATTR, folder, os.fsencode(target), ctypes.c_uint(flags), asked, size)
    _check(result, f"mount attributes of {target}")


def unmount(target: str) -> None:
    """Take a mount away, now or when nobody uses it any more."""
    _check(_libc.umount2(os.fsencode(target), DETACH), f"unmount {target}")


def pivot(root: str) -> None:
    """Make a mount the root, and drop the old one."""
    os.chdir(root)
    _check(_libc.syscall(_NUMBERS[os.uname().machine][1], b".", b"."), "pivot_root")
    unmount(".")
    os.chdir("/")


def prctl(option: int, value: int) -> None:
    """prctl(2) with one number."""
    _check(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), "prctl")


def loopback_up() -> None:
    """Let a new network namespace reach itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))


# -- Landlock ----------------------------------------------------------------------------------------


def landlock_abi() -> int:
    """The version of Landlock; 0 without it."""
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))))


def landlock_ruleset(handled: int) -> int:
    """A descriptor of a set of rules for the file system."""
    attributes = struct.pack("Q", handled)
    size = ctypes.c_size_t(len(attributes))
    return _check(_libc.syscall(_LANDLOCK_CREATE, attributes, size, ctypes.c_uint(0)), "Landlock")


def landlock_allow(ruleset: int, place: int, rights: int) -> None:
    """Allow something below an open place."""
    rule = struct.pack("=Qi", rights, place)
    _check(_libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, ctypes.c_uint(0)), "Landlock rule")


def landlock_restrict(ruleset: int) -> None:
    """From here on, for this process and its children, only what the rules allow."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    _check(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, ctypes.c_uint(0)), "Landlock")
