-- silver.rewards: one row per right to a reward ever created: coupons, and records of activity. Key
-- (network, contract_id). A transfer that uses it up mints quantity CC, or quantity shares.
create table if not exists silver.rewards (
    network string not null,
    contract_id string not null,
    quantity number(38, 10),                    -- CC or shares. NULL: can't be read
    rate string,                                -- what a share is worth. NULL: quantity is CC
    round_number number(38, 0),                 -- the round whose rate holds
    is_ours boolean not null,                   -- false: of somebody else's DSO party
    update_id string not null,                  -- of the update that creates it
    record_time timestamp_ntz not null,         -- UTC, microseconds
    batch_id number(38, 0) not null
);

-- silver.reward_rates: one row per issuing round and rate, as the network's IssuingMiningRound has
-- them. Key (network, round_number, rate).
create table if not exists silver.reward_rates (
    network string not null,
    round_number number(38, 0) not null,
    rate string not null,                       -- the field of the contract
    share_cc number(38, 10),                    -- CC for a share. NULL: none, or can't be read
    update_id string not null,
    record_time timestamp_ntz not null,         -- UTC, microseconds
    batch_id number(38, 0) not null
);
