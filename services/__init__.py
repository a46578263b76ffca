"""Everything the flows do, without Prefect."""
