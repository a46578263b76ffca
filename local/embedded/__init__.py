"""`make run`: the pipeline and its outside world as processes on this machine."""
