-- A row per key of the minutes that a gold batch built: Snowflake enforces none.
with touched as (
    select minute_at, count(*) as row_count from gold.network_activity_minute
    where network = %(network)s and batch_id = %(batch_id)s
    group by minute_at
)
select 'minute ' || to_char(minute_at, 'YYYY-MM-DD HH24:MI') as sample_key, row_count > 1 as is_offending from touched
union all
select 'minute ' || to_char(minute_at, 'YYYY-MM-DD HH24:MI') || ', account ' || account, count(*) > 1
from gold.account_activity_minute
where network = %(network)s and minute_at in (select minute_at from touched)
group by minute_at, account
