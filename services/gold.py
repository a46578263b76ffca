"""Gold: who moved how much in each minute, rebuilt from silver with Snowpark's DataFrames.

A silver batch touches minutes; every minute of ALL its updates is rebuilt from all of silver, also
of those that move nothing now, so that a changed rule leaves nothing stale. Sums are exact; money
is never divided, averaged or a float.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from snowflake.snowpark import Column, DataFrame
from snowflake.snowpark import Session as Snowpark
from snowflake.snowpark import Window as Frame
from snowflake.snowpark import functions as F
from snowflake.snowpark.types import DecimalType

from services.adapters.snowflake import Session, Warehouse
from services.adapters.snowpark import snowpark
from services.catalog import ACCOUNT_ACTIVITY, GOLD_KEYS, MOVEMENTS, NETWORK_ACTIVITY, UPDATES
from services.layers import Content, Layer, Window
from services.statements import NEAREST_MINUTE
from services.sums import WHOLE_CC, refuse_beyond_38_digits
from services.watermarks import GOLD

CC = DecimalType(38, 10)
USD_RATE = DecimalType(18, 8)
# Snowflake gives a product the scale min(s1 + s2, max(s1, s2, 12)) and 38 digits at most. So CC is
# valued in two parts: whole coins, exact at the rate's 8 places, and the rest, whose product with
# the rate has 18 places and is rounded once, half away from zero.
WHOLE = DecimalType(28, 0)
FRACTION = DecimalType(28, 18)
# The ledger's price shows in every mining round, each ten minutes; a day finds one.
PRICE_LOOKBACK = timedelta(days=1)
HALF_MINUTE = timedelta(seconds=30)


@dataclass(frozen=True)
class Silver:
    """The silver rows behind one network's touched minutes, each with its `minute_at`."""

    network: str
    minutes: DataFrame
    updates: DataFrame
    movements: DataFrame
    prices: DataFrame
    rates: DataFrame


def ensure_rate(warehouse: Warehouse, usd_rate: Decimal, run_id: str) -> None:
    """Make `usd_rate` the configured rate from now on; the first one ever holds for all the past.

    Rates in force at earlier minutes stay: a new rate never rewrites history. A minute that is
    built is history too, also one that is not over yet, or still to come where a ledger's clock is
    ahead.

    Args:
        warehouse: Where the rates are.
        usd_rate: USD for 1 CC, up to 8 places.
        run_id: Written beside the rate.
    """
    with warehouse.session() as session:
        session.execute(
            """insert into ops.usd_rates (effective_at, usd_rate, run_id)
               select iff(newest.usd_rate is null, '1970-01-01'::timestamp_ntz,
                          greatest(current_timestamp()::timestamp_ntz,
                                   dateadd('microsecond', 1, greatest(newest.effective_at,
                                       coalesce(built.minute_at, newest.effective_at))))),
                      %(usd_rate)s, %(run_id)s
               from (select max_by(usd_rate, effective_at) as usd_rate,
                            max(effective_at) as effective_at from ops.usd_rates) newest,
                    (select max(minute_at) as minute_at from gold.network_activity_minute) built
               where newest.usd_rate is null or newest.usd_rate <> %(usd_rate)s""",
            {"usd_rate": str(usd_rate), "run_id": run_id},
        )


def build_gold(session: Session, window: Window, batch_id: int) -> Content:
    """Delete and insert the minutes that a window of silver batches touches."""
    values: dict[str, Any] = {
        "network": window.network,
        "after_batch_id": window.after,
        "upto_batch_id": window.upto,
        "batch_id": batch_id,
    }
    refuse_beyond_38_digits(session, _SUMS, values)
    for table in (NETWORK_ACTIVITY, ACCOUNT_ACTIVITY):
        session.execute(_DELETE.replace("{table}", table), values)
    with snowpark(session) as frames:
        silver = read_silver(frames, window)
        network_activity(silver, batch_id).write.insert_into(NETWORK_ACTIVITY)
        built = frames.table(NETWORK_ACTIVITY).filter(
            (F.col("network") == window.network) & (F.col("batch_id") == batch_id)
        )
        account_activity(silver, built, batch_id).write.insert_into(ACCOUNT_ACTIVITY)
    (counts,) = session.query(_COUNTS, values)
    rows = {table: int(counts[f"rows_{number}"]) for number, table in enumerate(GOLD_KEYS)}
    return Content(int(counts["update_count"]), rows[ACCOUNT_ACTIVITY], rows=rows)


_TOUCHED = f"""select {NEAREST_MINUTE}
        from silver.canton_updates
        where network = %(network)s
            and batch_id > %(after_batch_id)s and batch_id <= %(upto_batch_id)s"""  # noqa: S608 -- expressions of ours

_DELETE = f"""delete from {{table}}
    where network = %(network)s and minute_at in ({_TOUCHED})"""  # noqa: S608 -- expressions of ours

