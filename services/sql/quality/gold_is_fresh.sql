-- A row for gold: how old its newest minute is.
select
    'network ' || %(network)s || ': the newest minute, ' || to_char(minute_at, 'YYYY-MM-DD HH24:MI') || ' UTC, is '
        || datediff('minute', minute_at, current_timestamp()::timestamp_ntz)
        || ' minutes old; it should be at most ' || %(max_age_minutes)s as sample_key,
    datediff('minute', minute_at, current_timestamp()::timestamp_ntz)
        > %(max_age_minutes)s as is_offending
from (
    select max(minute_at) as minute_at from gold.network_activity_minute
    where network = %(network)s
)
where minute_at is not null
