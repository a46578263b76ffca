-- A row per hour that a gold batch added to and that is over, where the same hour of one of the seven
-- days before is known in full, and 100 updates make a volume.
with hours as (
    select
        date_trunc('hour', minute_at) as hour_at,
        sum(update_count) as update_count,
        max(batch_id) as batch_id
    from gold.network_activity_minute
    where network = %(network)s and batch_id <= %(batch_id)s
    group by 1
),
compared as (
    select
        h.hour_at,
        max(h.update_count) as update_count,
        sum(e.update_count) as earlier_count,
        count(*) as day_count,
        listagg(to_char(e.hour_at, 'YYYY-MM-DD') || ': ' || e.update_count, ', ')
            within group (order by e.hour_at desc) as days
    from hours h join hours e
        on e.hour_at < h.hour_at
        and e.hour_at >= dateadd('day', -7, h.hour_at)
        and date_part('hour', e.hour_at) = date_part('hour', h.hour_at)
    where h.batch_id = %(batch_id)s
        and h.hour_at < (select max(hour_at) from hours)
        and e.hour_at > (select min(hour_at) from hours)
    group by h.hour_at
)
select
    'hour ' || to_char(hour_at, 'YYYY-MM-DD HH24:MI') || ' UTC: ' || update_count
        || ' updates; the same hour of ' || days as sample_key,
    3 * update_count * day_count < earlier_count
        or update_count * day_count > 3 * earlier_count as is_offending
from compared
where update_count >= 100 or earlier_count >= 100 * day_count
