"""Parties of a ledger: the DSO, Super Validators, and accounts from a long tail.

Party ids are ``<hint>::1220<64 hex>``, hints in the styles seen on MainNet.
"""

from mocks.canton_scan.draws import Draws, Seed

_SUPER_VALIDATORS = 13
_ACCOUNTS = 800
_BUSY = 40  # these are all named as validators
_VALIDATORS = 200


class Accounts:
    """The parties of one ledger."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self.dso = self._party("DSO", "dso")
        self.super_validators = [
            self._party(f"Mock-SV-{number}", f"sv {number}")
            for number in range(1, _SUPER_VALIDATORS + 1)
        ]
        self.accounts = [self._account(number) for number in range(1, _ACCOUNTS + 1)]
        self.all_holders = (*self.accounts, *self.super_validators)  # of coin
        self.holders = {one: number for number, one in enumerate(self.all_holders)}
        self.validators = self.accounts[:_VALIDATORS]  # they have a license

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
        hint = _hint(number, self._seed.hex(f"hint {number}", 64))
        return self._party(hint, f"account {number}")

    def _party(self, hint: str, name: str) -> str:
        return f"{hint}::1220{self._seed.hex(name, 64)}"


def _hint(number: int, digits: str) -> str:
    uuid = (digits[:8], digits[8:12], f"4{digits[12:15]}", f"9{digits[15:18]}", digits[18:30])
    styles = (
        f"Mock-Validator-{number}",
        f"mock-exchange-{number}",
        f"mock_wallet_{number}",
        f"auth0_007c{digits[:24]}",
        f"party-{'-'.join(uuid)}",
    )
    return styles[0 if number <= _BUSY else number % len(styles)]


def dso_party_of(seed: Seed) -> str:
    """The DSO party alone, without the rest."""
    return f"DSO::1220{seed.hex('dso', 64)}"
