-- bronze.canton_transactions_raw: one row an update, exactly as the Scan sent it. Key (network,
-- source_event_id). cdc_from_ts (exclusive) and cdc_to_ts bound the page that brought it, UTC.
create table if not exists bronze.canton_transactions_raw (
    bronze_record_id string default uuid_string(),
    source_system string,
    source_api_url string,
    source_event_id string,                     -- update_id
    cdc_from_ts timestamp_ntz,
    cdc_to_ts timestamp_ntz,
    s3_object_key string,
    raw_payload variant,
    ingest_run_id string,
    created_at timestamp_ntz default current_timestamp(),
    updated_at timestamp_ntz default current_timestamp(),
    batch_id number(38, 0),
    network string
);
