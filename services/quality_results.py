"""Evaluations of quality rules in the warehouse, and their record, ``ops.quality_results``.

What a batch's rules find is written in the batch's own transaction. A batch that a rule stops is
rolled back, and its evaluations are written right after. Rows of the same run and batch replace
each other, so that a step may run twice.
"""

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from services.adapters.snowflake import Session
from services.errors import QualityFailed
from services.quality import SAMPLES, BatchRule, Finding, judge, refuse_broken
from services.quality_rules import OWNERS

Row = dict[str, Any]

KEPT_BATCHES, KEPT_DAYS = 1000, 90
TREND = 10  # evaluations that a trend shows


@dataclass(frozen=True)
class Evaluated:
    """The batch of a layer that rules judge, and the run that has it judged."""

    network: str
    layer: str
    batch_id: int
    run_id: str


def evaluate(session: Session, rules: Sequence[BatchRule], values: Row) -> list[Finding]:
    """Evaluate rules in the warehouse, inside the caller's transaction; a finding for each rule.

    Args:
        session: Where the rows are.
        rules: The rules to evaluate.
        values: What their statements name, such as `network` and `batch_id`.
    """
    return [_evaluate(session, rule, values) for rule in rules]


def _evaluate(session: Session, rule: BatchRule, values: Row) -> Finding:
    began = perf_counter()
    (counts,) = session.query(
        f"select count(*) as total, count(iff(is_offending, 1, null)) as offenders"  # noqa: S608 -- a statement of ours
        f" from ({rule.query})",
        values,
    )
    offenders = int(counts["offenders"])
    samples = _samples(session, rule, values) if offenders else []
    finding = judge(rule, offenders, int(counts["total"]), samples)
    if rule.has_report:
        (report,) = session.query(rule.report_query, values) or [{"report": None}]
        finding = replace(finding, report=report["report"])
    return replace(finding, seconds=perf_counter() - began)


def _samples(session: Session, rule: BatchRule, values: Row) -> list[str]:
    rows = session.query(
        f"select sample_key from ({rule.query}) where is_offending"  # noqa: S608 -- a statement of ours
        f" order by sample_key limit {SAMPLES}",
        values,
    )
    return [str(row["sample_key"]) for row in rows]


def check_batch(
    session: Session,
    evaluated: Evaluated,
    rules: Sequence[BatchRule],
    values: Row,
    findings: list[Finding],
) -> None:
    """Evaluate a batch's rules before COMMIT, and record what they and earlier checks found.

    Args:
        session: The session of the batch's transaction.
        evaluated: The batch.
        rules: The rules to evaluate.
        values: What their statements name.
        findings: What was found so far; the rules' findings are added.

    Raises:
        QualityFailed: A rule of severity `error` is broken; see `recorded_if_stopped`.
    """
    findings += evaluate(session, rules, values)
    refuse_broken(findings, f"{evaluated.layer} batch {evaluated.batch_id} of {evaluated.network}")
    record(session, evaluated, findings)


@contextmanager
def recorded_if_stopped(
    session: Session, evaluated: Evaluated, findings: Sequence[Finding]
) -> Generator[None]:
    """Record what was found where a rule stops the batch in here.

    Args:
        session: The session of the batch's transaction, which has been rolled back by then.
        evaluated: The batch.
        findings: Filled by what happens in here.
    """
    try:
        yield
    except QualityFailed:
        record(session, evaluated, findings)
        raise


def record(session: Session, evaluated: Evaluated, findings: Sequence[Finding]) -> None:
    """Write one row for each finding, and delete what is no longer kept."""
    if not findings:
        return
    values: Row = {
        "network": evaluated.network,
        "layer": evaluated.layer,
        "batch_id": evaluated.batch_id,
        "run_id": evaluated.run_id,
        "results": json.dumps([_result(finding) for finding in findings]),
        "oldest_batch_id": evaluated.batch_id - KEPT_BATCHES,
        "kept_days": -KEPT_DAYS,
    }
    session.execute(_DELETE, values)
    session.execute(_INSERT, values)


_DELETE = """delete from ops.quality_results
    where network = %(network)s and layer = %(layer)s and (
        batch_id <= %(oldest_batch_id)s
        or evaluated_at < dateadd('day', %(kept_days)s, current_timestamp()::timestamp_ntz)
        or (batch_id = %(batch_id)s and run_id = %(run_id)s and rule in (
            select value:rule::string from table(flatten(input => parse_json(%(results)s))))))"""

_INSERT = """insert into ops.quality_results (network, layer, batch_id, rule, severity, threshold,
        offenders, total, is_broken, sample_keys, report, seconds, run_id)
    select %(network)s, %(layer)s, %(batch_id)s, value:rule::string, value:severity::string,
        value:threshold::number(18, 8), value:offenders::number(38, 0),
        value:total::number(38, 0), value:is_broken::boolean, value:sample_keys::array,
        value:report::string, value:seconds::number(18, 6), %(run_id)s
    from table(flatten(input => parse_json(%(results)s)))"""


def _result(finding: Finding) -> Row:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "threshold": f"{finding.threshold:.8f}",
        "offenders": finding.offenders,
        "total": finding.total,
        "is_broken": finding.is_broken,
        "sample_keys": list(finding.sample_keys),
        "report": finding.report,
        "seconds": f"{finding.seconds:.6f}",
    }


_OUTCOMES = {"error": "stopped", "warn": "warned", "trial": "tried"}


def outcome(result: Row) -> str:
    """Return what a result meant to its batch: `passed`, `tried`, `warned` or `stopped`."""
    return _OUTCOMES[result["severity"]] if result["is_broken"] else "passed"


def allowance(result: Row) -> str:
    """Return the share that may offend, in per cent."""
    return f"{100 * float(result['threshold']):g} %"


def short_results(results: Sequence[Row]) -> list[Row]:
    """Results for people: what fits a line, and whether people had to know."""
    has_networks = len({row["network"] for row in results}) > 1
    return [
        {
            **({"network": row["network"]} if has_networks else {}),
            "layer": row["layer"],
            "rule": row["rule"],
            "result": outcome(row),
            "offenders": row["offenders"],
            "total": row["total"],
            "threshold": allowance(row),
            "owner": row["owner"],
            "batch": row["batch_id"],
            "evaluated_at": row["evaluated_at"].replace(microsecond=0),
            "trend": " ".join(map(str, row["trend"])),
        }
        for row in results
    ]


def latest_results(session: Session) -> list[Row]:
    """The last evaluation of each rule by network and layer, with the trend that led to it.

    The columns are those of ``ops.quality_results``; `trend`: the offenders of the last `TREND`
    evaluations, oldest first; and `owner`, None of a rule that is no longer there.
    """
    rows = session.query(
        """select * from ops.quality_results
           qualify row_number() over (
               partition by network, layer, rule order by evaluated_at desc, batch_id desc
           ) <= %(trend)s
           order by network, layer, rule, evaluated_at, batch_id""",
        {"trend": TREND},
    )
    latest: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (row["network"], row["layer"], row["rule"])
        trend = [*latest.get(key, {}).get("trend", []), int(row["offenders"])]
        latest[key] = {**row, "trend": trend, "owner": OWNERS.get(row["rule"])}
    return list(latest.values())
