"""The dashboard of gold: activity, busiest accounts, an account's page, freshness and quality.

One file, the same on a laptop (`./pipeline dashboard`) and inside Snowflake, where Streamlit's own
connection is the app's session. It imports nothing of ours, and what Snowflake's Streamlit has.

It reads `gold` and `ops`; for one account's payments, `silver.canton_transactions` as well, since
gold has no counterparties. Every answer is summed in the warehouse and is a few hundred rows at
most. All times are UTC. Amounts are exact decimals; charts alone draw them as floats.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from snowflake.connector.errors import Error
from streamlit.errors import StreamlitAPIException

SECONDS = 60  # that an answer is shown again, before the warehouse is asked anew
SHOWN = 15  # accounts, and counterparties
CHOICES = 200  # accounts to choose from
PAYMENTS = 50
ACTIVITY, ACCOUNT, HEALTH = "Activity", "Account", "Freshness and quality"
PAGES = (ACTIVITY, ACCOUNT, HEALTH)
NOBODY = "No account moved coin in this time."
DIGITS = "Sums are shown to three decimals: 0 may be less than 0.0005 CC."
PERIODS = {"minute": 180, "hour": 168, "day": 90}  # how many of each are shown

NETWORKS = """
    select network, max(minute_at) as newest_at,
        datediff('second', max(minute_at), sysdate()) as age_seconds,
        max_by(usd_rate, minute_at) as usd_rate,
        max_by(ledger_price_usd, minute_at) as ledger_price_usd
    from gold.network_activity_minute group by network order by newest_at desc, network"""

# The period's first minute; {period} and {count} are names and numbers of PERIODS.
_SINCE = """(select dateadd('{period}', 1 - {count}, date_trunc('{period}', max(minute_at)))
        from gold.network_activity_minute where network = ?)"""

BY_PERIOD = f"""
    select date_trunc('{{period}}', minute_at) as period_at,
        sum(update_count) as updates, sum(transaction_count) as transactions,
        sum(transferred_cc) as transferred_cc, sum(minted_cc) as minted_cc,
        sum(burned_cc) as burned_cc, sum(usd_value) as configured_usd,
        sum((g.transferred_cc + g.minted_cc + g.burned_cc) * g.ledger_price_usd) as ledger_usd
    from gold.network_activity_minute g
    where network = ? and minute_at >= {_SINCE}
    group by date_trunc('{{period}}', minute_at) order by period_at"""  # noqa: S608 -- names of ours

BUSIEST = f"""
    select account, sum(transaction_count) as transactions, sum(aborted_count) as aborted,
        sum(sent_cc) as sent_cc, sum(received_cc) as received_cc, sum(minted_cc) as minted_cc,
        sum(burned_cc) as burned_cc, sum(usd_value) as configured_usd
    from gold.account_activity_minute
    where network = ? and minute_at >= {_SINCE}
    group by account order by transactions desc, account limit {{limit}}"""  # noqa: S608 -- as above

BALANCE = """
    with moved as (
        select date_trunc('{period}', minute_at) as period_at, sum(net_cc) as net_cc,
            sum(received_cc) as received_cc, sum(sent_cc) as sent_cc,
            sum(minted_cc) as minted_cc, sum(burned_cc) as burned_cc,
            sum(transaction_count) as transactions, min(minute_at) as first_at
        from gold.account_activity_minute where network = ? and account = ?
        group by date_trunc('{period}', minute_at))
    select period_at, received_cc, sent_cc, minted_cc, burned_cc, transactions,
        sum(net_cc) over (order by period_at
            rows between unbounded preceding and current row) as balance_cc,
        min(first_at) over () as first_at
    from moved
    qualify row_number() over (order by period_at desc) <= {count}
    order by period_at"""

COUNTERPARTIES = f"""
    select counterparty, count(distinct update_id) as transactions,
        sum(iff(direction = 'sent', amount_cc, 0)) as sent_cc,
        sum(iff(direction = 'received', amount_cc, 0)) as received_cc,
        max(record_time) as newest_at
    from silver.canton_transactions
    where network = ? and account = ? and movement_kind = 'transfer' and counterparty is not null
    group by counterparty order by transactions desc, counterparty limit {SHOWN}"""  # noqa: S608 -- as above

NEWEST_PAYMENTS = f"""
    select record_time, direction, counterparty, amount_cc, update_id
    from silver.canton_transactions
    where network = ? and account = ? and movement_kind = 'transfer'
    order by record_time desc, update_id, event_id, leg limit {PAYMENTS}"""  # noqa: S608 -- as above

LAYERS = """
    select layer, count(*) as batches, sum(row_count) as committed_rows,
        max(b.committed_at) as committed_at,
        datediff('second', max(b.committed_at), sysdate()) as age_seconds
    from ops.batches b where network = ? group by layer
    order by decode(layer, 'bronze', 1, 'silver', 2, 3)"""

RULES = """
    select layer, rule, severity, is_broken, offenders, total, batch_id, evaluated_at
    from ops.quality_results where network = ?
    qualify row_number() over (
        partition by layer, rule order by evaluated_at desc, batch_id desc) = 1
    order by is_broken desc, layer, rule"""


def rows(sql: str, *values: str) -> pd.DataFrame:
    """Return the rows of a query, its column names in lower case; times have no zone and are UTC.

    Where the warehouse doesn't answer or refuses, the page says so and ends here.
    """
    try:
        found = st.connection("snowflake").query(
            sql, ttl=SECONDS, params=list(values), show_spinner="Asking the warehouse…"
        )
    except (Error, StreamlitAPIException) as error:
        # Streamlit says "missing configuration" whatever went wrong at the login.
        reason = error if isinstance(error, Error) else error.__context__ or error
        st.error(f"The warehouse doesn't answer this page: {' '.join(str(reason).split())}")
        st.stop()
    return found.rename(columns=str.lower)


def main() -> None:
    """Show the page that the address or the sidebar names."""
    st.set_page_config(page_title="Canton gold", layout="wide")
    st.title("Canton gold")
    networks = rows(NETWORKS)
    if networks.empty:
        st.info(
            "Gold has no minutes yet. They are here once the pipeline has run: `make run` on a"
            " laptop, `make trigger` on the stack."
        )
        st.stop()
    network = choose("network", list(networks["network"]), st.sidebar.selectbox, "Network")
    page = choose("page", PAGES, st.sidebar.radio, "Page")
    period = choose("by", list(PERIODS), st.sidebar.radio, "By", index=1)
    if st.sidebar.button("Ask again", help=f"Answers are kept for {SECONDS} seconds."):
        st.cache_data.clear()
        st.rerun()
    known = networks.set_index("network").loc[network]
    unfinished = "" if page == HEALTH else note_unfinished(known["newest_at"], period)
    st.caption(
        f"All times are UTC. Gold's newest minute is {known['newest_at']:%Y-%m-%d %H:%M},"
        f" {span(known['age_seconds'])} old. 1 CC is {usd(known['usd_rate'])} at the configured"
        f" rate and {usd(known['ledger_price_usd'])} on the ledger.{unfinished}"
    )
    {ACTIVITY: show_activity, ACCOUNT: show_account, HEALTH: show_health}[page](network, period)


def note_unfinished(newest_at: pd.Timestamp, period: str) -> str:
    """Return a sentence on the last hour or day, unless gold has its last minute."""
    length = pd.Timedelta(1, period)
    began = newest_at.floor(length)
    if newest_at + pd.Timedelta(1, "minute") >= began + length:
        return ""
    return f" The last {period}, from {began:%Y-%m-%d %H:%M}, isn't over: it is still growing."


def choose(name: str, options: Sequence[str], widget: Any, label: str, index: int = 0) -> str:
    """Return what is chosen of some options; the page's address keeps it, and may choose it."""
    requested = st.session_state.get(name, st.query_params.get(name))
    st.session_state[name] = requested if requested in options else options[index]
    selected: str = widget(label, options, key=name)
    st.query_params[name] = selected
    return selected


