"""The command that executes a flow run in its container: ``python -m flows.execution``.

It does what ``prefect flow-run execute`` does, cancellation included. That command imports Prefect
in three interpreters, one after the other: to watch the run, to prepare a workspace with its code,
to run it. The code is in the image already, and here two interpreters start at once.
"""

DEBUGGED = "FLOW_DEBUG_LISTEN"  # where the run waits for a debugger, if it is to wait for one
