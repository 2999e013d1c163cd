"""What an import would take for nothing, spared."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_one_at_a_time = Lock()


@contextmanager
def certificates_unread() -> Iterator[None]:
    """While aiohttp is imported: it reads all certificates of this machine, twice, 40 ms and 2 MB, for
    connections that bring none. Ours bring theirs; one that forgot to would be refused."""
    with _one_at_a_time:
        reads = ssl.SSLContext.set_default_verify_paths
        ssl.SSLContext.set_default_verify_paths = lambda self: None  # type: ignore[method-assign]
        try:
            yield
        finally:
            ssl.SSLContext.set_default_verify_paths = reads  # type: ignore[method-assign]
