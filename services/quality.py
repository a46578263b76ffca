"""Judging data by rules: what a rule is, what it finds, and when that stops a batch.

The rules themselves are data, in `services.quality_rules`. A rule of severity `error` whose share
of offenders exceeds its threshold stops the batch: nothing is committed, the position stays, Slack
is notified. `warn` is logged and sent to Slack, and the batch goes on. `trial` is recorded alone.
Every evaluation becomes a row of ``ops.quality_results`` (`services.quality_results`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, Literal

import msgspec

from services.errors import QualityFailed
from services.statements import NEAREST_MINUTE, statement

Severity = Literal["error", "warn", "trial"]
Owner = Literal["ingestion", "movements", "reporting"]
Update = dict[str, Any]

SAMPLES = 3  # offenders that a finding names


@dataclass(frozen=True)
class Line:
    """One landed update, as bronze's rules see it."""

    content: bytes
    update: Update
    has_floats: bool


@dataclass(frozen=True)
class Rule:
    """The data that all rules have in common.

    Attributes:
        name: The promise that the rule checks.
        layer: The layer whose batch is evaluated.
        severity: `error` stops the batch, `warn` notifies people, `trial` is only recorded.
        threshold: The share of lines, rows or updates that may break it, 0 to 1.
        owner: The part of the pipeline that has to be repaired or explained.
        description: The promise in a sentence, and why it matters.
    """

    name: str
    layer: str
    severity: Severity
    threshold: float
    owner: Owner
    description: str


@dataclass(frozen=True)
class LineRule(Rule):
    """A rule over single landed updates, before they are loaded."""

    is_broken: Callable[[Line], bool]


@dataclass(frozen=True)
class BatchRule(Rule):
    """A rule over rows in the warehouse, evaluated before COMMIT.

    Its statement, ``sql/quality/<name>.sql``, has a row for each thing judged: `sample_key`, a text
    that names the thing, and `is_offending`. The batch is ``%(batch_id)s`` of ``%(network)s``; from
    silver on, it consumed the batches ``%(after_batch_id)s`` (exclusive) to ``%(upto_batch_id)s``.
    """

    has_report: bool = False
    """True if ``sql/quality/<name>_report.sql`` exists: one row of one column `report`, or none."""

    @property
    def query(self) -> str:
        """SQL: a row for each thing judged."""
        return statement(f"quality/{self.name}").replace("{{nearest_minute}}", NEAREST_MINUTE)

    @property
    def report_query(self) -> str:
        """SQL: the text for the report on each batch's run."""
        return statement(f"quality/{self.name}_report")


@dataclass(frozen=True)
class Finding:
    """The result of evaluating a rule: its offenders, and whether they are too many."""

    rule: str
    severity: Severity
    description: str
    threshold: float
    offenders: int
    total: int
    is_broken: bool
    lines: tuple[int, ...] = ()
    sample_keys: tuple[str, ...] = ()
    report: str | None = None
    seconds: float = field(default=0.0, compare=False)

    def with_more(self, other: "Finding") -> "Finding":
        """The same rule's finding of this and other lines; which lines is left out."""
        return replace(
            self,
            offenders=self.offenders + other.offenders,
            total=self.total + other.total,
            is_broken=self.is_broken or other.is_broken,
            lines=(),
            sample_keys=(*self.sample_keys, *other.sample_keys)[:SAMPLES],
            seconds=self.seconds + other.seconds,
        )

    def __str__(self) -> str:
        samples = "".join(f"\n- {key}" for key in self.sample_keys)
        counts = f"{self.offenders} of {self.total}"
        return f"{self.rule} ({self.severity}): {counts} — {self.description}{samples}"


class _Tally:
    """One rule's offenders among the lines that it has seen, and the seconds that it took."""

    def __init__(self, rule: LineRule) -> None:
        self._rule = rule
        self._lines: list[int] = []
        self._keys: list[str] = []
        self._seconds = 0.0

    def add(self, number: int, line: Line) -> None:
        began = perf_counter()
        is_broken = self._rule.is_broken(line)
        self._seconds += perf_counter() - began
        if is_broken:
            self._lines.append(number)
            self._keys.append(f"update {line.update.get('update_id')}")

    def finding(self, total: int) -> Finding:
        found = judge(self._rule, len(self._lines), total, self._keys, seconds=self._seconds)
        return replace(found, lines=tuple(self._lines))


def check_lines(contents: Sequence[bytes], rules: Sequence[LineRule]) -> list[Finding]:
    """Apply the rules to landed lines and return one finding for each rule.

    Args:
        contents: NDJSON lines, one update each.
        rules: The rules to apply.
    """
    tallies = [_Tally(rule) for rule in rules]
    for number, content in enumerate(contents):
        line = _decode(content)  # one at a time: parsed, a page takes ten times its bytes
        for tally in tallies:
            tally.add(number, line)
    return [tally.finding(len(contents)) for tally in tallies]


def judge(
    rule: Rule, offenders: int, total: int, sample_keys: Sequence[str] = (), *, seconds: float = 0.0
) -> Finding:
    """Return the finding for a rule's counts."""
    return Finding(
        rule=rule.name,
        severity=rule.severity,
        description=rule.description,
        threshold=rule.threshold,
        offenders=offenders,
        total=total,
        is_broken=offenders > rule.threshold * total,
        sample_keys=tuple(sample_keys[:SAMPLES]),
        seconds=seconds,
    )


def refuse_broken(findings: Sequence[Finding], what: str) -> None:
    """Stop where a rule of severity `error` is broken.

    Raises:
        QualityFailed: One is; the message has all of them.
    """
    fatal = [finding for finding in findings if finding.is_broken and finding.severity == "error"]
    if fatal:
        raise QualityFailed(f"{what}: " + "; ".join(str(finding) for finding in fatal))


def warnings_of(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The broken rules that people are notified of."""
    return tuple(one for one in findings if one.is_broken and one.severity == "warn")


def reports_of(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The reports of rules that are given for every batch."""
    return tuple(f"{one.rule}: {one.report}" for one in findings if one.report)


def together(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """One finding a rule, for those of several pages."""
    found: dict[str, Finding] = {}
    for one in findings:
        before = found.get(one.rule)
        found[one.rule] = one if before is None else before.with_more(one)
    return tuple(found.values())


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
