-- A row per update of a silver batch in which the network's DSO party had coin, all of it known.
select
    'update ' || c.update_id || ': the DSO party keeps ' || c.contracts_cc || ' CC' as sample_key,
    c.contracts_cc <> 0 as is_offending
from silver.coin_checks c
join silver.canton_updates u on u.network = c.network and u.update_id = c.update_id
where c.network = %(network)s
    and c.batch_id = %(batch_id)s
    and c.unknown_count = 0
    and c.account = 'DSO::' || split_part(u.synchronizer_id, '::', -1)
