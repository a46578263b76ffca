-- A row per movement and side of a silver batch. All of the network's coin is less than 10^12 CC.
select
    'update ' || update_id || ': ' || movement_kind || ' of ' || amount_cc || ' CC' as sample_key,
    iff(
        movement_kind = 'abort',
        amount_cc <> 0,
        amount_cc <= 0 or amount_cc >= 1000000000000
    ) as is_offending
from silver.canton_transactions
where network = %(network)s and batch_id = %(batch_id)s
