-- A row for a bronze batch: the rows that it holds, and the lines that its pages had.
select
    'the batch holds ' || r.row_count || ' rows of ' || b.row_count || ' lines' as sample_key,
    r.row_count <> b.row_count as is_offending
from ops.batches b, (
    select count(*) as row_count from bronze.canton_transactions_raw
    where network = %(network)s and batch_id = %(batch_id)s
) r
where b.layer = 'bronze' and b.network = %(network)s and b.batch_id = %(batch_id)s
