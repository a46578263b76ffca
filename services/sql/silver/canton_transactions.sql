-- silver.canton_transactions: one row per movement and side. Key (network, update_id, event_id, leg).
-- From the updates of the batch that were just built. Runs again safely: the updates' rows are
-- deleted first, so that a rule that now yields fewer leaves nothing stale.
insert into silver.canton_transactions (
    network, update_id, event_id, leg, account, direction, movement_kind, counterparty, amount_cc,
    amulet_price_usd, record_time, effective_at, migration_id, synchronizer_id, rules_version,
    batch_id
)
select
    u.network,
    u.update_id,
    m.value:event_id::string,
    m.value:leg::number(38, 0),
    m.value:account::string,
    m.value:direction::string,
    m.value:movement_kind::string,
    m.value:counterparty::string,
    m.value:amount_cc::number(38, 10),
    u.amulet_price_usd,
    u.record_time,
    u.effective_at,
    u.migration_id,
    u.synchronizer_id,
    u.rules_version,
    u.batch_id
from silver.canton_updates u, lateral flatten(input => u.movements) m
where u.network = %(network)s
    and u.batch_id = %(batch_id)s
    and m.value:movement_kind::string is not null
