"""AmuletRules and DsoRules: the two contracts that hold a network's rules.

No update of the mock changes them. Fields from the Daml sources of Splice.
"""

from mocks.canton_scan import wire
from mocks.canton_scan.amounts import COIN, decimal_text
from mocks.canton_scan.network import Network
from mocks.canton_scan.render.governance import sv_name
from mocks.canton_scan.render.mining_rounds import ISSUANCE, transfer_config
from mocks.canton_scan.render.purchases import BYTES_PER_USD, participant_of
from mocks.canton_scan.rounds import TICK

_PACKAGES = (
    "amulet",
    "amuletNameService",
    "dsoGovernance",
    "validatorLifecycle",
    "wallet",
    "walletPayments",
)
_HOUR = 3_600


def amulet_rules(network: Network, migration_id: int) -> wire.Json:
    """AmuletRules: fees, issuance, and the price of traffic; it changes with the migration."""
    config = {
        "transferConfig": transfer_config(has_fees=network.mixture.has_fees(migration_id)),
        "issuanceCurve": {"initialValue": ISSUANCE, "futureValues": []},
        "decentralizedSynchronizer": {
            "requiredSynchronizers": {"map": [[network.synchronizer_id, {}]]},
            "activeSynchronizer": network.synchronizer_id,
            "fees": {
                "baseRateTrafficLimits": {"burstAmount": "400000", "burstWindow": _time(20 * 60)},
                "extraTrafficPrice": decimal_text(10**6 * COIN // BYTES_PER_USD),
                "readVsWriteScalingFactor": "4",
                "minTopupAmount": "200000",
            },
        },
        "tickDuration": {"microseconds": str(TICK)},
        "packageConfig": dict.fromkeys(_PACKAGES, network.mixture.newest(migration_id).value),
        "transferPreapprovalFee": None,
        "featuredAppActivityMarkerAmount": None,
    }
    return {
        "dso": network.dso,
        "configSchedule": {"initialValue": config, "futureValues": []},
        "isDevNet": network.is_devnet,
    }


def dso_rules(network: Network) -> wire.Json:
    """DsoRules: the Super Validators and how they vote."""
    synchronizer = {
        "state": "DS_Operational",
        "cometBftGenesisJson": "",
        "acsCommitmentReconciliationInterval": "1800",
    }
    limits = {
        "maxNumCometBftNodes": "2",
        "maxNumGovernanceKeys": "2",
        "maxNumSequencingKeys": "2",
        "maxNodeIdLength": "50",
        "maxPubKeyLength": "256",
    }
    return {
        "dso": network.dso,
        "epoch": "1",
        "svs": [
            [
                sv,
                {
                    "name": sv_name(sv),
                    "joinedAsOfRound": {"number": "0"},
                    "svRewardWeight": "10000",
                    "participantId": participant_of(sv),
                },
            ]
            for sv in network.accounts.super_validators
        ],
        "offboardedSvs": [],
        "config": {
            "numUnclaimedRewardsThreshold": "10",
            "numMemberTrafficContractsThreshold": "5",
            "actionConfirmationTimeout": _time(_HOUR),
            "svOnboardingRequestTimeout": _time(_HOUR),
            "svOnboardingConfirmedTimeout": _time(_HOUR),
            "voteRequestTimeout": _time(7 * 24 * _HOUR),
            "dsoDelegateInactiveTimeout": _time(70),
            "synchronizerNodeConfigLimits": {"cometBft": limits},
            "maxTextLength": "1024",
            "decentralizedSynchronizer": {
                "synchronizers": [[network.synchronizer_id, synchronizer]],
                "lastSynchronizerId": network.synchronizer_id,
                "activeSynchronizerId": network.synchronizer_id,
            },
            "nextScheduledSynchronizerUpgrade": None,
        },
        "initialTrafficState": [],
        "isDevNet": network.is_devnet,
    }


def _time(seconds: int) -> dict[str, str]:
    return {"microseconds": str(seconds * 10**6)}
