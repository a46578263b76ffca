-- A row per coin that a silver batch creates.
select 'coin ' || contract_id || ' of update ' || update_id as sample_key, not is_ours as is_offending
from silver.coins
where network = %(network)s and batch_id = %(batch_id)s
