-- ops.quality_results: one row per evaluation of a quality rule. Key (network, layer, batch_id, rule,
-- run_id): a run that evaluates a batch again replaces its row. A batch with a broken error was not
-- committed; the next run evaluates the same batch_id. Kept: the last 1000 batches, 90 days.
create table if not exists ops.quality_results (
    network string not null,
    layer string not null,
    batch_id number(38, 0) not null,
    rule string not null,
    severity string not null,                   -- error, warn, trial
    threshold number(18, 8) not null,           -- the share that may offend, 0 to 1
    offenders number(38, 0) not null,
    total number(38, 0) not null,
    is_broken boolean not null,                 -- offenders / total > threshold
    sample_keys array,                          -- up to three offenders
    report string,                              -- what the rule reports of the batch in any case
    seconds number(18, 6) not null,
    run_id string,
    evaluated_at timestamp_ntz default current_timestamp()
);
