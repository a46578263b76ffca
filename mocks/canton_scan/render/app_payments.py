"""Payments to apps: the DSO sees neither the request nor the app, only the coin that moves.

So a lock is an AmuletRules_Transfer to oneself, and collecting it are two roots: the lock is
opened, then the app is paid. Or the owner takes the coin back once the lock has expired.
"""

from mocks.canton_scan.plan import Answer, Promise
from mocks.canton_scan.render.locks import take_back, unlock
from mocks.canton_scan.render.transfers import rules_transfer
from mocks.canton_scan.tree import Action
from mocks.canton_scan.update import Update

_TEN_MINUTES = 600


def locked_for_app(plan: Promise, update: Update) -> tuple[Action, ...]:
    """The sender's own coin, held by sender, app and its provider."""
    lock = {
        "holders": sorted({plan.sender, plan.receiver}),
        "expiresAt": update.later(_TEN_MINUTES),
        "optContext": "accepted app payment",
    }
    return (rules_transfer(plan.locking, update, lock),)


def answered_app_payment(plan: Answer, update: Update) -> tuple[Action, ...]:
    """Collected, or taken back."""
    if plan.paying is None:
        return (take_back(plan.promise, plan.generation, update),)
    opened = unlock(plan.promise, plan.generation, update)
    return opened, rules_transfer(plan.paying, update)
