"""The entries of `docs/runbook.md`, whose commands the tests type."""

import re
import shlex

from tests.clone import ROOT

FILE = ROOT / "docs" / "runbook.md"
_ENTRY = re.compile(r"^### ([a-z]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_PART = re.compile(r"^- (\w+): (.*?)(?=^- |\Z)", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"`((?:make|\./pipeline) [^`]+)`")


def entries() -> dict[str, dict[str, str]]:
    """The alerts' entries: by heading, each label with its text."""
    return {
        heading: {label: " ".join(text.split()) for label, text in _PART.findall(body)}
        for heading, body in _ENTRY.findall(FILE.read_text())
    }


def to_type(heading: str, verb: str, **values: str) -> list[str]:
    """The words behind `make` or `./pipeline` of what an entry says to type.

    Args:
        heading: The entry's.
        verb: Which of its commands; there must be exactly one.
        values: In the place of words in capitals, such as KEY.
    """
    typed = [shlex.split(one)[1:] for one in _COMMAND.findall(entries()[heading]["Type"])]
    (words,) = (one for one in typed if one[0] == verb)
    return [values.get(word, word) for word in words]
