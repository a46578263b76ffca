"""An HTTP proxy in front of one server that breaks connections when it is told to, and counts."""

import gzip
import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """A client's request; the body is as it was before compression."""

    method: str
    path: str
    body: bytes


@dataclass(frozen=True)
class Fault:
    """A fault of one request: its connection breaks without an answer, or with this one.

    `is_carried_out` tells whether the server hears of the request all the same.
    """

    is_meant: Callable[[Request], bool]
    is_carried_out: bool
    answer: bytes = b""


class LossyProxy:
    """Hands requests on, and answers back, but for those that a fault is about.

    Args:
        target: URL of the server behind it.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target).netloc
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self.met = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_any(self) -> None:
                proxy.handle(self)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_any  # noqa: N815 -- its names

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        """The port that the proxy listens on."""
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def expect(self, *faults: Fault) -> None:
        """Do this to the next requests that are meant, each fault once and in this order."""
        self._faults, self.met = list(faults), 0

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        sent = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        is_zipped = handler.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(sent) if is_zipped and sent else sent
        fault = self._next_fault(Request(handler.command, handler.path, body))
        handler.close_connection = True
        if fault is None:
            _hand_back(handler, *self._ask(handler, sent))
            return
        if fault.is_carried_out:
            self._ask(handler, sent)
        if fault.answer:
            _answer(handler, fault.answer)

    def _next_fault(self, request: Request) -> Fault | None:
        with self._lock:
            if not self._faults or not self._faults[0].is_meant(request):
                return None
            self.met += 1
            return self._faults.pop(0)

    def _ask(
        self, handler: BaseHTTPRequestHandler, sent: bytes
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(self._target, timeout=60)
        try:
            headers = {name: value for name, value in handler.headers.items() if name != "Expect"}
            connection.request(handler.command, handler.path, sent, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


def _answer(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_response_only(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def _hand_back(
    handler: BaseHTTPRequestHandler, answer: http.client.HTTPResponse, content: bytes
) -> None:
    handler.send_response_only(answer.status, answer.reason)
    for name, value in answer.getheaders():
        if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
            handler.send_header(name, value)
    length = answer.getheader("content-length") if handler.command == "HEAD" else len(content)
    handler.send_header("content-length", str(length or 0))
    handler.send_header("connection", "close")
    handler.end_headers()
    handler.wfile.write(content)
