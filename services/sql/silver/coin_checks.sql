-- silver.coin_checks: one row per update and account of the batch: what movements say beside what
-- contracts say; and one without account per update with unknown coins. After canton_transactions
-- and coins. Of silver.coins only what ends in the batch is joined, so memory follows the batch and
-- not the history. Runs again safely: the updates' rows are deleted first.
insert into silver.coin_checks (
    network, update_id, account, rows_cc, contracts_cc, unknown_count, record_time, batch_id
)
with archived as (
    select u.update_id, u.record_time, c.value:contract_id::string as contract_id
    from silver.canton_updates u, lateral flatten(input => u.coin_changes) c
    where u.network = %(network)s
        and u.batch_id = %(batch_id)s
        and c.value:change::string = 'archived'
),
known as (
    select contract_id, owner, amount_cc, is_ours
    from silver.coins
    where network = %(network)s and contract_id in (select contract_id from archived)
),
ended as (
    select a.update_id, a.record_time, k.owner, k.amount_cc, coalesce(k.is_ours, true) as is_ours
    from archived a left join known k on k.contract_id = a.contract_id
),
made as (
    select update_id, record_time, owner, amount_cc
    from silver.coins
    where network = %(network)s and batch_id = %(batch_id)s and is_ours
),
unknown as (
    select update_id, max(record_time) as record_time, count(*) as unknown_count
    from (
        select update_id, record_time from ended where is_ours and amount_cc is null
        union all
        select update_id, record_time from made where amount_cc is null
    )
    group by update_id
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
    select update_id, record_time, owner, 0, amount_cc from made where amount_cc is not null
    union all
    select update_id, record_time, owner, 0, -amount_cc
    from ended
    where is_ours and amount_cc is not null
    union all
    select update_id, record_time, null, 0, 0 from unknown
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
