"""Text without its secrets, for what a person hands on: a bug report, a log, a snapshot's list.

Hides too much rather than too little. It is no proof: who hands something on reads it first.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote, unquote, urlsplit

MASK = "***"
LEAST_LENGTH = 6  # shorter ones are words such as `local`

_NAME = (
    r"(?<![\w.-])-{0,2}(?P<name>[\w.-]{0,80}"
    r"(?i:pass|pwd|secret|token|jwt|credential|auth|webhook|cookie|sig|key)[\w.-]{0,80})"
)
_VALUE = (
    r"(?P<value>"
    r"\$\{[^{}\n]*\}"  # a reference, which is none
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.|'')*'"  # SQL doubles its quotes
    r"|(?P<escaped>\\+[\"']).*?(?P=escaped)"  # JSON in JSON
    r"|[\[(][^\[\](){}\n]*[\])]"
    r"|(?:(?i:bearer|basic|digest|token|apikey|snowflake)[ ]+)?"
    r"(?:[^\s,;&\"'<>\[({)\]}]|(?<=[^\s:=>])[\[({]|[)\]}](?=[^\s,;)\]}\"']))+"
    r"|[\"'][^\n]+"  # never closed
    r")"
)
# A line of an env file or of YAML: the value goes to its end. Compose says first who wrote it.
_LINE = re.compile(
    rf"^[ \t]*(?:[\w.-]+[ \t]+\|[ \t]+)?(?:export[ \t]+|-[ \t]+)?"
    rf"{_NAME}(?P<between>[ \t]*=[ \t]*|:[ \t]+(?![{{\[|>&*]))(?P<value>[^\s\"'][^\n]*)$",
    re.MULTILINE,
)
# One string that holds name and value, as in a list of a container's environment.
_QUOTED = re.compile(
    rf"(?P<quote>[\"']){_NAME}(?P<between>=)"
    r"(?P<value>(?:(?!(?P=quote))[^\\\n]|\\.)+)(?=(?P=quote))"
)
_ASSIGNED = re.compile(rf"{_NAME}(?P<between>\\*[\"']?[ \t]*(?:=>|:=|==?|:)[ \t]*){_VALUE}")
_OPTION = re.compile(rf"(?<!\S)(?=--){_NAME}(?P<between>[ \t]+)(?!-){_VALUE}")
# As containers and blocks list their environment: the name is a value, too.
_LISTED = re.compile(
    r"(?i:\bname|\bkey)\\*[\"']?\s*[:=]\s*\\*[\"']?" + _NAME + r"\\*[\"']?\s*,?\s*"
    rf"(?P<between>\\*[\"']?(?i:\bvalue)\\*[\"']?[ \t]*[:=][ \t]*){_VALUE}"
)
_PLAIN = re.compile(
    r"""[\\"']*(?:|true|false|none|null|yes|no|local|\*+|[\[(]\s*[\])]|\$\{[^{}]*\}|\d{1,3})[\\"',]*""",
    re.IGNORECASE,
)
_OPENING = re.compile(r"""\\*["']|[\[(]""")
_PROSE = re.compile(r"[a-z]{1,5}")  # "wrong password: make up …"

