-- A row for silver: how old the newest update is that it consumed.
select
    'network ' || %(network)s || ': the newest update, ' || to_char(record_time, 'YYYY-MM-DD HH24:MI') || ' UTC, is '
        || datediff('minute', record_time, current_timestamp()::timestamp_ntz)
        || ' minutes old; it should be at most ' || %(max_age_minutes)s as sample_key,
    datediff('minute', record_time, current_timestamp()::timestamp_ntz)
        > %(max_age_minutes)s as is_offending
from (
    select max(b.upto_record_time) as record_time
    from ops.cdc_watermarks w
    join ops.batches b
        on b.layer = 'bronze' and b.network = w.network and b.batch_id <= w.consumed_batch_id
    where w.stream = 'silver_canton_transactions' and w.network = %(network)s
)
where record_time is not null
