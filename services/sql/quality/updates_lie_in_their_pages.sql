-- A row per update of a silver batch. A page's bounds are times, and those of two migrations may
-- overlap: the lower one holds for the migration that the page's key names, the upper one for its last.
select
    'update ' || u.update_id || ' of ' || to_char(u.record_time, 'YYYY-MM-DD HH24:MI:SS.FF6')
        || ' is in the page after ' || to_char(r.cdc_from_ts, 'YYYY-MM-DD HH24:MI:SS.FF6')
        || ', up to ' || to_char(r.cdc_to_ts, 'YYYY-MM-DD HH24:MI:SS.FF6') as sample_key,
    iff(
        try_to_number(split_part(split_part(r.s3_object_key, '/', 4), '=', 2)) = u.migration_id,
        u.record_time <= r.cdc_from_ts,
        false
    ) or iff(
        u.migration_id = max(u.migration_id) over (partition by r.s3_object_key),
        u.record_time > r.cdc_to_ts,
        false
    ) as is_offending
from silver.canton_updates u
join bronze.canton_transactions_raw r
    on r.network = u.network and r.source_event_id = u.update_id
where u.network = %(network)s
    and u.batch_id = %(batch_id)s
    and r.batch_id > %(after_batch_id)s
    and r.batch_id <= %(upto_batch_id)s
