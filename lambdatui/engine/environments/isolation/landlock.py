"""The `landlock` tier: rules of the kernel for one process and its children, where namespaces are refused.

Places stay where they are. What is listed can be read, one folder can be written, all else is closed.
"""

from __future__ import annotations

import glob
import os

from . import kernel
from .house import ETC_FILES, ETC_FOLDERS

READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read files, list folders
WRITE_FILE, TRUNCATE, DEVICE = 1 << 1, 1 << 14, 1 << 15
FOLDER_RIGHTS_ABI = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights a version knows; 16 from the fifth on
FILE_RIGHTS = 1 << 0 | WRITE_FILE | 1 << 2 | TRUNCATE | DEVICE

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/nix", "/gnu", "/proc", "/sys")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")


def restrict(readable: list[str], writable: list[str]) -> None:
    """From here on only the system and what is listed; for good."""
    every = (1 << FOLDER_RIGHTS_ABI.get(kernel.landlock_abi(), 16)) - 1
    rules = kernel.landlock_ruleset(every)
    try:
        for path in (*SYSTEM, *etc(), *readable):
            _allow(rules, path, READ & every)
        for path in (*DEVICES, *writable):
            _allow(rules, path, every)
        kernel.landlock_restrict(rules)
    finally:
        os.close(rules)


def etc() -> list[str]:
    """What is open of /etc: no passwords, no keys."""
    patterns = (*ETC_FOLDERS, *ETC_FILES, "passwd", "group")
    return [path for pattern in patterns for path in glob.glob(f"/etc/{pattern}")]


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        kernel.landlock_allow(rules, place, rights if os.path.isdir(path) else rights & FILE_RIGHTS)
    finally:
        os.close(place)
