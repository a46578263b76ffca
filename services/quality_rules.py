"""The quality rules, as data: name, layer, severity, threshold, owner, description, and the check.

The statement of a rule over batches is ``sql/quality/<name>.sql``. To add a rule, add a row, and a
test that trips it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.model import parse_record_time
from services.quality import BatchRule, Line, LineRule, Owner, Rule, Update

# Snowflake's limit for one VARIANT value, uncompressed: 134,217,728 bytes
# (https://docs.snowflake.com/en/sql-reference/data-types-semistructured). MainNet has had updates
# of 23 MB.
VARIANT_BYTES = 128 * 2**20
LARGE_BYTES = VARIANT_BYTES // 2
CLOCK_SKEW = timedelta(minutes=10)


def _is_bad_id(line: Line) -> bool:
    return not re.fullmatch(r"1220[0-9a-f]{64}", str(line.update.get("update_id")))


def _is_tree_broken(line: Line) -> bool:
    """Tell whether a walk from the roots doesn't meet each event exactly once, under its own id."""
    try:
        return not _is_tree(line.update)
    except (
        AttributeError,
        KeyError,
        TypeError,
    ):  # nothing, or something else stands where events are expected
        return True


def _is_tree(update: Update) -> bool:
    if "event" in update:  # a reassignment has one event, and no tree
        return True
    events: dict[str, Any] = update["events_by_id"]
    waiting: list[str] = list(update["root_event_ids"])
    met: set[str] = set()
    while waiting:
        event_id = waiting.pop()
        event: dict[str, Any] = events.get(event_id) or {}
        if event_id in met or event.get("event_id") != event_id:
            return False
        met.add(event_id)
        waiting += event.get("child_event_ids") or []
    return len(met) == len(events)


def _is_too_large(line: Line) -> bool:
    return len(line.content) > VARIANT_BYTES


def _is_large(line: Line) -> bool:
    return LARGE_BYTES <= len(line.content) <= VARIANT_BYTES


def _is_effective_at_unreadable(line: Line) -> bool:
    return line.update.get("effective_at") is not None and _effective_at(line) is None


def _do_times_differ(line: Line) -> bool:
    effective_at = _effective_at(line)
    if effective_at is None:
        return False
    return abs(parse_record_time(line.update["record_time"]) - effective_at) > CLOCK_SKEW


def _effective_at(line: Line) -> datetime | None:
    try:
        return parse_record_time(line.update["effective_at"])
    except (KeyError, TypeError, ValueError):
        return None


LINE_RULES: tuple[LineRule, ...] = (
    LineRule(
        "update_id_is_a_hash", "bronze", "error", 0.0, "ingestion",
        "update_id is 1220 and 64 hex digits; silver's rows are keyed by it",
        _is_bad_id,
    ),
    LineRule(
        "event_tree_is_complete", "bronze", "error", 0.0, "ingestion",
        "root_event_ids and child_event_ids lead to each event of events_by_id exactly once",
        _is_tree_broken,
    ),
    LineRule(
        "effective_at_is_a_time", "bronze", "error", 0.0, "ingestion",
        "effective_at, where there is one, is a UTC time; the warehouse casts it",
        _is_effective_at_unreadable,
    ),
    LineRule(
        "no_fraction_is_a_json_number", "bronze", "error", 0.0, "ingestion",
        "decimals come as strings; a JSON number has lost digits on its way",
        lambda line: line.has_floats,
    ),
    LineRule(
        "update_fits_a_variant", "bronze", "error", 0.0, "ingestion",
        "an update is at most 128 MiB, the warehouse's limit for one value",
        _is_too_large,
    ),
    LineRule(
        "update_is_far_from_the_limit", "bronze", "warn", 0.0, "ingestion",
        "an update is smaller than 64 MiB, half of the warehouse's limit for one value",
        _is_large,
    ),
    LineRule(
        "ledger_time_is_near", "bronze", "warn", 0.01, "ingestion",
        "effective_at is within 10 minutes of record_time",
        _do_times_differ,
    ),
)  # fmt: skip

PAGE_RULE = Rule(
    "pages_are_acceptable", "bronze", "error", 0.0, "ingestion",
    "a page can be read, and its updates come in the order of migration and record time, each once,"
    " after the position that was asked for",
)  # fmt: skip
"""Judged by `services.accept` before a page is landed: one that breaks it goes into quarantine."""