# The total of an account's minute, and that of a minute, where a payment counts once.
_SUMS = f"""with moved as (
        select {NEAREST_MINUTE} as minute_at, *
        from silver.canton_transactions
        where network = %(network)s and {NEAREST_MINUTE} in ({_TOUCHED})),
    totals as (
        select 'account ' || account as whose, minute_at, {WHOLE_CC} as whole_cc
        from moved group by account, minute_at
        union all
        select 'all accounts', minute_at, {WHOLE_CC}
        from moved where movement_kind <> 'transfer' or direction = 'received'
        group by minute_at),
    rates as (
        select minute_at, max_by(usd_rate, effective_at) as usd_rate
        from (select distinct minute_at from moved) join ops.usd_rates on effective_at <= minute_at
        group by minute_at)
    select whose || ', minute ' || totals.minute_at::string as name, whole_cc, usd_rate
    from totals left join rates on rates.minute_at = totals.minute_at"""  # noqa: S608 -- expressions of ours

_WRITTEN = ",\n".join(
    f"""(select count(*) from {table}
     where network = %(network)s and batch_id = %(batch_id)s) as rows_{number}"""  # noqa: S608 -- names of ours
    for number, table in enumerate(GOLD_KEYS)
)
_COUNTS = f"""select
    (select count(*) from silver.canton_updates
     where network = %(network)s
        and batch_id > %(after_batch_id)s and batch_id <= %(upto_batch_id)s) as update_count,
    {_WRITTEN}"""  # noqa: S608 -- as above


def read_silver(frames: Snowpark, window: Window) -> Silver:
    """The minutes that a window touches, and what silver knows about them.

    Only record times between the first and the last of these minutes are read, so that a large
    table is pruned.
    """
    updates = frames.table(UPDATES).filter(F.col("network") == window.network)
    touched = updates.filter(
        (F.col("batch_id") > window.after) & (F.col("batch_id") <= window.upto)
    ).with_column("minute_at", minute())
    minutes = touched.select("minute_at").distinct()
    edges = minutes.agg(F.min("minute_at"), F.max("minute_at")).collect()[0]
    earliest, latest = cast("tuple[datetime, datetime]", edges)
    first, last = earliest - HALF_MINUTE, latest + HALF_MINUTE
    movements = frames.table(MOVEMENTS).filter(F.col("network") == window.network)
    return Silver(
        network=window.network,
        minutes=minutes,
        updates=_within(updates, first, last).join(minutes, "minute_at"),
        movements=_within(movements, first, last),
        prices=_ledger_prices(_within(updates, first - 2 * PRICE_LOOKBACK, last), minutes),
        rates=_configured_rates(frames.table("ops.usd_rates"), minutes),
    )


def account_activity(silver: Silver, built: DataFrame, batch_id: int) -> DataFrame:
    """Rows of gold.account_activity_minute, in the order of its columns.

    Args:
        silver: What silver knows.
        built: The minutes' rows of gold.network_activity_minute, whose rate and price hold here.
        batch_id: Written beside each row.
    """
    minutes = built.select("minute_at", "usd_rate", "ledger_price_usd")
    movements = silver.movements.join(minutes, "minute_at")
    sums = movements.group_by("minute_at", "account", "usd_rate", "ledger_price_usd").agg(
        F.count_distinct(F.iff(~IS_ABORT, F.col("update_id"), NOTHING)).alias("transaction_count"),
        F.count_distinct(F.iff(IS_ABORT, F.col("update_id"), NOTHING)).alias("aborted_count"),
        cc_where(IS_TRANSFER & IS_SENT).alias("sent_cc"),
        cc_where(IS_TRANSFER & ~IS_SENT).alias("received_cc"),
        cc_where(IS_MINT).alias("minted_cc"),
        cc_where(IS_BURN).alias("burned_cc"),
    )
    gained = F.col("received_cc") + F.col("minted_cc")
    lost = F.col("sent_cc") + F.col("burned_cc")
    return sums.with_column("total_cc", (gained + lost).cast(CC)).select(
        F.lit(silver.network).alias("network"),
        "minute_at",
        "account",
        "transaction_count",
        "aborted_count",
        "sent_cc",
        "received_cc",
        "minted_cc",
        "burned_cc",
        (gained - lost).cast(CC).alias("net_cc"),
        "total_cc",
        "usd_rate",
        usd_value().alias("usd_value"),
        "ledger_price_usd",
        F.lit(batch_id).alias("batch_id"),
    )


