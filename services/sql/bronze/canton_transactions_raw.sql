-- bronze.canton_transactions_raw: loads the objects of one batch. Part of a transaction; the load
-- history that makes COPY skip a file rolls back with it.
copy into bronze.canton_transactions_raw (
    source_system, source_api_url, source_event_id, cdc_from_ts, cdc_to_ts, s3_object_key,
    raw_payload, ingest_run_id, batch_id, network
)
from (
    select
        'canton-scan',
        case metadata$filename {{source_urls}} end,
        $1:update_id::string,
        case metadata$filename {{afters}} end::timestamp_ntz,
        case metadata$filename {{uptos}} end::timestamp_ntz,
        metadata$filename,
        $1,
        %(run_id)s,
        %(batch_id)s,
        %(network)s
    from @bronze.landing/
)
files = ({{files}})
file_format = (type = json compression = gzip)
