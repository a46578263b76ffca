-- A row per update of a silver batch that holds payments.
select
    'update ' || update_id || ': ' || sent || ' CC sent, ' || received || ' received' as sample_key,
    sent <> received as is_offending
from (
    select
        update_id,
        sum(iff(direction = 'sent', amount_cc, 0)::number(38, 10)) as sent,
        sum(iff(direction = 'received', amount_cc, 0)::number(38, 10)) as received
    from silver.canton_transactions
    where network = %(network)s and batch_id = %(batch_id)s and movement_kind = 'transfer'
    group by update_id
)
