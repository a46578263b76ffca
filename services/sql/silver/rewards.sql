-- silver.rewards: one row per right to a reward. From the updates of the batch that were just built.
-- Runs again safely: the updates' rows are deleted first.
insert into silver.rewards (
    network, contract_id, quantity, rate, round_number, is_ours, update_id, record_time, batch_id
)
select
    u.network,
    c.value:contract_id::string,
    c.value:quantity::number(38, 10),
    c.value:rate::string,
    c.value:round_number::number(38, 0),
    c.value:is_ours::boolean,
    u.update_id,
    u.record_time,
    u.batch_id
from silver.canton_updates u, lateral flatten(input => u.coin_changes) c
where u.network = %(network)s
    and u.batch_id = %(batch_id)s
    and c.value:change::string = 'granted'
