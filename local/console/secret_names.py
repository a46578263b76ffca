"""The names of variables, fields, headers and options that mark their value as a secret."""

import re

_WORD = re.compile(
    "PASSWORDS?|PASSWD|PASSPHRASE|PASSCODE|PWD|SECRETS?|TOKENS?|JWT|CREDENTIALS?|AUTH|AUTHORIZATION"
    "|WEBHOOKS?|COOKIE|SIG|SIGNATURE|APIKEY"
)
_SECRET_KEY = re.compile(
    "API|PRIVATE|ACCESS|SECRET|SHARED|ENCRYPTION|SIGNING|ACCOUNT|STORAGE|MASTER|SSH|SESSION"
)
# Keys of rows and objects; written in capitals, every other KEY is taken for a secret.
_PLAIN_KEY = re.compile(
    "OBJECT|LANDING|PAGE|PRIMARY|FOREIGN|PUBLIC|SORT|PARTITION|CACHE|IDEMPOTENCY|S3|TASK"
)
# Where a secret lies, or how it is dealt with, is none: SNOWFLAKE_PRIVATE_KEY_FILE, TOKEN_TTL.
_ABOUT = re.compile(
    "FILE|PATH|DIR|ARN|NAME|ID|COUNT|LENGTH|TTL|SECONDS|TYPE|METHOD|ENABLED|EXPIRY|MODE|FORMAT"
    "|VERSION"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[^A-Za-z0-9]+")


def is_secret_name(name: str) -> bool:
    words = [word for word in _BETWEEN.split(_HUMP.sub("_", name).upper()) if word]
    if not words or words == ["PWD"]:  # the folder that a shell is in
        return False
    if words[-3:] == ["ACCESS", "KEY", "ID"]:
        return True
    if _ABOUT.fullmatch(words[-1]):
        return False
    return any(map(_WORD.fullmatch, words)) or _is_secret_key(words, is_loud=name.isupper())


def _is_secret_key(words: list[str], *, is_loud: bool) -> bool:
    if len(words) < 2 or "KEY" not in words:
        return False
    of = words[words.index("KEY") - 1]
    if is_loud and words[-1] == "KEY":
        return not _PLAIN_KEY.fullmatch(of)
    return _SECRET_KEY.fullmatch(of) is not None
