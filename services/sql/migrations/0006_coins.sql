-- silver.canton_updates.coin_changes: the coins that the update creates and archives, as their
-- contracts say. NULL in rows from before this column.
alter table silver.canton_updates add column if not exists coin_changes array;

-- silver.coins: one row per coin ever created, locked or not. Key (network, contract_id).
create table if not exists silver.coins (
    network string not null,
    contract_id string not null,
    owner string not null,
    amount_cc number(38, 10),                   -- NULL: can't be read
    is_ours boolean not null,                   -- false: of somebody else's DSO party
    update_id string not null,                  -- of the update that creates it
    record_time timestamp_ntz not null,         -- UTC, microseconds
    batch_id number(38, 0) not null
);

-- silver.coin_checks: one row per update and account whose coins or movements changed. Key (network,
-- update_id, account). Rows and contracts should agree; where a coin ends that was never seen
-- being created, unknown_count is above 0 and nothing is known.
create table if not exists silver.coin_checks (
    network string not null,
    update_id string not null,
    account string not null,
    rows_cc number(38, 10) not null,            -- received less sent, by silver.canton_transactions
    contracts_cc number(38, 10) not null,       -- created less archived, by contracts alone
    unknown_count number(38, 0) not null,       -- coins of the update that ended and are unknown
    record_time timestamp_ntz not null,
    batch_id number(38, 0) not null
);
