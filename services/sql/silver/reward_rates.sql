-- silver.reward_rates: one row per issuing round and rate. From the updates of the batch that were
-- just built. Runs again safely: the updates' rows are deleted first.
insert into silver.reward_rates (
    network, round_number, rate, share_cc, update_id, record_time, batch_id
)
select
    u.network,
    c.value:round_number::number(38, 0),
    c.value:rate::string,
    c.value:quantity::number(38, 10),
    u.update_id,
    u.record_time,
    u.batch_id
from silver.canton_updates u, lateral flatten(input => u.coin_changes) c
where u.network = %(network)s
    and u.batch_id = %(batch_id)s
    and c.value:change::string = 'issued'
    and c.value:is_ours::boolean
    and c.value:round_number::number(38, 0) is not null  -- a JSON null is not NULL
