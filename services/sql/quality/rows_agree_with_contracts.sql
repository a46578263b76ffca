-- A row per update of a silver batch whose coins are all known, with the first account that differs.
select
    'update ' || update_id || ', ' || min(iff(
        rows_cc <> contracts_cc,
        account || ': rows say ' || rows_cc || ' CC, contracts ' || contracts_cc,
        null
    )) as sample_key,
    count(iff(rows_cc <> contracts_cc, 1, null)) > 0 as is_offending
from silver.coin_checks
where network = %(network)s and batch_id = %(batch_id)s and unknown_count = 0
group by update_id
