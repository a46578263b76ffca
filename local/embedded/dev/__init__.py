"""`make dev`: the services stay up, and each save runs what it touches again.

The ledger stands still, so that two runs of the same code find the same, and whatever differs in
gold came from the save. Nothing here touches the state of `make run`.
"""