def show_activity(network: str, period: str) -> None:
    """Draw the network's activity and volume, and list its busiest accounts."""
    shown = {"period": period, "count": PERIODS[period]}
    found = rows(BY_PERIOD.format(**shown), network, network)
    volume = found[["transferred_cc", "minted_cc", "burned_cc"]].sum().sum()
    metrics = {
        "Updates": f"{found['updates'].sum():,}",
        "That moved coin": f"{found['transactions'].sum():,}",
        "Volume in CC": short(volume),
        "USD, configured rate": short(found["configured_usd"].sum()),
        "USD, ledger's price": short(found["ledger_usd"].sum(min_count=1)),
    }
    st.subheader(f"The last {PERIODS[period]} {period}s of gold")
    for column, (label, value) in zip(st.columns(len(metrics)), metrics.items(), strict=True):
        column.metric(label, value)
    # Gold has no row of a minute without updates; a line would pass over it.
    drawn = found.set_index("period_at").asfreq(pd.Timedelta(1, period), fill_value=0).reset_index()
    counts = {"updates": "all updates", "transactions": "moved coin"}
    draw(f"Updates per {period}", lines(drawn, counts, f"Updates per {period}"))
    left, right = st.columns(2)
    kinds = {"transferred_cc": "transferred", "minted_cc": "minted", "burned_cc": "burned"}
    draw(f"Volume in CC per {period}", bars(drawn, kinds, f"CC per {period}"), left)
    rates = {"configured_usd": "configured rate", "ledger_usd": "ledger's price"}
    draw(f"Volume in USD per {period}", lines(drawn, rates, f"USD per {period}"), right)
    accounts = rows(BUSIEST.format(**shown, limit=SHOWN), network, network)
    st.subheader(
        "Busiest accounts",
        help=f"Both sides of a payment count here, each for its own. {DIGITS}",
    )
    if accounts.empty:
        st.info(NOBODY)
        return
    st.caption("Choose a row to see the account's page.")
    st.dataframe(
        accounts,
        hide_index=True,
        column_config=headings(accounts),
        key="busiest",
        selection_mode="single-row",
        on_select=partial(open_account, list(accounts["account"])),
    )


