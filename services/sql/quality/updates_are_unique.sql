-- A row per update of a bronze batch. Only pages that overlap the batch's can hold it as well.
with batch as (
    select min(cdc_from_ts) as after_at, max(cdc_to_ts) as upto_at
    from bronze.canton_transactions_raw
    where network = %(network)s and batch_id = %(batch_id)s
)
select
    'update ' || source_event_id || ' stands there ' || count(*) || ' times' as sample_key,
    count(*) > 1 as is_offending
from bronze.canton_transactions_raw
where network = %(network)s
    and batch_id <= %(batch_id)s
    and cdc_to_ts > (select after_at from batch)
    and cdc_from_ts < (select upto_at from batch)
group by source_event_id
having max(batch_id) = %(batch_id)s
