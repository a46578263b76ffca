"""The links, code and headings of the documents."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.reference.markdown import anchor

ROOT = Path(__file__).parents[3]
_FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)", re.MULTILINE)
_NEW = re.compile(r"^<!-- new (\S+) -->", re.MULTILINE)
_REFERENCE = re.compile(r"^\[[^\]]+\]: (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """One Markdown file of the clone."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text()

    def blocks(self, *languages: str) -> list[str]:
        """Fenced code of some languages."""
        return [code for language, code in _FENCE.findall(self.text) if language in languages]

    def inline(self) -> list[str]:
        """Code within lines."""
        return [code.replace("\\|", "|") for code in _INLINE.findall(self._without_fences())]

    def links(self) -> list[str]:
        """Return the link targets, including those of images."""
        prose = _INLINE.sub("", self._without_fences())
        return _LINK.findall(prose) + _REFERENCE.findall(prose)

    def new_files(self) -> list[str]:
        """Return the files that the document has a reader create."""
        return _NEW.findall(self.text)

    def anchors(self) -> set[str]:
        """Return the anchors of the headings; of two alike the second gets a number."""
        seen: Counter[str] = Counter()
        found = set()
        for heading in _HEADING.findall(self._without_fences()):
            name = anchor(heading.replace("`", ""))
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
        return found

    def commands(self) -> Iterator[list[str]]:
        """The words of each `make …` and `./pipeline …`, wherever it stands."""
        lines = [line for block in self.blocks("sh") for line in block.splitlines()]
        for line in [*lines, *self.inline()]:
            for part in re.split(r"(?:^|&& |; |\$ )(?=make |\./pipeline )", line.strip()):
                if part.startswith(("make ", "./pipeline ")):
                    yield _words(part)

    def _without_fences(self) -> str:
        return _FENCE.sub("", self.text)


def documents() -> list[Document]:
    """All of them: the pages of the root and docs/, and the mocks' own."""
    patterns = ("*.md", "docs/**/*.md", "mocks/*/README.md", "cloud/records/*.md")
    return [Document(path) for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def _words(command: str) -> list[str]:
    words = shlex.split(command, comments=True)
    ends = [number for number, word in enumerate(words) if word in {"|", "&&", ";"}]
    return words[: ends[0]] if ends else words
