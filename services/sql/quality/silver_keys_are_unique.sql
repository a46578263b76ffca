-- A row per key of a silver batch's tables: Snowflake enforces none.
select
    'update ' || update_id || ', event ' || event_id || ', leg ' || leg as sample_key,
    count(*) > 1 as is_offending
from silver.canton_transactions
where network = %(network)s and batch_id = %(batch_id)s
group by update_id, event_id, leg
union all
select 'update ' || update_id, count(*) > 1
from silver.canton_updates
where network = %(network)s and batch_id = %(batch_id)s
group by update_id
