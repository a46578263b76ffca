-- gold.account_activity_minute: one row per (network, minute, account). minute_at is record_time
-- rolled to the nearest minute, :30.000000 up, UTC. Rows of accounts do not add up to the network's
-- volume: both sides of a payment count.
create table if not exists gold.account_activity_minute (
    network string not null,
    minute_at timestamp_ntz not null,
    account string not null,
    transaction_count number(38, 0) not null,   -- distinct updates, aborts apart
    aborted_count number(38, 0) not null,
    sent_cc number(38, 10) not null,            -- transfers
    received_cc number(38, 10) not null,        -- transfers
    minted_cc number(38, 10) not null,          -- mints and DevNet taps
    burned_cc number(38, 10) not null,
    net_cc number(38, 10) not null,             -- received + minted - sent - burned
    total_cc number(38, 10) not null,           -- received + minted + sent + burned
    usd_rate number(18, 8) not null,            -- the configured rate in force at the minute
    usd_value number(38, 10) not null,          -- total_cc * usd_rate, half away from zero
    ledger_price_usd number(38, 10),            -- the last price on the ledger up to the minute
    batch_id number(38, 0) not null
);

-- gold.network_activity_minute: one row per (network, minute). Each payment counts once.
create table if not exists gold.network_activity_minute (
    network string not null,
    minute_at timestamp_ntz not null,
    update_count number(38, 0) not null,        -- all updates, moving coin or not
    transaction_count number(38, 0) not null,   -- distinct updates that moved coin
    aborted_count number(38, 0) not null,
    account_count number(38, 0) not null,
    transferred_cc number(38, 10) not null,
    minted_cc number(38, 10) not null,
    burned_cc number(38, 10) not null,
    usd_rate number(18, 8) not null,
    usd_value number(38, 10) not null,          -- (transferred + minted + burned) * usd_rate
    ledger_price_usd number(38, 10),
    batch_id number(38, 0) not null
);
