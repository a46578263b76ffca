-- A row per update of a silver batch whose coins are all known: what all coins changed by, and what
-- was minted less what was burned.
select
    'update ' || c.update_id || ': rows say ' || coalesce(r.supply_cc, 0) || ' CC, contracts '
        || c.supply_cc as sample_key,
    coalesce(r.supply_cc, 0) <> c.supply_cc as is_offending
from (
    select update_id, sum(contracts_cc) as supply_cc
    from silver.coin_checks
    where network = %(network)s and batch_id = %(batch_id)s and unknown_count = 0
    group by update_id
) c left join (
    select
        update_id,
        sum(iff(movement_kind = 'burn', -amount_cc, amount_cc)) as supply_cc
    from silver.canton_transactions
    where network = %(network)s
        and batch_id = %(batch_id)s
        and movement_kind in ('mint', 'devnet_tap', 'burn')
    group by update_id
) r on r.update_id = c.update_id
