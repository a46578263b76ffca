"""Values shared by all updates of one ledger: parties, rounds, package and contract ids."""

from functools import lru_cache

from mocks.canton_scan.accounts import Accounts
from mocks.canton_scan.draws import Seed
from mocks.canton_scan.eras import MIXTURES, Era
from mocks.canton_scan.ids import contract_id
from mocks.canton_scan.rounds import Rounds
from mocks.canton_scan.templates import Template


class Network:
    """A ledger as its seed and era determine it, apart from time."""

    def __init__(self, seed: Seed, era: Era = Era.MIXED) -> None:
        self.seed = seed
        self.mixture = MIXTURES[era]
        self.is_devnet = era is Era.DEVNET
        self.accounts = Accounts(seed)
        self.dso = self.accounts.dso
        self.synchronizer_id = f"global-domain::{self.dso.partition('::')[2]}"
        self.rounds = Rounds(seed)
        self.template_id = lru_cache(maxsize=256)(self._template_id)
        self.contract = lru_cache(maxsize=1024)(self._contract)

    def _template_id(self, template: Template, version: str) -> str:
        """The template in the package that goes with this version of splice-amulet."""
        package = self.seed.hex(f"package {template.package} {version}", 64)
        return f"{package}:{template.path}"

    def _contract(self, name: str) -> str:
        """The id of a contract that many updates name: ``AmuletRules``, ``open round 74224``."""
        return contract_id(self.seed, name)