def open_account(accounts: Sequence[str]) -> None:
    """Turn to the page of the account whose row was chosen."""
    for row in st.session_state["busiest"]["selection"]["rows"]:
        st.session_state["page"] = ACCOUNT
        st.session_state["account"] = accounts[row]


def show_account(network: str, period: str) -> None:
    """Draw an account's balance and movements, and list its counterparties and payments."""
    shown = {"period": period, "count": PERIODS[period]}
    busiest = rows(BUSIEST.format(**shown, limit=CHOICES), network, network)
    accounts = list(busiest["account"])
    requested = st.session_state.get("account") or st.query_params.get("account")
    if requested and requested not in accounts:
        accounts.insert(0, requested)
    if not accounts:
        st.info(NOBODY)
        return
    choice = partial(st.selectbox, accept_new_options=True, help="Choose one, or type a party id.")
    account = choose("account", accounts, choice, "Account")
    found = rows(BALANCE.format(**shown), network, account)
    if found.empty:
        st.info("Gold has no minute of this account on this network.")
        return
    first = f"{found['first_at'].iloc[0]:%Y-%m-%d %H:%M}"
    draw(
        "Balance in CC",
        lines(found, {"balance_cc": "balance"}, "CC", interpolate="step-after"),
        note=f"What came in less what went out since {first}, its first minute in gold.",
    )
    kinds = {
        "received_cc": "received", "sent_cc": "sent", "minted_cc": "minted", "burned_cc": "burned"
    }  # fmt: skip
    draw(f"Movements in CC per {period}", bars(found, kinds, f"CC per {period}"))
    st.subheader("Counterparties", help=f"Of all of the account's payments. {DIGITS}")
    table(rows(COUNTERPARTIES, network, account), "No payment has a known other side.")
    st.subheader(f"The newest {PAYMENTS} payments")
    table(rows(NEWEST_PAYMENTS, network, account), "The account has neither paid nor been paid.")


