-- A row per account's minute that a gold batch built, or should have built.
with touched as (
    select minute_at from gold.network_activity_minute
    where network = %(network)s and batch_id = %(batch_id)s
),
gold as (
    select minute_at, account, net_cc, total_cc from gold.account_activity_minute
    where network = %(network)s and minute_at in (select minute_at from touched)
),
silver as (
    select
        {{nearest_minute}} as minute_at,
        account,
        sum(iff(direction = 'received', amount_cc, -amount_cc)) as net_cc,
        sum(amount_cc) as total_cc
    from silver.canton_transactions
    where network = %(network)s and {{nearest_minute}} in (select minute_at from touched)
    group by 1, 2
)
select
    'minute ' || to_char(coalesce(gold.minute_at, silver.minute_at), 'YYYY-MM-DD HH24:MI') || ', account '
        || coalesce(gold.account, silver.account) as sample_key,
    gold.net_cc is null
        or silver.net_cc is null
        or gold.net_cc <> silver.net_cc
        or gold.total_cc <> silver.total_cc as is_offending
from gold full outer join silver
    on gold.minute_at = silver.minute_at and gold.account = silver.account
