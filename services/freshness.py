"""The service level: how old the newest update of each layer is, whether batches come or not."""

from services.adapters.snowflake import Warehouse
from services.quality import Finding, warnings_of
from services.quality_results import Evaluated, evaluate, record
from services.quality_rules import FRESHNESS_RULES, rules_of
from services.watermarks import BRONZE, GOLD, SILVER, read_watermarks

_STREAMS = {"bronze": BRONZE, "silver": SILVER, "gold": GOLD}


def check_freshness(warehouse: Warehouse, max_age_minutes: int, run_id: str) -> tuple[Finding, ...]:
    """Evaluate how fresh each layer of each network is, record it, and return what warns.

    Args:
        warehouse: Where the layers are.
        max_age_minutes: How old the newest update may be, by the warehouse's clock.
        run_id: Written beside the results.
    """
    findings: list[Finding] = []
    with warehouse.session() as session:
        for layer, stream in _STREAMS.items():
            for network, watermark in sorted(read_watermarks(session, stream).items()):
                values = {"network": network, "max_age_minutes": max_age_minutes}
                found = evaluate(session, rules_of(layer, FRESHNESS_RULES), values)
                record(session, Evaluated(network, layer, watermark.batch_id, run_id), found)
                findings += found
    return warnings_of(findings)
