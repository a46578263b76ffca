-- ops: how far each stream has come, what each transaction committed, what was set aside.

-- ops.streams: one row a stream. Whoever opens a stream for a new network updates the row first,
-- so that two runs can't open it twice: Snowflake enforces no keys.
create table if not exists ops.streams (
    stream string not null,
    opened_at timestamp_ntz
);

-- ops.cdc_watermarks: one row a (stream, network). Bronze stands at a position of the ledger;
-- silver and gold at the last batch that they consumed of the layer before.
create table if not exists ops.cdc_watermarks (
    stream string not null,
    network string not null,
    migration_id number(38, 0) not null,
    record_time timestamp_ntz not null,
    consumed_batch_id number(38, 0) not null,
    batch_id number(38, 0) not null,
    synchronizer_id string,
    run_id string,
    updated_at timestamp_ntz default current_timestamp()
);

-- ops.batches: one row a committed transaction. Key (layer, network, batch_id), numbered from 1.
-- Bronze holds updates in the window (after, upto] of positions, silver and gold the batches
-- (after_batch_id, upto_batch_id] of the layer before. What is loaded is decided here, not by
-- Snowflake's load history, which forgets after 64 days.
create table if not exists ops.batches (
    layer string not null,
    network string not null,
    batch_id number(38, 0) not null,
    kind string not null,                       -- live, backfill, replay
    after_migration_id number(38, 0),
    after_record_time timestamp_ntz,
    upto_migration_id number(38, 0),
    upto_record_time timestamp_ntz,
    after_batch_id number(38, 0),
    upto_batch_id number(38, 0),
    object_keys array,                          -- bronze: the objects loaded
    update_count number(38, 0) not null,
    row_count number(38, 0) not null,
    counts variant,                             -- silver: updates by kind
    run_id string,
    committed_at timestamp_ntz default current_timestamp()
);

-- ops.quarantine: one row for each thing set aside. A refused page has no object_key: it was never
-- landed. A released page has a revision_key: that object is loaded in place of object_key, and
-- line_count = kept_count + the lines at quarantine_key.
create table if not exists ops.quarantine (
    network string not null,
    object_key string,
    revision_key string,
    quarantine_key string not null,
    line_count number(38, 0),
    kept_count number(38, 0),
    reason string not null,
    source_url string,
    run_id string,
    created_at timestamp_ntz default current_timestamp()
);

-- ops.usd_rates: the configured USD for 1 CC, in force from effective_at on. Rows are only added.
create table if not exists ops.usd_rates (
    effective_at timestamp_ntz not null,
    usd_rate number(18, 8) not null,
    run_id string,
    created_at timestamp_ntz default current_timestamp()
);

insert into ops.streams (stream)
select s.stream
from (values ('bronze_canton_transactions'), ('silver_canton_transactions'), ('gold_account_activity_minute')) s (stream)
where not exists (select 1 from ops.streams);
