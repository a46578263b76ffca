-- A row per update of a silver batch that says a price, in USD for 1 CC.
select
    'update ' || update_id || ' says ' || amulet_price_usd || ' USD' as sample_key,
    amulet_price_usd < 0.001 or amulet_price_usd > 100 as is_offending
from silver.canton_updates
where network = %(network)s and batch_id = %(batch_id)s and amulet_price_usd is not null
