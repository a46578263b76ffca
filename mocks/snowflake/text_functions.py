"""Functions of text that DuckDB has not, or not in this form."""

import hashlib
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote_plus

from mocks.snowflake.errors import StatementFailed, unsupported
from mocks.snowflake.variant_values import compact

_SOUNDS = {letter: str(number) for number, letters in enumerate(
    ("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), 1) for letter in letters}  # fmt: skip
_CLASSES = {
    "[:alnum:]": "a-zA-Z0-9", "[:alpha:]": "a-zA-Z", "[:blank:]": " \\t",
    "[:cntrl:]": "\\x00-\\x1f",
    "[:digit:]": "0-9", "[:lower:]": "a-z", "[:punct:]": "!-/:-@\\[-`{-~", "[:space:]": "\\s",
    "[:upper:]": "A-Z", "[:xdigit:]": "0-9A-Fa-f", "[:word:]": "\\w",
}  # fmt: skip
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_URL = re.compile(
    r"((?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(//(?P<host>[^/?#]*?)(:(?P<port>\d+))?(?=[/?#]|$))?"
    r"(?P<path>[^?#]*)(\?(?P<query>[^#]*))?(#(?P<fragment>.*))?",
    re.DOTALL,
)


def soundex(text: str) -> str:
    """A letter and three digits; letters of one sound, also around H or W, count once.

    https://docs.snowflake.com/en/sql-reference/functions/soundex
    """
    return _coded(text, _SOUNDS.get)


def soundex_p123(text: str) -> str:
    """SOUNDEX in which the second letter counts also when it sounds as the first.

    https://docs.snowflake.com/en/sql-reference/functions/soundex_p123
    """
    return _coded(text, lambda _: None)


def _coded(text: str, sound_of_first: Callable[[str], str | None]) -> str:
    letters = [letter for letter in text.upper() if letter.isascii() and letter.isalpha()]
    if not letters:
        return ""
    code, last = letters[0], sound_of_first(letters[0]) or ""
    for letter in letters[1:]:
        sound = _SOUNDS.get(letter, "")
        if sound and sound != last:
            code += sound
        if letter not in "HW":
            last = sound
    return code[:4].ljust(4, "0")


def sha2(text: str, bits: int) -> str:
    """SHA2(text, 224 | 256 | 384 | 512), in hexadecimal digits."""
    if bits not in (0, 224, 256, 384, 512):
        raise unsupported(f"SHA2 of {bits} bits")
    return hashlib.new(f"sha{bits or 256}", text.encode()).hexdigest()


def parse_url(url: str, permissive: int) -> str:
    """PARSE_URL, as JSON; a text that is no URL is an error, or by `permissive` told as one.

    https://docs.snowflake.com/en/sql-reference/functions/parse_url
    """
    found = _URL.fullmatch(url)
    if found is None or found["scheme"] is None:
        why = "Error parsing URL: scheme not specified"
        if permissive:
            return compact({"error": why})
        raise StatementFailed(100139, "22000", why)
    query = found["query"]
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    parts = {
        "fragment": found["fragment"],
        "host": found["host"],
        "parameters": {unquote_plus(k): unquote_plus(v) for k, _, v in pairs} or None,
        "path": found["path"].removeprefix("/"),
        "port": found["port"],
        "query": query,
        "scheme": found["scheme"],
    }
    return compact(parts)


def strtok_to_array(text: str, delimiters: str) -> str:
    """STRTOK_TO_ARRAY: the parts between any of the delimiters, none of them empty."""
    parts = re.split("[" + re.escape(delimiters) + "]", text) if delimiters else [text]
    return compact([part for part in parts if part])


def regexp_replace(  # noqa: PLR0913, PLR0917 -- Snowflake's arguments
    text: str, pattern: str, replacement: str, position: int, occurrence: int, parameters: str
) -> str:
    """REGEXP_REPLACE of one occurrence, or all of them for 0, from a position on."""
    parts, at = [text[: position - 1]], position - 1
    for number, found in enumerate(_matches(text, pattern, position, parameters), 1):
        if occurrence in (0, number):
            parts += [text[at : found.start()], _expanded(found, replacement)]
            at = found.end()
    return "".join([*parts, text[at:]])


def _expanded(found: re.Match[str], replacement: str) -> str:
    def group(reference: re.Match[str]) -> str:
        return found[int(reference[1])] or ""

    return re.sub(r"\\(\d)", group, replacement)


def regexp_substr_all(  # noqa: PLR0913, PLR0917 -- Snowflake's arguments
    text: str, pattern: str, position: int, occurrence: int, parameters: str, group: int
) -> str:
    """REGEXP_SUBSTR_ALL, as JSON: the matches from an occurrence on, or a group of each.

    What is before the position isn't there, so that a word may begin in the midst of one.
    """
    number = group or _group(parameters, group)
    rest = text[max(position - 1, 0) :]
    found = [match[number] for match in _matches(rest, pattern, min(position, 1), parameters)]
    return compact(found[occurrence - 1 :])


def regexp_instr(  # noqa: PLR0913, PLR0917 -- Snowflake's arguments
    text: str,
    pattern: str,
    position: int,
    occurrence: int,
    option: int,
    parameters: str,
    group: int,
) -> int:
    """REGEXP_INSTR: where a group begins, or with option 1 what follows it; 0 for nowhere."""
    number = _group(parameters, group)
    for count, found in enumerate(_matches(text, pattern, position, parameters), 1):
        if count == occurrence:
            return (found.end(number) if option else found.start(number)) + 1
    return 0


def _group(parameters: str, group: int) -> int:
    """A group counts with the parameter e, of which the first is the default."""
    return (group or 1) if "e" in parameters else 0


def _matches(text: str, pattern: str, position: int, parameters: str) -> Iterator[re.Match[str]]:
    if position < 1:
        raise StatementFailed(100183, "22000", f"Invalid position {position}")
    flags = 0
    for parameter in parameters.replace("e", ""):
        if parameter != "c" and parameter not in _FLAGS:
            raise StatementFailed(
                100149, "2201B", f"Invalid regular expression parameter: '{parameter}'"
            )
        flags = 0 if parameter == "c" else flags | _FLAGS[parameter]
    for name, members in _CLASSES.items():
        pattern = pattern.replace(name, members)
    try:
        yield from re.compile(pattern, flags).finditer(text, position - 1)
    except re.error as error:
        why = f"Invalid regular expression: '{pattern}', {error}"
        raise StatementFailed(100048, "2201B", why) from error
