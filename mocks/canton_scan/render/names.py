"""Names of the Canton Name Service: coin is locked for the first payment or a renewal of it.

The DSO collects it, and what it gets is archived in the same update; or it rejects the name and
the lock is opened. Trees from the Daml sources (Splice.Ans, Splice.Wallet.Subscriptions).
"""

from mocks.canton_scan import templates, wire
from mocks.canton_scan.amounts import COIN, decimal_text
from mocks.canton_scan.clock import SECOND, Micros, ledger_time_text
from mocks.canton_scan.plan import Answer, Promise, Purpose
from mocks.canton_scan.render.coins import coin_summary, metadata, open_round_id, rules_id, spend
from mocks.canton_scan.render.governance import dso_rules_choice, execute_confirmed
from mocks.canton_scan.render.locks import LOCKED, UNLOCKED, unlock
from mocks.canton_scan.render.preapprovals import payment_context
from mocks.canton_scan.render.transfers import rules_transfer, transfer_inputs
from mocks.canton_scan.tree import Action, Create, Exercise, archive
from mocks.canton_scan.update import Update, contract_of

_PAYMENT = "payment"
_DAY = 86_400
LASTS: Micros = 90 * _DAY * SECOND  # so long a name is paid for


def locked_for_name(plan: Promise, update: Update) -> tuple[Action, ...]:
    """The wallet accepts the DSO's request, or pays for the next quarter."""
    is_first, sender, dso = plan.purpose is Purpose.NAME, plan.sender, update.network.dso
    node = update.network.accounts.account_but(sender, update.draws)
    lock = {"holders": [dso], "expiresAt": update.later(_DAY), "optContext": "subscription payment"}
    locked = rules_transfer(plan.locking, update, lock)
    payment = update.contract(_PAYMENT)
    terms = _subscription(sender, plan.index, dso)
    made = Create(
        templates.SUBSCRIPTION_FIRST_PAYMENT if is_first else templates.SUBSCRIPTION_PAYMENT,
        payment,
        {
            "subscriptionData": terms,
            "payData": _PAY_DATA,
            "targetAmount": decimal_text(plan.amount),
            "lockedAmulet": update.contract(LOCKED),
            "round": {"number": str(update.round.number)},
            "reference": update.network.contract(f"reference of {plan.index}"),
        },
        [dso, sender],
    )
    change = update.contract("change") if plan.locking.change else None
    choice = Exercise(
        templates.SUBSCRIPTION_REQUEST if is_first else templates.SUBSCRIPTION_IDLE,
        update.contract("request"),
        "SubscriptionRequest_AcceptAndMakePayment"
        if is_first
        else "SubscriptionIdleState_MakePayment",
        {
            "inputs": transfer_inputs(plan.locking, update),
            "context": payment_context(update),
            "walletProvider": node,
        },
        {"subscriptionPayment": payment, "senderChange": change},
        [sender, node],
        children=(locked, made),
        consuming=True,
    )
    return (choice,)


def answered_name(plan: Answer, update: Update) -> tuple[Action, ...]:
    """The DSO collects the payment and makes the entry, or rejects it."""
    sv = update.network.accounts.super_validator(update.draws)
    context = update.network.contract(f"entry context of {plan.promise.index}")
    if plan.promise.purpose is Purpose.RENEWAL:
        argument = {"ansEntryContextCid": context, "choiceArg": {}, "sv": sv}
        result = {
            "ansEntry": update.contract("entry"),
            "subscriptionState": update.contract("state"),
        }
        outer = dso_rules_choice(update, sv, "CollectEntryRenewalPayment", argument, result)
        return (outer.over(_collected(plan, update, context, "EntryRenewalPayment")),)
    tag, below = "ANSRARC_RejectEntryInitialPayment", _rejected
    if plan.paying:
        tag, below = "ANSRARC_CollectInitialEntryPayment", _bought
    value = {
        "ansEntryContextCid": context,
        "ansEntryContextAction": {"tag": tag, "value": {}},
    }
    outer = execute_confirmed(update, sv, {"tag": "ARC_AnsEntryContext", "value": value})
    return (outer.over(below(plan, update, context)),)


def _bought(plan: Answer, update: Update, context: str) -> Exercise:
    return _collected(plan, update, context, "InitialEntryPayment")


def _collected(plan: Answer, update: Update, context: str, payment: str) -> Exercise:
    """The choice on the entry's context, on the rules, and on the payment, one in the other."""
    user, dso = plan.promise.sender, update.network.dso
    paid_with = {
        "amuletRules": rules_id(update),
        "openMiningRound": open_round_id(update),
        "featuredAppRight": None,
    }
    payment_id = contract_of(update.network, plan.promise.index, _PAYMENT)
    result = {
        "entryCid": update.contract("entry"),
        "subscriptionStateCid": update.contract("state"),
    }
    on_rules = Exercise(
        templates.ANS_RULES,
        update.network.contract("AnsRules"),
        f"AnsRules_Collect{payment}",
        {
            "user": user,
            "entryContext": context,
            "paymentCid": payment_id,
            "transferContext": paid_with,
        },
        result,
        [dso, user],
        children=(
            _subscription_collected(plan, update, payment_id, paid_with),
            *spend(update, dso, [update.contract("output 0")]),
            *_entry(plan, update),
        ),
    )
    return Exercise(
        templates.ANS_ENTRY_CONTEXT,
        context,
        f"AnsEntryContext_Collect{payment}",
        {
            "paymentCid": payment_id,
            "transferContext": paid_with,
            "ansRulesCid": update.network.contract("AnsRules"),
        },
        result,
        [dso],
        children=(on_rules,),
    )


