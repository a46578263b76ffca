"""Who takes part: the DSO, Super Validators, and accounts from a long tail.

Party ids are ``<hint>::1220<64 hex>``, hints in the styles seen on MainNet.
"""

from mocks.canton_scan.draws import Draws, Seed

_SUPER_VALIDATORS = 13
_ACCOUNTS = 800
_STYLES = (
    "Mock-Validator-{number}",
    "mock-exchange-{number}",
    "mock_wallet_{number}",
    "auth0_007c{hex24}",
    "party-{hex8}-{hex4}-4{hex3}-9{hex3}-{hex12}",
)


class Accounts:
    """The parties of one ledger."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self.dso = self._party("DSO", "dso")
        self.super_validators = [
            self._party(f"Mock-SV-{number}", f"sv {number}")
            for number in range(1, _SUPER_VALIDATORS + 1)
        ]
        self.accounts = [self._account(number) for number in range(_ACCOUNTS)]

    def account(self, draws: Draws) -> str:
        """An account: the first of the list is in a tenth of all updates, the last hardly ever."""
        ticket = draws.below(1 << 16)
        return self.accounts[_ACCOUNTS * ticket**3 >> 48]

    def account_but(self, other: str, draws: Draws) -> str:
        """An account that is not ``other``."""
        found = self.account(draws)
        while found == other:
            found = self.account(draws)
        return found

    def super_validator(self, draws: Draws) -> str:
        """One of the Super Validators."""
        return draws.pick(self.super_validators)

    def _account(self, number: int) -> str:
        digits = self._seed.hex(f"hint {number}", 64)
        style = _STYLES[0 if number < 40 else number % len(_STYLES)]
        lengths = (24, 12, 8, 4, 3)
        hint = style.format(number=number + 1, **{f"hex{size}": digits[:size] for size in lengths})
        return self._party(hint, f"account {number}")

    def _party(self, hint: str, name: str) -> str:
        return f"{hint}::1220{self._seed.hex(name, 64)}"


def dso_party_of(seed: Seed) -> str:
    """The DSO party alone, without the rest."""
    return f"DSO::1220{seed.hex('dso', 64)}"
