"""All cases, by the part of the ledger's conventions that they are about."""

from tests.coin import before_reports as before
from tests.coin import with_reports as reports
from tests.coin.case import Case
from tests.coin.no_coin import NO_COIN

SECTIONS: dict[str, dict[str, Case]] = {
    "payments": before.PAYMENTS,
    "token standard, version 1": before.TOKEN_STANDARD_V1,
    "token standard, version 2": reports.TOKEN_STANDARD_V2,
    "purchases": before.PURCHASES,
    "expiry": before.EXPIRY,
    "mints": before.MINTS,
    "locks": before.LOCKS,
    "no coin": NO_COIN,
    "without wrappers": before.WITHOUT_WRAPPERS,
    "walk": reports.WALKS,
    "reports": reports.REPORTS,
    "liars": reports.LIARS,
    "gaps": reports.GAPS,
}

CASES: dict[str, Case] = {
    f"{section}: {name}": case
    for section, cases in SECTIONS.items()
    for name, case in cases.items()
}
