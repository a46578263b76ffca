"""The configuration of Prefect's server: pools, blocks, values, deployments, automations.

It is the same for the stack on this machine and for one in the cloud; only the pool differs in
which the flow runs become containers. It is safe to apply again: what is there is kept or brought
up to date, and what a person may turn (schedules, automations on or off, variables, limits) stays
as it was turned.
"""