_USERINFO = re.compile(
    r"\b([A-Za-z][A-Za-z0-9+.-]{0,30}://)"
    r"(?:[^\s/\"'<>:@]{0,500}:(?!\d+(?:[/\s,;\"']|$))[^\s\"'<>]{0,500}|[^\s/\"'<>]{1,500})@"
)
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
    # One whose beginning was cut off, as of a log's last lines.
    r"|(?:^[^\n]*?(?<![\w+/=])[A-Za-z0-9+/=]{16,}+[ \t\r]*\n){1,99}+"
    r"[^\n]*-----END [A-Z0-9 ]*PRIVATE KEY-----",
    re.DOTALL | re.MULTILINE,
)
_KEY_ID = r"\bA(?:KI|SI|RO|ID)A[A-Z0-9]{16}"
_SHAPES = {
    _PEM: MASK,
    _USERINFO: rf"\g<1>{MASK}@",
    re.compile(r"(?<=/services/)T\w+/B\w+/[^\s\"'<>]+"): MASK,
    re.compile(r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[^\s\"'<>]+"): rf"\1{MASK}",
    # Beside a key's id, also in the table that AWS hands out, stands its secret.
    re.compile(rf"({_KEY_ID}\W{{1,5}})[A-Za-z0-9/+]{{40}}(?![\w/+])"): rf"\1{MASK}",
    re.compile(rf"{_KEY_ID}\b"): MASK,
    # "Basic authentication" is none: a token has a digit, or capitals in its midst.
    re.compile(r"\b((?i:bearer|basic) +)(?=\S*?(?:\d|[a-z][A-Z]|=))[\w+/.~=-]{6,}"): rf"\1{MASK}",
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"): MASK,
    # Tokens that begin with who made them: Slack, GitHub, GitLab, Prefect, Pulumi.
    re.compile(
        r"\bxox[a-z]-[\w-]{6,}|\b(?:gh[a-z]_|github_pat_|glpat-|pn[a-z]_|pul-)[\w-]{16,}"
    ): MASK,
}

# The names of variables, fields, headers and options that mark their value as a secret.
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


def masked(text: str, secrets: Collection[str] = ()) -> str:
    """The text with `***` for each of `secrets`, and for what looks or is named like one.

    Values shorter than `LEAST_LENGTH` are not looked for: they are words of ordinary lines.
    """
    for secret in sorted(_spellings(secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    for shape, instead in _SHAPES.items():
        text = shape.sub(instead, text)
    for form in (_LINE, _QUOTED, _LISTED, _OPTION):
        text = form.sub(_without_value, text)
    return _ASSIGNED.sub(_without_word, text)


def secrets_in(environment: Mapping[str, str]) -> set[str]:
    """The secrets among the values: of variables named like one, and the passwords of URLs.

    Of `admin:password` the password is one, too; what is shorter than `LEAST_LENGTH` is none.
    """
    found = {
        secret
        for name, value in environment.items()
        for secret in (*_passwords_of(value), *(_parts(value) if is_secret_name(name) else ()))
    }
    return {secret for secret in found if len(secret) >= LEAST_LENGTH}


def _parts(value: str) -> Iterator[str]:
    yield value
    name, colon, password = value.partition(":")
    if colon and name.isidentifier() and not password.startswith("//"):
        yield password


def _passwords_of(value: str) -> Iterator[str]:
    try:
        password = urlsplit(value).password if "://" in value else None
    except ValueError:  # no URL after all
        return
    if password:
        yield password
        yield unquote(password)


def _spellings(secrets: Collection[str]) -> set[str]:
    """The secrets as they are, as JSON and URLs spell them."""
    found = {one.strip() for one in secrets}
    found = {one for one in found if len(one) >= LEAST_LENGTH}
    escaped = {json.dumps(one)[1:-1] for one in found} | {quote(one, safe="") for one in found}
    return found | escaped


def _without_value(match: re.Match[str]) -> str:
    """The assignment without its value; as it was where its name doesn't say that it is secret."""
    value = match["value"]
    head = match[0].removesuffix(value)
    if not is_secret_name(match["name"]):
        return head + masked(value)
    return head + (value if _PLAIN.fullmatch(value) else _in_its_quotes(value))


def _without_word(match: re.Match[str]) -> str:
    """The same in the midst of a line, where a colon may be a sentence's."""
    is_prose = ":" in match["between"] and _PROSE.fullmatch(match["value"])
    return match[0] if is_prose else _without_value(match)


def _in_its_quotes(value: str) -> str:
    opening = _OPENING.match(value)
    around = opening[0] if opening else ""
    closing = {"[": "]", "(": ")"}.get(around, around)
    return f"{around}{MASK}{closing}" if value.endswith(closing) else MASK


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
