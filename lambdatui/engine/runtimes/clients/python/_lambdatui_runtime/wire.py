"""One raw connection to the Runtime API: an answer and the request for the next event leave together."""

from __future__ import annotations

import _socket

PREFIX = b"/2018-06-01/runtime/"

TYPE_CHECKING = False
if TYPE_CHECKING:
    Event = tuple[dict[bytes, bytes], bytes | bytearray]


class Gone(Exception):  # noqa: N818
    """The engine closed the connection."""


class Api:
    """Speaks HTTP/1.1 without a library: importing one would cost more than the whole start."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.place = (host, int(port))
        self.host = address.encode()
        self.buffer = b""
        self.get_next = b"GET %binvocation/next HTTP/1.1\r\nHost: %b\r\n\r\n" % (PREFIX, self.host)
        self.socket = self.connected()

    def connected(self) -> _socket.socket:
        self.buffer = b""
        made = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        made.connect(self.place)
        made.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        return made

    def first(self) -> Event:
        """Ask for the first event."""
        self.socket.sendall(self.get_next)
        return self.read()

    def next(self, path: bytes, body: bytes, headers: bytes = b"") -> Event:
        """Post an answer, and wait for the next event."""
        try:
            self.socket.sendall(self.post(path, body, headers) + self.get_next)
            self.read()
            return self.read()
        except (OSError, Gone):
            # The engine refused the answer, since it was too large, and closed: begin again.
            self.socket.close()
            self.socket = self.connected()
            return self.first()

    def tell(self, path: bytes, body: bytes, headers: bytes = b"") -> None:
        """Post something and wait until it has arrived."""
        self.socket.sendall(self.post(path, body, headers))
        self.read()

    def post(self, path: bytes, body: bytes, headers: bytes) -> bytes:
        head = b"POST %b%b HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\n" % (
            PREFIX,
            path,
            self.host,
        )
        return b"%b%bContent-Length: %d\r\n\r\n%b" % (head, headers, len(body), body)

    def read(self) -> Event:
        """Headers and body of one answer."""
        buffer = self.buffer
        while True:
            end = buffer.find(b"\r\n\r\n")
            if end >= 0:
                break
            data = self.socket.recv(65536)
            if not data:
                raise Gone
            buffer += data
        headers = {}
        for line in buffer[:end].split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        start = end + 4
        size = int(headers.get(b"content-length", b"0"))
        if len(buffer) - start >= size:
            self.buffer = buffer[start + size :]
            return headers, buffer[start : start + size]
        body = bytearray(size)
        have = len(buffer) - start
        body[:have] = buffer[start:]
        view = memoryview(body)
        while have < size:
            count = self.socket.recv_into(view[have:])
            if not count:
                raise Gone
            have += count
        self.buffer = b""
        return headers, body
