-- A row per minute that a gold batch built: silver's updates, and the sums over accounts.
with minutes as (
    select minute_at, update_count, transferred_cc, minted_cc, burned_cc
    from gold.network_activity_minute
    where network = %(network)s and batch_id = %(batch_id)s
),
updates as (
    select {{nearest_minute}} as minute_at, count(*) as update_count
    from silver.canton_updates
    where network = %(network)s and {{nearest_minute}} in (select minute_at from minutes)
    group by 1
),
accounts as (
    select
        minute_at,
        sum(received_cc) as transferred_cc,
        sum(minted_cc) as minted_cc,
        sum(burned_cc) as burned_cc
    from gold.account_activity_minute
    where network = %(network)s and minute_at in (select minute_at from minutes)
    group by minute_at
)
select
    'minute ' || to_char(m.minute_at, 'YYYY-MM-DD HH24:MI') as sample_key,
    m.update_count <> coalesce(u.update_count, 0)
        or m.transferred_cc <> coalesce(a.transferred_cc, 0)
        or m.minted_cc <> coalesce(a.minted_cc, 0)
        or m.burned_cc <> coalesce(a.burned_cc, 0) as is_offending
from minutes m
left join updates u on u.minute_at = m.minute_at
left join accounts a on a.minute_at = m.minute_at
