"""Faults of S3 that no emulator makes, injected through botocore's events.

Each counts how often it was met, so that a test can prove that its fault happened.
"""

from io import BytesIO
from typing import Any

import boto3
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from urllib3 import HTTPResponse


class LostAnswer:
    """Once armed: one call is carried out, and its connection breaks before the answer.

    Clients made from the session afterwards have it.
    """

    def __init__(self, session: boto3.Session, operation: str) -> None:
        self._is_armed = False
        self.met = 0
        session.events.register(f"after-call.s3.{operation}", self._lose)

    def arm(self) -> None:
        self._is_armed = True

    def _lose(self, **_: Any) -> None:
        if self._is_armed:
            self._is_armed = False
            self.met += 1
            raise ConnectionClosedError(endpoint_url="https://s3")


class Answer:
    """Every call of an operation gets this answer, and never reaches S3.

    Clients made from the session afterwards have it.
    """

    def __init__(
        self, session: boto3.Session, operation: str, status: int, body: bytes, **headers: str
    ) -> None:
        self._status = status
        self._body = body
        self._headers = headers
        self.met = 0
        self._events, self._event = session.events, f"before-send.s3.{operation}"
        self._events.register(self._event, self._answer)

    def withdraw(self) -> None:
        """Clients made from now on reach S3 again."""
        self._events.unregister(self._event, self._answer)

    def _answer(self, request: AWSRequest, **_: Any) -> AWSResponse:
        self.met += 1
        raw = HTTPResponse(BytesIO(self._body), status=self._status, preload_content=False)
        return AWSResponse(request.url, self._status, self._headers, raw)


def error_body(code: str) -> bytes:
    """S3's body of an error."""
    return f"<Error><Code>{code}</Code><Message>injected</Message></Error>".encode()
