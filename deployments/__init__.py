"""What Prefect's server is told: pools, blocks, values, deployments, automations.

The same for the stack on this machine and for one in the cloud; only the pool differs in which the
flow runs become containers. Safe to run again: what is there is kept or brought up to date, and
what a person may turn (schedules, automations on or off, variables, limits) stays as it was turned.
"""
