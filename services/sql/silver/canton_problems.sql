-- silver.canton_problems: one row per event that moved coin in a way the rules can't book. From the
-- updates of the batch that were just built. Runs again safely: the updates' rows are deleted first.
insert into silver.canton_problems (
    network, update_id, event_id, problem, record_time, rules_version, batch_id
)
select
    u.network,
    u.update_id,
    m.value:event_id::string,
    m.value:problem::string,
    u.record_time,
    u.rules_version,
    u.batch_id
from silver.canton_updates u, lateral flatten(input => u.movements) m
where u.network = %(network)s
    and u.batch_id = %(batch_id)s
    and m.value:problem::string is not null
