-- silver.canton_updates.amulet_price_at: when amulet_price_usd starts to hold, UTC: a new round's
-- price does when the round opens. NULL: at record_time.
alter table silver.canton_updates add column if not exists amulet_price_at timestamp_ntz;

-- silver.canton_problems: one row per event whose movements can't be read, don't add up, or are of
-- a kind that no rule knows. Key (network, update_id, event_id). Nothing is booked for it.
create table if not exists silver.canton_problems (
    network string not null,
    update_id string not null,
    event_id string,                            -- NULL: the update as a whole
    problem string not null,
    record_time timestamp_ntz not null,         -- UTC, microseconds
    rules_version number(38, 0) not null,
    batch_id number(38, 0) not null
);