def network_activity(silver: Silver, batch_id: int) -> DataFrame:
    """Rows of gold.network_activity_minute, in the order of its columns."""
    movements = silver.movements.join(silver.minutes, "minute_at")
    moved = movements.group_by("minute_at").agg(
        F.count_distinct(F.iff(~IS_ABORT, F.col("update_id"), NOTHING)).alias("transaction_count"),
        F.count_distinct(F.iff(IS_ABORT, F.col("update_id"), NOTHING)).alias("aborted_count"),
        F.count_distinct("account").alias("account_count"),
        cc_where(IS_TRANSFER & ~IS_SENT).alias("transferred_cc"),
        cc_where(IS_MINT).alias("minted_cc"),
        cc_where(IS_BURN).alias("burned_cc"),
    )
    seen = silver.updates.group_by("minute_at").agg(F.count(F.lit(1)).alias("update_count"))
    volume = sum((or_zero(name) for name in ("minted_cc", "burned_cc")), or_zero("transferred_cc"))
    sums = (
        seen.join(moved, "minute_at", "left")
        .join(silver.rates, "minute_at")
        .join(silver.prices, "minute_at")
        .with_column("total_cc", volume.cast(CC))
    )
    return sums.select(
        F.lit(silver.network).alias("network"),
        "minute_at",
        "update_count",
        *(
            or_zero(name).alias(name)
            for name in ("transaction_count", "aborted_count", "account_count")
        ),
        *(
            or_zero(name).cast(CC).alias(name)
            for name in ("transferred_cc", "minted_cc", "burned_cc")
        ),
        "usd_rate",
        usd_value().alias("usd_value"),
        "ledger_price_usd",
        F.lit(batch_id).alias("batch_id"),
    )


IS_ABORT = F.col("movement_kind") == "abort"
IS_TRANSFER = F.col("movement_kind") == "transfer"
IS_MINT = F.col("movement_kind").isin("mint", "devnet_tap")
IS_BURN = F.col("movement_kind") == "burn"
IS_SENT = F.col("direction") == "sent"
NOTHING = F.lit(None)


def minute(time: str = "record_time") -> Column:
    """A time rolled to the nearest minute: ``:30.000000`` rounds up, over midnight too."""
    return F.date_trunc("minute", F.dateadd("second", F.lit(30), F.col(time)))


def cc_where(condition: Column) -> Column:
    """The exact sum of CC over rows that meet a condition."""
    return F.sum(F.iff(condition, F.col("amount_cc"), F.lit(0)).cast(CC)).cast(CC)


def or_zero(name: str) -> Column:
    """A column of an outer join, 0 where nothing joined."""
    return F.coalesce(F.col(name), F.lit(0))


def usd_value() -> Column:
    """`total_cc` at `usd_rate`, rounded once to 10 places, half away from zero."""
    total, rate = F.col("total_cc"), F.col("usd_rate").cast(USD_RATE)
    whole = F.floor(total).cast(WHOLE)
    fraction = (total - whole).cast(FRACTION)
    # ROUND keeps its argument's scale, and a sum takes the larger one: both parts are cast first.
    return ((whole * rate).cast(CC) + F.round(fraction * rate, 10).cast(CC)).cast(CC)


def _within(rows: DataFrame, first: datetime, last: datetime) -> DataFrame:
    record_time = F.col("record_time")
    return rows.filter((record_time >= first) & (record_time < last)).with_column(
        "minute_at", minute()
    )


def _configured_rates(rates: DataFrame, minutes: DataFrame) -> DataFrame:
    """The configured rate in force at each minute."""
    in_force = minutes.join(rates, F.col("effective_at") <= F.col("minute_at"))
    return in_force.group_by("minute_at").agg(
        F.max_by("usd_rate", "effective_at").cast(USD_RATE).alias("usd_rate")
    )


def _ledger_prices(updates: DataFrame, minutes: DataFrame) -> DataFrame:
    """The last price that held on the ledger up to the end of each minute, if within a day.

    A round's price holds from when the round opens, minutes after it is announced. An older one is
    none, whether it was read or not, and so is one announced more than a day ahead: what a minute
    shows must not depend on which other minutes are built with it.
    """
    record_time = F.col("record_time")
    holds_from = F.greatest(record_time, F.coalesce(F.col("amulet_price_at"), record_time))
    latest = F.dateadd("second", F.lit(int(PRICE_LOOKBACK.total_seconds())), record_time)
    named = (
        updates.filter(F.col("amulet_price_usd").is_not_null())
        .with_column("holds_from", holds_from)
        .filter(F.col("holds_from") <= latest)
        .with_column("minute_at", minute("holds_from"))
        .group_by("minute_at")
        .agg(F.max_by("amulet_price_usd", "holds_from").cast(CC).alias("named"))
    )
    requested = minutes.select("minute_at", F.lit(None).cast(CC).alias("named"))
    timeline = (
        named.union_all(requested)
        .group_by("minute_at")
        .agg(F.max("named").alias("named"))
        .with_column("named_at", F.iff(F.col("named").is_null(), NOTHING, F.col("minute_at")))
    )
    until_now = Frame.order_by("minute_at").rows_between(
        Frame.UNBOUNDED_PRECEDING, Frame.CURRENT_ROW
    )
    carried = timeline.select(
        "minute_at",
        F.last_value("named", ignore_nulls=True).over(until_now).alias("named"),
        F.last_value("named_at", ignore_nulls=True).over(until_now).alias("named_at"),
    )
    oldest = F.dateadd("second", F.lit(-int(PRICE_LOOKBACK.total_seconds())), F.col("minute_at"))
    price = F.iff(F.col("named_at") >= oldest, F.col("named"), NOTHING)
    return carried.select("minute_at", price.cast(CC).alias("ledger_price_usd")).join(
        minutes, "minute_at"
    )


LAYER = Layer(name="gold", stream=GOLD, consumes="silver", build=build_gold)
