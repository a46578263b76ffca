select 'judged ' || judged || ' of ' || total || ' updates with coin'
    || iff(judged = total, '', '; the others have unknown coins') as report
from (
    select
        count(distinct update_id) as total,
        count(distinct iff(unknown_count = 0, update_id, null)) as judged
    from silver.coin_checks
    where network = %(network)s and batch_id = %(batch_id)s
)
where total > 0
