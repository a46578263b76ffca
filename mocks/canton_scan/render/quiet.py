"""Updates that move no coin: which renderer writes which."""

from collections.abc import Callable

from mocks.canton_scan.plan import Quiet, Renewal
from mocks.canton_scan.render import (
    foreign,
    governance,
    licenses,
    mining_rounds,
    rewards,
    unfamiliar,
)
from mocks.canton_scan.tree import Action
from mocks.canton_scan.update import Update

QUIET_ROOTS: dict[Quiet, Callable[[Update], Action]] = {
    Quiet.CONFIRMATION_EXPIRED: governance.expire_confirmation,
    Quiet.ACTION_CONFIRMED: governance.confirm_action,
    Quiet.COUPON_RECEIVED: rewards.receive_coupons,
    Quiet.MARKERS_CREATED: rewards.create_markers,
    Quiet.MARKERS_CONVERTED: rewards.convert_markers,
    Quiet.HUGE: rewards.convert_very_many_markers,
    Quiet.REWARDS_EXPIRED: rewards.expire_coupons,
    Quiet.ROUND_OPENED: mining_rounds.open_round,
    Quiet.ROUND_CLOSED: mining_rounds.close_round,
    Quiet.ROUND_ISSUING: mining_rounds.start_issuing,
    Quiet.UNFAMILIAR: unfamiliar.novelty,
    Quiet.FOREIGN_HOLDINGS: unfamiliar.foreign_holdings,
    Quiet.FOREIGN_COIN: foreign.foreign_coin,
}
RENEWALS: dict[Quiet, Callable[[Renewal, Update], Action]] = {
    Quiet.LIVENESS_RECORDED: licenses.record_liveness,
    Quiet.ACTIVITY_REPORTED: licenses.report_active,
    Quiet.LICENSE_UPDATED: licenses.update_metadata,
    Quiet.NODE_CONFIGURED: governance.configure_node,
    Quiet.STATUS_REPORTED: governance.report_status,
}
