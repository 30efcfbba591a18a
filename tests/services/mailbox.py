"""A mail server on a socket of this machine, that takes what it is given, or refuses it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Mailbox(socketserver.ThreadingTCPServer):
    """What has arrived, in order; who is refused, and how."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.arrived: list[EmailMessage] = []
        self.refuse: dict[str, int] = {}

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode("ascii").strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self._data()
            elif word == "QUIT":
                self._say("221 bye")
                return
            elif word == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                self._say(f"{self.server.refuse.get(address, 250)} said")
            else:
                self._say("250 fine")

    def _data(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.arrived.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode("ascii") + b"\r\n")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A server that runs meanwhile."""
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