def show_health(network: str, _: str) -> None:
    """List how far each layer has come, and the last result of each quality rule."""
    st.subheader("Freshness", help="Whether an age is too high, the rules …_is_fresh say below.")
    layers = rows(LAYERS, network)
    layers["age"] = layers.pop("age_seconds").map(span)
    table(layers, "No batch was committed.")
    st.subheader("Quality: the last result of each rule")
    rules = rows(RULES, network)
    if rules.empty:
        st.info("No rule was evaluated yet.")
        return
    outcomes = {"error": "stopped", "warn": "warned", "trial": "tried"}
    results = rules["severity"].map(outcomes).where(rules["is_broken"], "passed")
    rules.insert(0, "result", results)
    broken = int(rules["is_broken"].sum())
    show = st.warning if broken else st.success
    show(
        f"{broken} of {len(rules)} rules are broken." if broken else f"All {len(rules)} rules pass."
    )
    table(rules.drop(columns=["is_broken", "severity"]), "")


def draw(title: str, chart: alt.Chart, place: Any = st, note: str = "") -> None:
    """Draw a chart under its title."""
    place.subheader(title)
    if note:
        place.caption(note)
    place.altair_chart(chart)


def lines(found: pd.DataFrame, names: dict[str, str], unit: str, **options: Any) -> alt.Chart:
    """Return a line for each of some columns over `period_at`, in one unit."""
    return _chart(found, names, unit, stack=False).mark_line(point=len(found) == 1, **options)


def bars(found: pd.DataFrame, names: dict[str, str], unit: str) -> alt.Chart:
    """Return some columns as parts of a bar over `period_at`, in one unit."""
    return _chart(found, names, unit, stack=True).mark_bar()


def _chart(found: pd.DataFrame, names: dict[str, str], unit: str, *, stack: bool) -> alt.Chart:
    long = found.rename(columns=names).melt("period_at", list(names.values()), "what", "value")
    long["value"] = long["value"].astype(float)  # to be drawn, no more
    # As text as well: what is pointed at would be told in the time of the visitor's own zone.
    long["when"] = long["period_at"].dt.strftime("%Y-%m-%d %H:%M")
    long["period_at"] = long["period_at"].dt.tz_localize("UTC")
    order = list(names.values())
    return alt.Chart(long, height=260).encode(
        alt.X("period_at:T", title="Time (UTC)", scale=alt.Scale(type="utc")),
        alt.Y("value:Q", title=unit, stack=stack),
        alt.Color("what:N", title=None, sort=order, legend=alt.Legend(orient="top")),
        [
            alt.Tooltip("when:N", title="Time (UTC)"),
            alt.Tooltip("what:N", title="What"),
            alt.Tooltip("value:Q", title=unit, format=",.2f"),
        ],
    )


def table(found: pd.DataFrame, otherwise: str) -> None:
    """Show rows as a table, or say why there are none."""
    if found.empty:
        st.info(otherwise)
        return
    st.dataframe(found, hide_index=True, column_config=headings(found))


def headings(found: pd.DataFrame) -> dict[str, Any]:
    """Return columns as people read them: unit or zone in brackets.

    A payment's amount has all of its ten decimals, sums have three at most.
    """
    units = {"cc": "CC", "usd": "USD", "at": "UTC", "time": "UTC"}
    columns: dict[str, Any] = {}
    for name in found.columns:
        words, _, last = name.rpartition("_")
        unit = units.get(last) if words else None
        label = f"{words.capitalize()} ({unit})" if unit else name.replace("_", " ").capitalize()
        if unit in {"CC", "USD"}:
            form = "%.10f" if name == "amount_cc" else "localized"
            columns[name] = st.column_config.NumberColumn(label, format=form)
        else:  # a party id would leave no room for its amounts
            is_party = name in {"account", "counterparty"}
            columns[name] = st.column_config.Column(label, width="medium" if is_party else None)
    return columns


def short(amount: float | None) -> str:
    """Return an amount that fits above the charts: in millions (M) or billions (B) if large."""
    if pd.isna(amount):
        return "unknown"
    for unit, name in ((1e9, " B"), (1e6, " M")):
        if amount >= unit:
            return f"{float(amount) / unit:,.2f}{name}"
    return f"{amount:,.0f}"


def usd(value: float | None) -> str:
    """Return a rate in USD, or say that there is none."""
    return "unknown" if pd.isna(value) else f"{value:.4f} USD"


def span(seconds: float) -> str:
    """Return a length of time in the unit that a person would use."""
    for size, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{max(0, seconds):.0f} seconds"


main()
