"""The checks that `make up` makes of this machine; `make doctor` goes on after the first failure.

Each check takes what is known (`Here`) and yields findings; none raises for what it looks at.
"""
