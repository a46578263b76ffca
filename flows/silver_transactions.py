"""Silver: which of bronze's new updates moved how much coin, by the movement rules.

python flows/silver_transactions.py
python flows/silver_transactions.py rebuild_from=1
"""

from prefect import flow
from pydantic import PositiveInt

from flows.alerts import tell_failure, tell_recovery
from flows.command_line import main
from flows.consume import consume
from services import silver
from services.layers import Built


@flow(name="canton-transactions-silver", on_failure=[tell_failure], on_completion=[tell_recovery])
async def silver_transactions_flow(rebuild_from: PositiveInt | None = None) -> list[Built]:
    """Consume the bronze batches committed since the last run.

    Args:
        rebuild_from: Consume again from this bronze batch on, say after a changed rule.
    """
    return consume(silver.LAYER, rebuild_from)


if __name__ == "__main__":
    main(silver_transactions_flow)
