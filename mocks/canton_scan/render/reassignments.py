"""Reassignments: a contract changes its synchronizer. Announced, and rare; shape from the spec."""

from mocks.canton_scan import wire
from mocks.canton_scan.templates import FEATURED_APP_RIGHT
from mocks.canton_scan.tree import Create, created_event
from mocks.canton_scan.update import Update


def reassignment(update: Update) -> wire.Reassignment:
    """An unassignment to another synchronizer, or an assignment from there."""
    seed, home = update.network.seed, update.network.synchronizer_id
    other = f"mock-domain::1220{seed.hex('other synchronizer', 64)}"
    submitter = update.network.accounts.account(update.draws)
    event: wire.Assignment | wire.Unassignment
    if update.draws.one_in(2):
        event = _assignment(update, submitter, other)
    else:
        event = wire.Unassignment(
            submitter=submitter,
            source_synchronizer=home,
            migration_id=update.moment.migration_id,
            target_synchronizer=other,
            unassign_id=_unassign_id(update),
            reassignment_counter=1,
            contract_id=update.contract("reassigned"),
        )
    offset = f"{update.moment.index:018x}"
    return wire.Reassignment(update.update_id, offset, update.record_time, event)


def _assignment(update: Update, submitter: str, other: str) -> wire.Assignment:
    dso = update.network.dso
    right = {"dso": dso, "provider": submitter}
    created = Create(FEATURED_APP_RIGHT, update.contract("reassigned"), right, [dso], [submitter])
    return wire.Assignment(
        submitter=submitter,
        source_synchronizer=other,
        target_synchronizer=update.network.synchronizer_id,
        migration_id=update.moment.migration_id,
        unassign_id=_unassign_id(update),
        created_event=created_event(
            update, created, f"{update.update_id}:0", update.generation.value
        ),
        reassignment_counter=1,
    )


def _unassign_id(update: Update) -> str:
    return update.network.seed.hex(f"unassign {update.moment.index}", 32)
