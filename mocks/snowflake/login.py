"""The login check: a password, or a token signed with the private key of a known public key.

Key-pair tokens as the connector makes them (`snowflake.connector.auth.keypair`): RS256, subject
``ACCOUNT.USER``, issuer ``ACCOUNT.USER.SHA256:<base64 of the public key's digest>``.
https://docs.snowflake.com/en/user-guide/key-pair-auth
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from mocks.snowflake.errors import StatementFailed
from mocks.snowflake.settings import Misconfigured, Settings

WRONG_PASSWORD = (390100, "08001", "Incorrect username or password was specified.")
WRONG_TOKEN = (390144, "08001", "JWT token is invalid.")


@dataclass(frozen=True)
class Credentials:
    """The one user of the local Snowflake, and what proves to be that user."""

    user: str
    password: str
    public_key: str

    @classmethod
    def of(cls, settings: Settings) -> "Credentials":
        """The credentials in the settings.

        Raises:
            Misconfigured: The public key is no PEM public key.
        """
        credentials = cls(settings.user.upper(), settings.password, settings.public_key)
        if settings.public_key:
            try:
                _ = credentials.fingerprint
            except (ValueError, UnsupportedAlgorithm) as error:
                raise Misconfigured(f"LOCAL_SNOWFLAKE_PUBLIC_KEY_FILE: {error}") from error
        return credentials

    @cached_property
    def fingerprint(self) -> str:
        """The public key as issuers name it, ``SHA256:…``."""
        key = load_pem_public_key(self.public_key.encode())
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()

    def check(self, login: Mapping[str, object]) -> None:
        """Return for the right user only.

        Raises:
            StatementFailed: 390144 for a wrong token, 390100 for anything else.
        """
        if login.get("AUTHENTICATOR") == "SNOWFLAKE_JWT":
            if not self._is_right_token(str(login.get("TOKEN", ""))):
                raise StatementFailed(*WRONG_TOKEN)
        elif not self._is_right_password(login):
            raise StatementFailed(*WRONG_PASSWORD)

    def _is_right_password(self, login: Mapping[str, object]) -> bool:
        same_user = _equal(str(login.get("LOGIN_NAME", "")).upper(), self.user)
        same_password = _equal(str(login.get("PASSWORD", "")), self.password)
        return bool(self.password) and same_user and same_password

    def _is_right_token(self, token: str) -> bool:
        if not self.public_key:
            return False
        try:
            claims = jwt.decode(
                token,
                self.public_key,
                algorithms=["RS256"],
                options={"require": ["iss", "sub", "exp"]},
            )
        except jwt.InvalidTokenError:
            return False
        subject = str(claims["sub"])
        return _equal(subject.rpartition(".")[2], self.user) and _equal(
            str(claims["iss"]), f"{subject}.{self.fingerprint}"
        )


def _equal(given: str, expected: str) -> bool:
    """Equality that takes as long for a near miss as for a far one."""
    return hmac.compare_digest(given.encode(), expected.encode())
