-- A row per page of a bronze batch, in the order of migrations and times. The first one begins where
-- the live batch before ended. A batch with pages whose lines were all released is not judged.
with pages as (
    select
        s3_object_key,
        min(cdc_from_ts) as after_at,
        lag(max(cdc_to_ts)) over (
            order by try_to_number(split_part(split_part(s3_object_key, '/', 4), '=', 2)),
                min(cdc_from_ts)
        ) as ended_at
    from bronze.canton_transactions_raw
    where network = %(network)s and batch_id = %(batch_id)s
    group by s3_object_key
),
live as (
    select max_by(upto_record_time, batch_id) as ended_at
    from ops.batches
    where layer = 'bronze'
        and network = %(network)s
        and batch_id < %(batch_id)s
        and kind = 'live'
),
chained as (
    select
        p.s3_object_key,
        p.after_at,
        coalesce(p.ended_at, iff(b.kind = 'live', l.ended_at, null), b.after_record_time)
            as ended_at
    from pages p, live l, ops.batches b
    where b.layer = 'bronze'
        and b.network = %(network)s
        and b.batch_id = %(batch_id)s
        and array_size(b.object_keys) = (select count(*) from pages)
)
select
    'page ' || s3_object_key || ' begins after '
        || to_char(after_at, 'YYYY-MM-DD HH24:MI:SS.FF6') || ', the one before ends at '
        || to_char(ended_at, 'YYYY-MM-DD HH24:MI:SS.FF6') as sample_key,
    after_at <> ended_at as is_offending
from chained
