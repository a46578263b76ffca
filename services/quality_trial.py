"""Trying a quality rule on history: what it would have found in batches that are committed.

A rule about freshness is tried as each network stands now. Nothing is recorded, and nobody is
notified.
"""

import difflib
from typing import Any

from services.adapters.snowflake import Session, Warehouse
from services.errors import SettingsWrong
from services.landing import unpack
from services.parameters import DEFAULT_MAX_AGE_MINUTES
from services.ports import LandingStore
from services.quality import BatchRule, Finding, LineRule, Rule, check_lines, together
from services.quality_results import evaluate
from services.quality_rules import BATCH_RULES, FRESHNESS_RULES, LINE_RULES

Row = dict[str, Any]

TRIED_BATCHES = 20  # the newest of the rule's layer

_BATCHES = """select network, batch_id, after_batch_id, upto_batch_id, object_keys
    from ops.batches where layer = %(layer)s
    order by committed_at desc, network, batch_id desc limit %(batches)s"""
_LAST_BATCHES = """select network, batch_id, after_batch_id, upto_batch_id, object_keys
    from ops.batches where layer = %(layer)s
    qualify row_number() over (partition by network order by batch_id desc) = 1
    order by network desc"""


def find_rule(name: str) -> BatchRule | LineRule:
    """Return the rule of this name.

    Raises:
        SettingsWrong: There is none, or it judges what is never committed.
    """
    tried = LINE_RULES + BATCH_RULES + FRESHNESS_RULES
    rules: dict[str, BatchRule | LineRule] = {rule.name: rule for rule in tried}
    if name not in rules:
        close = difflib.get_close_matches(name, rules, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "./pipeline quality lists them"
        raise SettingsWrong(f"no rule {name} judges what is committed: {hint}")
    return rules[name]


def try_rule(landing: LandingStore, warehouse: Warehouse, rule: BatchRule | LineRule) -> list[Row]:
    """Return what a rule finds in the newest batches of its layer, a row each, oldest first.

    Rows of silver and gold that were built again belong to the batch that built them last: a batch
    that has none left has nothing to judge.

    Args:
        landing: Where the pages are that a rule over lines reads again.
        warehouse: Where the batches are.
        rule: The rule.
    """
    with warehouse.session() as session:
        batches = session.query(
            _LAST_BATCHES if rule in FRESHNESS_RULES else _BATCHES,
            {"layer": rule.layer, "batches": TRIED_BATCHES},
        )
        return [
            _row(rule, batch, _found(landing, session, rule, batch)) for batch in reversed(batches)
        ]


def _found(
    landing: LandingStore, session: Session, rule: BatchRule | LineRule, batch: Row
) -> Finding:
    if isinstance(rule, LineRule):
        return _found_in_lines(landing, session, rule, batch)
    names = ("network", "batch_id", "after_batch_id", "upto_batch_id")
    values = {name: batch[name] for name in names}
    values["max_age_minutes"] = DEFAULT_MAX_AGE_MINUTES
    (finding,) = evaluate(session, [rule], values)
    return finding


def _found_in_lines(landing: LandingStore, session: Session, rule: LineRule, batch: Row) -> Finding:
    loaded = session.query(
        """select distinct s3_object_key from bronze.canton_transactions_raw
           where network = %(network)s and batch_id = %(batch_id)s order by s3_object_key""",
        {"network": batch["network"], "batch_id": batch["batch_id"]},
    )
    pages = [row["s3_object_key"] for row in loaded]
    found = [check_lines(unpack(landing.read(key), key), [rule]) for key in pages]
    (finding,) = together([one for page in found for one in page] or check_lines([], [rule]))
    return finding


def _row(rule: Rule, batch: Row, finding: Finding) -> Row:
    return {
        "network": batch["network"],
        "layer": rule.layer,
        "rule": rule.name,
        "batch_id": batch["batch_id"],
        "offenders": finding.offenders,
        "total": finding.total,
        "is_broken": finding.is_broken,
        "seconds": round(finding.seconds, 3),
        "sample_keys": list(finding.sample_keys),
    }
