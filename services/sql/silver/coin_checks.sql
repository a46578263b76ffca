-- silver.coin_checks: one row per update and account of the batch: what movements say beside what
-- contracts say. After canton_transactions and coins. Runs again safely: the updates' rows are
-- deleted first.
insert into silver.coin_checks (
    network, update_id, account, rows_cc, contracts_cc, unknown_count, record_time, batch_id
)
with ended as (
    select u.update_id, u.record_time, k.owner, k.amount_cc, k.is_ours
    from silver.canton_updates u
    cross join lateral flatten(input => u.coin_changes) c
    left join silver.coins k on k.network = u.network and k.contract_id = c.value:contract_id::string
    where u.network = %(network)s
        and u.batch_id = %(batch_id)s
        and c.value:change::string = 'archived'
),
unknown as (
    select update_id, count(*) as unknown_count from ended where amount_cc is null group by update_id
),
parts as (
    select
        update_id,
        record_time,
        account,
        iff(direction = 'received', amount_cc, -amount_cc) as rows_cc,
        0 as contracts_cc
    from silver.canton_transactions
    where network = %(network)s and batch_id = %(batch_id)s and direction in ('sent', 'received')
    union all
    select update_id, record_time, owner, 0, amount_cc
    from silver.coins
    where network = %(network)s and batch_id = %(batch_id)s and is_ours and amount_cc is not null
    union all
    select update_id, record_time, owner, 0, -amount_cc
    from ended
    where is_ours and amount_cc is not null
)
select
    %(network)s,
    p.update_id,
    p.account,
    sum(p.rows_cc),
    sum(p.contracts_cc),
    coalesce(max(n.unknown_count), 0),
    max(p.record_time),
    %(batch_id)s
from parts p left join unknown n on n.update_id = p.update_id
group by p.update_id, p.account
