-- silver.canton_updates: one row an update, whatever it was about. Key (network, update_id).
-- movements holds what the movement rules found, one element a movement and side of it.
create table if not exists silver.canton_updates (
    network string not null,
    update_id string not null,
    migration_id number(38, 0) not null,
    record_time timestamp_ntz not null,         -- UTC, microseconds
    effective_at timestamp_ntz,                 -- ledger time, UTC; none for a reassignment
    synchronizer_id string,
    update_kind string not null,                -- template and choice of its first root
    is_known boolean not null,
    amulet_price_usd number(38, 10),            -- USD for 1 CC as this update says it
    movements array not null,
    rules_version number(38, 0) not null,
    batch_id number(38, 0) not null
);

-- silver.canton_transactions: one row per movement and side. Key (network, update_id, event_id, leg).
create table if not exists silver.canton_transactions (
    network string not null,
    update_id string not null,
    event_id string not null,
    leg number(38, 0) not null,                 -- ordinal within the event
    account string,
    direction string not null,                  -- sent, received, none
    movement_kind string not null,              -- transfer, mint, devnet_tap, burn, abort
    counterparty string,
    amount_cc number(38, 10) not null,
    amulet_price_usd number(38, 10),
    record_time timestamp_ntz not null,         -- UTC, microseconds
    effective_at timestamp_ntz,
    migration_id number(38, 0) not null,
    synchronizer_id string,
    rules_version number(38, 0) not null,
    batch_id number(38, 0) not null
);
