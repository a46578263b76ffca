-- A row per minute that a gold batch built and for which the ledger says a price.
select
    'minute ' || to_char(minute_at, 'YYYY-MM-DD HH24:MI') || ': configured ' || usd_rate || ' USD, on the ledger '
        || ledger_price_usd as sample_key,
    usd_rate > 3 * ledger_price_usd or 3 * usd_rate < ledger_price_usd as is_offending
from gold.network_activity_minute
where network = %(network)s and batch_id = %(batch_id)s and ledger_price_usd is not null
