-- A row per update of a silver batch.
select 'update ' || update_id || ': ' || update_kind as sample_key, not is_known as is_offending
from silver.canton_updates
where network = %(network)s and batch_id = %(batch_id)s
