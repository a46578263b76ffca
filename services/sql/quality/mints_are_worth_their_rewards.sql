-- A row per update of a silver batch that moves coin and uses up rights to rewards, all known: what
-- it mints, and what the rights are worth. Each one's worth is rounded to ten places, hence a unit of
-- the last one for each. A right is used within hours, or not at all: those of a week are looked up,
-- so that the history's length costs nothing.
with used as (
    select u.update_id, u.record_time, c.value:contract_id::string as contract_id
    from silver.canton_updates u, lateral flatten(input => u.coin_changes) c
    where u.network = %(network)s
        and u.batch_id = %(batch_id)s
        and c.value:change::string = 'used'
),
recent as (
    select dateadd('day', -7, min(record_time)) as since_at from used
),
granted as (
    select contract_id, quantity, rate, round_number, is_ours
    from silver.rewards
    where network = %(network)s
        and record_time >= (select since_at from recent)
        and contract_id in (select contract_id from used)
),
rates as (
    select round_number, rate, max(share_cc) as share_cc
    from silver.reward_rates
    where network = %(network)s and record_time >= (select since_at from recent)
    group by round_number, rate
),
worths as (
    select
        u.update_id,
        case
            when not g.is_ours then 0
            when g.rate is null then g.quantity
            else g.quantity * r.share_cc
        end as worth_cc
    from used u
    left join granted g on g.contract_id = u.contract_id
    left join rates r on r.round_number = g.round_number and r.rate = g.rate
),
known as (
    select update_id, count(*) as right_count, sum(worth_cc) as worth_cc
    from worths
    where update_id in (
        select update_id from silver.coin_checks
        where network = %(network)s and batch_id = %(batch_id)s
    )
    group by update_id
    having count(*) = count(worth_cc)
),
minted as (
    select update_id, sum(amount_cc) as minted_cc
    from silver.canton_transactions
    where network = %(network)s and batch_id = %(batch_id)s and movement_kind = 'mint'
    group by update_id
)
select
    'update ' || k.update_id || ': rows mint ' || coalesce(m.minted_cc, 0)
        || ' CC, rights are worth ' || k.worth_cc as sample_key,
    abs(coalesce(m.minted_cc, 0) - k.worth_cc) > k.right_count * 0.0000000001 as is_offending
from known k left join minted m on m.update_id = k.update_id
