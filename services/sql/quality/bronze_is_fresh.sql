-- A row for bronze: how old the update is that it stands at.
select
    'network ' || network || ': the newest update, ' || to_char(record_time, 'YYYY-MM-DD HH24:MI') || ' UTC, is '
        || datediff('minute', record_time, current_timestamp()::timestamp_ntz)
        || ' minutes old; it should be at most ' || %(max_age_minutes)s as sample_key,
    datediff('minute', record_time, current_timestamp()::timestamp_ntz)
        > %(max_age_minutes)s as is_offending
from ops.cdc_watermarks
where stream = 'bronze_canton_transactions' and network = %(network)s
