"""Judging data by rules: what a rule is, what it finds, and when that stops a batch.

The rules themselves are data, in `services.quality_rules`. A rule of severity `error` whose share
of offenders exceeds its threshold stops the batch: nothing is committed, the position stays, Slack
is told. `warn` is logged and told, and the batch goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from services.errors import QualityFailed

Severity = Literal["error", "warn"]
Update = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One landed update, as bronze's rules see it."""

    content: bytes
    update: Update
    has_floats: bool


@dataclass(frozen=True)
class LineRule:
    """A rule over single landed updates, before they are loaded."""

    name: str
    severity: Severity
    threshold: float
    """The share of lines that may break it, 0 to 1."""
    says: str
    is_broken: Callable[[Line], bool]


@dataclass(frozen=True)
class BatchRule:
    """A rule over the rows of one batch, counted in the warehouse before COMMIT."""

    name: str
    layer: str
    severity: Severity
    threshold: float
    """The share of rows (or updates) that may break it, 0 to 1."""
    says: str
    offenders: str
    """SQL: one row with the counts `offenders` and `total` of batch %(batch_id)s of %(network)s."""
    examples: str = ""
    """SQL: rows of one column `example` that name offenders; the message shows the first ones."""
    report: str = ""
    """SQL: a row of one column `report`, which the log of each batch tells, or no row."""


@dataclass(frozen=True)
class Finding:
    """A rule with its offenders, and whether they are too many."""

    rule: str
    severity: Severity
    says: str
    offenders: int
    total: int
    is_broken: bool
    lines: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()

    def with_more(self, other: "Finding") -> "Finding":
        """The same rule's finding of this and other lines; which lines is left out."""
        return replace(
            self,
            offenders=self.offenders + other.offenders,
            total=self.total + other.total,
            lines=(),
        )

    def __str__(self) -> str:
        examples = "".join(f"\n- {example}" for example in self.examples)
        counts = f"{self.offenders} of {self.total}"
        return f"{self.rule} ({self.severity}): {counts} — {self.says}{examples}"


def check_lines(contents: Sequence[bytes], rules: Sequence[LineRule]) -> list[Finding]:
    """Apply the rules to landed lines and return one finding for each rule that is broken.

    Args:
        contents: NDJSON lines, one update each.
        rules: The rules to apply.
    """
    offenders: dict[str, list[int]] = {rule.name: [] for rule in rules}
    for number, content in enumerate(contents):
        line = _decode(content)  # one at a time: parsed, a page takes ten times its bytes
        for rule in rules:
            if rule.is_broken(line):
                offenders[rule.name].append(number)
    return [
        _finding(rule, len(broken), len(contents), tuple(broken))
        for rule in rules
        if (broken := offenders[rule.name])
    ]


def judge(
    rule: BatchRule, offenders: int, total: int, examples: Sequence[str] = ()
) -> Finding | None:
    """Return the finding of a batch rule's counts, or None when there are no offenders."""
    if not offenders:
        return None
    return replace(_finding(rule, offenders, total), examples=tuple(examples))


def refuse_broken(findings: Sequence[Finding], what: str) -> list[Finding]:
    """The findings that only warn.

    Raises:
        QualityFailed: A rule of severity `error` is broken.
    """
    fatal = [finding for finding in findings if finding.is_broken and finding.severity == "error"]
    if fatal:
        raise QualityFailed(f"{what}: " + "; ".join(str(finding) for finding in fatal))
    return [finding for finding in findings if finding.is_broken]


def together(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """One finding a rule, for those of several pages."""
    found: dict[str, Finding] = {}
    for one in findings:
        before = found.get(one.rule)
        found[one.rule] = one if before is None else before.with_more(one)
    return tuple(found.values())


def _finding(
    rule: LineRule | BatchRule, offenders: int, total: int, lines: tuple[int, ...] = ()
) -> Finding:
    is_broken = offenders > rule.threshold * total
    return Finding(rule.name, rule.severity, rule.says, offenders, total, is_broken, lines)


def _decode(content: bytes) -> Line:
    """An update as rules see it; of its events, only what makes them a tree.

    Events are parsed one at a time: all those of an update of 23 MB would take twice its bytes.
    """
    floats: list[str] = []

    def exact(text: str) -> str:
        floats.append(text)
        return text

    parse = msgspec.json.Decoder(float_hook=exact).decode
    update: Update = {}
    for name, raw in _decode_fields(content).items():
        is_tree = name == "events_by_id" and bytes(memoryview(raw)[:1]) == b"{"
        update[name] = _tree(raw, parse) if is_tree else parse(raw)
    return Line(content, update, bool(floats))


_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _tree(events: msgspec.Raw, parse: Callable[[msgspec.Raw], Any]) -> dict[str, Any]:
    return {event_id: _node(parse(event)) for event_id, event in _decode_fields(events).items()}


def _node(event: Any) -> Any:
    if not isinstance(event, dict):
        return event
    return {name: event[name] for name in ("event_id", "child_event_ids") if name in event}