def _subscription_collected(
    plan: Answer, update: Update, payment_id: str, paid_with: wire.Json
) -> Exercise:
    promise, user, dso = plan.promise, plan.promise.sender, update.network.dso
    is_first = promise.purpose is Purpose.NAME
    idle, terms = update.contract("state"), _subscription(user, promise.index, dso)
    subscription = update.network.contract(f"subscription of {promise.index}")
    reference = update.network.contract(f"reference of {promise.index}")
    state = {
        "subscription": subscription,
        "subscriptionData": terms,
        "payData": _PAY_DATA,
        "nextPaymentDueAt": update.later(90 * _DAY),
        "reference": reference,
    }
    made: list[Action] = [Create(templates.SUBSCRIPTION_IDLE, idle, state, [dso, user])]
    result = {"subscriptionState": idle, "amulet": update.contract("output 0")}
    if is_first:
        kept = {"subscriptionData": terms, "reference": reference}
        made.insert(0, Create(templates.SUBSCRIPTION, subscription, kept, [dso, user]))
        result = {"subscription": subscription, **result}
    paying = plan.paying
    transferred = rules_transfer(paying, update) if paying else None
    steps = [unlock(promise, plan.generation, update), *([transferred] if transferred else [])]
    return Exercise(
        templates.SUBSCRIPTION_FIRST_PAYMENT if is_first else templates.SUBSCRIPTION_PAYMENT,
        payment_id,
        "SubscriptionInitialPayment_Collect" if is_first else "SubscriptionPayment_Collect",
        {"transferContext": paid_with},
        result,
        [dso, user],
        children=(*made, *steps),
        consuming=True,
    )


def _entry(plan: Answer, update: Update) -> tuple[Action, ...]:
    """The name itself; a renewal takes the place of the entry before."""
    user, dso = plan.promise.sender, update.network.dso
    entry = {
        "user": user,
        "dso": dso,
        "name": name_of(user, plan.promise.index),
        "url": "",
        "description": "",
        "expiresAt": ledger_time_text(update.ledger_time + LASTS),
    }
    made = Create(templates.ANS_ENTRY, update.contract("entry"), entry, [dso, user])
    if plan.promise.purpose is Purpose.NAME:
        return (made,)
    before = update.contract("entry before")
    return archive(templates.ANS_ENTRY, before, [dso, user]), made


def name_of(user: str, number: int) -> str:
    """The name that an account pays for with a promise: of its hint, and of the promise."""
    hint = user.partition("::")[0]
    return f"{hint.lower().replace('_', '-')}-{number}.unverified.cns"


def _rejected(plan: Answer, update: Update, context: str) -> Exercise:
    payment_id, dso = contract_of(update.network, plan.promise.index, _PAYMENT), update.network.dso
    opened: wire.Json = {"amuletSum": coin_summary(update, update.contract(UNLOCKED))}
    if not plan.generation.nests:
        opened = {"amuletCid": update.contract(UNLOCKED), "meta": metadata(tx_kind="unlock")}
    refused = Exercise(
        templates.SUBSCRIPTION_FIRST_PAYMENT,
        payment_id,
        "SubscriptionInitialPayment_Reject",
        {"transferContext": {}},
        opened,
        [dso],
        children=(unlock(plan.promise, plan.generation, update),),
        consuming=True,
    )
    named = {"paymentCid": payment_id, "transferContext": {}}
    rules = update.network.contract("AnsRules")
    on_rules = Exercise(
        templates.ANS_RULES,
        rules,
        "AnsRules_RejectEntryInitialPayment",
        named,
        opened,
        [dso],
        children=(refused,),
    )
    return Exercise(
        templates.ANS_ENTRY_CONTEXT,
        context,
        "AnsEntryContext_RejectEntryInitialPayment",
        {**named, "ansRulesCid": rules},
        opened,
        [dso],
        children=(on_rules,),
    )


_PAY_DATA: wire.Json = {
    "paymentAmount": {"amount": decimal_text(COIN), "unit": "USDUnit"},
    "paymentInterval": {"microseconds": "7776000000000"},
    "paymentDuration": {"microseconds": "2592000000000"},
}


def _subscription(user: str, number: int, dso: str) -> wire.Json:
    return {
        "sender": user,
        "receiver": dso,
        "provider": dso,
        "dso": dso,
        "description": f'entry "{name_of(user, number)}"',
    }
