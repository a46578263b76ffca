"""The home page: lineage, freshness, runs, quality and alerts of one place, in a browser.

The page itself (`app`) is small and holds no session. While somebody looks, a second process
(`reader`) asks the warehouse, Prefect and the others, and ends when nobody does any more.
"""