BATCH_RULES: tuple[BatchRule, ...] = (
    BatchRule(
        "pages_follow_one_another", "bronze", "error", 0.0, "ingestion",
        "each page begins where the one before ends, and a batch where the live one before ended:"
        " the history has no gap",
    ),
    BatchRule(
        "every_line_is_loaded", "bronze", "error", 0.0, "ingestion",
        "a batch holds as many rows as its pages have updates",
    ),
    BatchRule(
        "updates_are_unique", "bronze", "warn", 0.0, "ingestion",
        "an update is loaded once; of an update that stands in two batches, silver takes the later",
    ),
    BatchRule(
        "movements_are_readable", "silver", "warn", 0.0, "movements",
        "updates whose coin the rules can book to the last digit; the others are listed in"
        " silver.canton_problems, and what couldn't be read moved nothing",
    ),
    BatchRule(
        "rows_agree_with_contracts", "silver", "warn", 0.0, "movements",
        "updates whose movements change each balance as the coins they create and archive do;"
        " silver.coin_checks has them all, and how many coins are unknown",
        has_report=True,
    ),
    BatchRule(
        "supply_changes_by_mints_and_burns", "silver", "warn", 0.0, "movements",
        "what an update mints less what it burns is what all of its coins change by",
    ),
    BatchRule(
        "dso_party_keeps_no_coin", "silver", "warn", 0.0, "movements",
        "coin that the DSO party gets ends in the same update: it is burned, not paid",
    ),
    BatchRule(
        "mints_use_up_rewards", "silver", "warn", 0.0, "movements",
        "updates that mint coin use up a right to a reward, but for what the DSO mints alone",
    ),
    BatchRule(
        "mints_are_worth_their_rewards", "silver", "warn", 0.0, "movements",
        "an update mints what the rights that it uses up are worth, by its round's rates; updates"
        " with rights that aren't known aren't judged",
    ),
    BatchRule(
        "coins_are_the_networks", "silver", "warn", 0.05, "movements",
        "coins belong to the DSO party that has the synchronizer's namespace; others move nothing",
    ),
    BatchRule(
        "payments_have_two_sides", "silver", "warn", 0.01, "movements",
        "what is sent in an update equals what is received in it",
    ),
    BatchRule(
        "templates_are_known", "silver", "warn", 0.05, "movements",
        "updates are about templates that this version has heard of",
    ),
    BatchRule(
        "silver_keys_are_unique", "silver", "error", 0.0, "movements",
        "an update, and a side of a movement, has one row; two would count its coin twice",
    ),
    BatchRule(
        "updates_lie_in_their_pages", "silver", "warn", 0.0, "ingestion",
        "an update's record time is after the beginning of its page, and at most the page's end",
    ),
    BatchRule(
        "amounts_are_plausible", "silver", "warn", 0.0, "movements",
        "an amount is above 0 and below 10^12 CC, that of an abort is 0",
    ),
    BatchRule(
        "prices_are_plausible", "silver", "warn", 0.0, "movements",
        "the ledger's price is from 0.001 to 100 USD for 1 CC",
    ),
    BatchRule(
        "gold_equals_silver", "gold", "error", 0.0, "reporting",
        "each account's minute in gold is the sum of its movements in silver, to the last digit",
    ),
    BatchRule(
        "network_equals_its_parts", "gold", "error", 0.0, "reporting",
        "a minute of the network has silver's updates and the sums of its accounts",
    ),
    BatchRule(
        "gold_keys_are_unique", "gold", "error", 0.0, "reporting",
        "a minute, and a minute of an account, has one row",
    ),
    BatchRule(
        "rate_is_near_the_price", "gold", "warn", 0.0, "reporting",
        "the configured rate is within a factor of three of the ledger's price",
    ),
    BatchRule(
        "volume_is_usual", "gold", "warn", 0.0, "ingestion",
        "an hour has a third to three times the updates of the same hour of earlier days",
    ),
)  # fmt: skip

FRESHNESS_RULES: tuple[BatchRule, ...] = (
    BatchRule(
        "bronze_is_fresh", "bronze", "warn", 0.0, "ingestion",
        "the newest update of bronze is at most `max_age_minutes` old",
    ),
    BatchRule(
        "silver_is_fresh", "silver", "warn", 0.0, "movements",
        "the newest update of silver is at most `max_age_minutes` old",
    ),
    BatchRule(
        "gold_is_fresh", "gold", "warn", 0.0, "reporting",
        "the newest minute of gold is at most `max_age_minutes` old",
    ),
)  # fmt: skip
"""Evaluated at the end of each gold run that has `max_age_minutes`, batch or not."""


OWNERS: Mapping[str, Owner] = {
    rule.name: rule.owner for rule in (PAGE_RULE, *LINE_RULES, *BATCH_RULES, *FRESHNESS_RULES)
}


def rules_of(layer: str, rules: Sequence[BatchRule] = BATCH_RULES) -> list[BatchRule]:
    """The rules over a layer's batches."""
    return [rule for rule in rules if rule.layer == layer]
