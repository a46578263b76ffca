-- ops.quarantine: a landed page that a rule stops has a row as well, without a revision_key. rule: the
-- rules that its lines break. NULL: COPY refused the line, or the page was never landed.
alter table ops.quarantine add column if not exists rule string;

-- ops.quarantine_acts: one row per act of a person on what stands in quarantine. Rows are only added.
-- A page (object_key) that was never landed has none.
create table if not exists ops.quarantine_acts (
    network string not null,
    object_key string,
    quarantine_key string not null,
    act string not null,                        -- release, discard
    reason string,                              -- of a discard
    updates array,                              -- those set aside: update_id, position
    acted_by string not null,
    acted_at timestamp_ntz default current_timestamp()
);
