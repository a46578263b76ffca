"""Signature Version 4 of S3, checked as S3 does: whoever signs must hold the secret key.

The rules are those of the S3 API reference, "Authenticating Requests: Using the Authorization
Header". Knows nothing of LocalStack, so that tests can hold it against botocore.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} +Credential=(?P<key>[^/,]+)/(?P<date>\d{{8}})/(?P<region>[^/,]+)"
    r"/(?P<service>[^/,]+)/aws4_request, *SignedHeaders=(?P<headers>[^,]+),"
    r" *Signature=(?P<signature>[0-9a-f]{64})"
)


class Refused(Exception):
    """A request that S3 doesn't take: the code and the message that S3 answers with."""

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Keys:
    """The one pair of keys that S3 takes."""

    access_key_id: str
    secret_access_key: str

    def check_id(self, access_key_id: str) -> None:
        """Refuse other access keys.

        Raises:
            Refused: It is not this one.
        """
        if access_key_id != self.access_key_id:
            raise Refused(
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            )


@dataclass(frozen=True)
class Signed:
    """A request as it was sent: path and query still encoded, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    def check(self, keys: Keys) -> None:
        """Refuse the request unless its Authorization header proves the secret key.

        Raises:
            Refused: The header is missing, or is not what the secret key gives.
        """
        header = self.headers.get("authorization", "")
        if not header:
            raise Refused("AccessDenied", "Access Denied")
        if not header.startswith(f"{ALGORITHM} "):
            raise Refused(
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported."
                f" Please use {ALGORITHM}.",
                400,
            )
        parts = _AUTHORIZATION.fullmatch(header.strip())
        if not parts or "host" not in parts["headers"].split(";"):
            raise Refused(
                "AuthorizationHeaderMalformed", "The authorization header is malformed.", 400
            )
        keys.check_id(parts["key"])
        if not hmac.compare_digest(self._signature(parts, keys), parts["signature"]):
            raise Refused(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided."
                " Check your key and signing method.",
            )

    def _signature(self, parts: re.Match[str], keys: Keys) -> str:
        scope = [parts["date"], parts["region"], parts["service"], "aws4_request"]
        canonical = hashlib.sha256(self._canonical(parts["headers"]).encode()).hexdigest()
        date = self.headers.get("x-amz-date", "")
        text = "\n".join([ALGORITHM, date, "/".join(scope), canonical])
        key = f"AWS4{keys.secret_access_key}".encode()
        for part in [*scope, text]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key.hex()

    def _canonical(self, names: str) -> str:
        headers = [f"{n}:{' '.join(self.headers.get(n, '').split())}\n" for n in names.split(";")]
        return "\n".join([
            self.method,
            quote(unquote(self.path), safe="/-_.~"),
            self._canonical_query(),
            "".join(headers),
            names,
            self.headers.get("x-amz-content-sha256", ""),
        ])  # fmt: skip

    def _canonical_query(self) -> str:
        pairs = [pair.partition("=") for pair in self.query.split("&") if pair]
        encoded = [(_encoded(name), _encoded(value)) for name, _, value in pairs]
        return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="-_.~")
