"""`./pipeline rehearse`: the deployment as ECS would run it, beside the stack, without an account.

Production's own settings, infrastructure program, work pool and image; emulated are AWS (ministack)
and Fargate (mocks/fargate). What is swapped for that stands in `cloud/rehearsal/swaps.py`, and in
the table that a rehearsal ends with.
"""
