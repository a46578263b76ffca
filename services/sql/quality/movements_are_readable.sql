-- A row per update of a silver batch, with the first of its problems.
select
    'update ' || u.update_id || ', '
        || min('event ' || coalesce(p.event_id, '-') || ': ' || p.problem) as sample_key,
    count(p.problem) > 0 as is_offending
from silver.canton_updates u left join silver.canton_problems p
    on p.network = u.network and p.batch_id = u.batch_id and p.update_id = u.update_id
where u.network = %(network)s and u.batch_id = %(batch_id)s
group by u.update_id
