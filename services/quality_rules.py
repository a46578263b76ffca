"""The quality rules, as data: name, severity, the share that may break it, what it says, the check.

To add a rule, add a row, and a test that trips it.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from services.model import parse_record_time
from services.quality import BatchRule, Line, LineRule, Update
from services.statements import NEAREST_MINUTE

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
        "update_id_is_a_hash", "error", 0.0,
        "update_id is 1220 and 64 hex digits; silver's rows are keyed by it",
        _is_bad_id,
    ),
    LineRule(
        "event_tree_is_complete", "error", 0.0,
        "root_event_ids and child_event_ids lead to each event of events_by_id exactly once",
        _is_tree_broken,
    ),
    LineRule(
        "effective_at_is_a_time", "error", 0.0,
        "effective_at, where there is one, is a UTC time; the warehouse casts it",
        _is_effective_at_unreadable,
    ),
    LineRule(
        "no_fraction_is_a_json_number", "error", 0.0,
        "decimals come as strings; a JSON number has lost digits on its way",
        lambda line: line.has_floats,
    ),
    LineRule(
        "update_fits_a_variant", "error", 0.0,
        "an update is at most 128 MiB, the warehouse's limit for one value",
        _is_too_large,
    ),
    LineRule(
        "update_is_far_from_the_limit", "warn", 0.0,
        "an update is smaller than 64 MiB, half of the warehouse's limit for one value",
        _is_large,
    ),
    LineRule(
        "ledger_time_is_near", "warn", 0.01,
        "effective_at is within 10 minutes of record_time",
        _do_times_differ,
    ),
)  # fmt: skip

BATCH_RULES: tuple[BatchRule, ...] = (
    BatchRule(
        "movements_are_readable", "silver", "warn", 0.0,
        "updates whose coin the rules can book to the last digit; the others are listed in"
        " silver.canton_problems, and what couldn't be read moved nothing",
        """select count(distinct p.update_id) as offenders, count(distinct u.update_id) as total
            from silver.canton_updates u left join silver.canton_problems p
                on p.network = u.network and p.update_id = u.update_id
            where u.network = %(network)s and u.batch_id = %(batch_id)s""",
        """select 'update ' || update_id || ', event ' || coalesce(event_id, '-') || ': ' || problem
                as example
            from silver.canton_problems
            where network = %(network)s and batch_id = %(batch_id)s order by update_id, event_id""",
    ),
    BatchRule(
        "rows_agree_with_contracts", "silver", "warn", 0.0,
        "updates whose movements change each balance as the coins they create and archive do;"
        " silver.coin_checks has them all, and how many coins are unknown",
        """select count(distinct iff(rows_cc <> contracts_cc, update_id, null)) as offenders,
                count(distinct update_id) as total
            from silver.coin_checks
            where network = %(network)s and batch_id = %(batch_id)s and unknown_count = 0""",
        """select 'update ' || update_id || ', ' || account || ': rows say ' || rows_cc
                || ' CC, contracts ' || contracts_cc as example
            from silver.coin_checks
            where network = %(network)s and batch_id = %(batch_id)s and unknown_count = 0
                and rows_cc <> contracts_cc
            order by update_id, account""",
        """select 'judged ' || judged || ' of ' || total || ' updates with coin'
                || iff(judged = total, '', '; the others have unknown coins') as report
            from (select count(distinct update_id) as total,
                    count(distinct iff(unknown_count = 0, update_id, null)) as judged
                from silver.coin_checks
                where network = %(network)s and batch_id = %(batch_id)s)
            where total > 0""",
    ),
    BatchRule(
        "mints_use_up_rewards", "silver", "warn", 0.0,
        "updates that mint coin use up a right to a reward, but for what the DSO mints alone",
        """select count(iff(used.update_id is null, 1, null)) as offenders, count(*) as total
            from (select distinct t.update_id
                from silver.canton_transactions t
                join silver.canton_updates u
                    on u.network = t.network and u.update_id = t.update_id
                where t.network = %(network)s and t.batch_id = %(batch_id)s
                    and t.movement_kind = 'mint'
                    and not endswith(u.update_kind, '/AmuletRules_Mint')
            ) minted left join (
                select distinct u.update_id
                from silver.canton_updates u, lateral flatten(input => u.coin_changes) c
                where u.network = %(network)s and u.batch_id = %(batch_id)s
                    and c.value:change::string = 'used'
            ) used on used.update_id = minted.update_id""",
    ),
    BatchRule(
        "coins_are_the_networks", "silver", "warn", 0.05,
        "coins belong to the DSO party that has the synchronizer's namespace; others move nothing",
        """select count(iff(is_ours, null, 1)) as offenders, count(*) as total
            from silver.coins where network = %(network)s and batch_id = %(batch_id)s""",
    ),
    BatchRule(
        "payments_have_two_sides", "silver", "warn", 0.01,
        "what is sent in an update equals what is received in it",
        """select count(iff(sent <> received, 1, null)) as offenders, count(*) as total from (
                select update_id,
                    sum(iff(direction = 'sent', amount_cc, 0)::number(38, 10)) as sent,
                    sum(iff(direction = 'received', amount_cc, 0)::number(38, 10)) as received
                from silver.canton_transactions
                where network = %(network)s and batch_id = %(batch_id)s
                    and movement_kind = 'transfer' group by update_id)""",
    ),
    BatchRule(
        "templates_are_known", "silver", "warn", 0.05,
        "updates are about templates that this version has heard of",
        """select count(iff(not is_known, 1, null)) as offenders, count(*) as total
            from silver.canton_updates where network = %(network)s and batch_id = %(batch_id)s""",
    ),
    BatchRule(
        "gold_equals_silver", "gold", "error", 0.0,
        "each account's minute in gold is the sum of its movements in silver, to the last digit",
        f"""with touched as (
                select minute_at from gold.network_activity_minute
                where network = %(network)s and batch_id = %(batch_id)s),
            gold as (
                select minute_at, account, net_cc, total_cc from gold.account_activity_minute
                where network = %(network)s and minute_at in (select minute_at from touched)),
            silver as (
                select {NEAREST_MINUTE} as minute_at,
                    account, sum(iff(direction = 'received', amount_cc, -amount_cc)) as net_cc,
                    sum(amount_cc) as total_cc
                from silver.canton_transactions
                where network = %(network)s
                    and {NEAREST_MINUTE}
                        in (select minute_at from touched)
                group by 1, 2)
            select count(iff(gold.net_cc is null or silver.net_cc is null
                    or gold.net_cc <> silver.net_cc or gold.total_cc <> silver.total_cc, 1, null))
                    as offenders, count(*) as total
            from gold full outer join silver
                on gold.minute_at = silver.minute_at and gold.account = silver.account""",  # noqa: S608 -- expressions of ours
    ),
)  # fmt: skip
