-- A row per update of a silver batch that mints coin, but for what the DSO mints alone.
select 'update ' || minted.update_id as sample_key, used.update_id is null as is_offending
from (
    select distinct t.update_id
    from silver.canton_transactions t
    join silver.canton_updates u on u.network = t.network and u.update_id = t.update_id
    where t.network = %(network)s
        and t.batch_id = %(batch_id)s
        and t.movement_kind = 'mint'
        and not endswith(u.update_kind, '/AmuletRules_Mint')
) minted left join (
    select distinct u.update_id
    from silver.canton_updates u, lateral flatten(input => u.coin_changes) c
    where u.network = %(network)s
        and u.batch_id = %(batch_id)s
        and c.value:change::string = 'used'
) used on used.update_id = minted.update_id
