-- silver.canton_updates: one row an update of bronze batches (after, upto], with what the movement
-- rules find in it. Of an update that stands in two batches, the later one counts. Runs again
-- safely: the updates' rows are deleted first.
insert into silver.canton_updates (
    network, update_id, migration_id, record_time, effective_at, synchronizer_id, update_kind,
    is_known, amulet_price_usd, amulet_price_at, movements, coin_changes, rules_version,
    batch_id
)
select
    network,
    update_id,
    migration_id,
    record_time,
    effective_at,
    synchronizer_id,
    movements[0]:update_kind::string,
    movements[0]:is_known::boolean,
    movements[0]:amulet_price_usd::number(38, 10),
    movements[0]:amulet_price_at::timestamp_ntz,
    movements,
    coin_changes,
    movements[0]:rules_version::number(38, 0),
    %(batch_id)s
from (
    select
        network,
        source_event_id as update_id,
        coalesce(raw_payload:migration_id, raw_payload:event:migration_id)::number(38, 0) as migration_id,
        raw_payload:record_time::timestamp_ntz as record_time,
        raw_payload:effective_at::timestamp_ntz as effective_at,
        raw_payload:synchronizer_id::string as synchronizer_id,
        {{cc_movements}}(raw_payload) as movements,
        {{coin_changes}}(raw_payload) as coin_changes
    from bronze.canton_transactions_raw
    where network = %(network)s
        and batch_id > %(after_batch_id)s
        and batch_id <= %(upto_batch_id)s
        and (source_event_id, batch_id) in (
            select source_event_id, max(batch_id)
            from bronze.canton_transactions_raw
            where network = %(network)s
                and batch_id > %(after_batch_id)s
                and batch_id <= %(upto_batch_id)s
            group by source_event_id
        )
)
