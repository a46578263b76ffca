"""`make verify`: bronze, silver and gold held against what the mocked ledger knows to be true.

Ledger prices are left out: they are no movements.
"""
