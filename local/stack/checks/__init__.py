"""What `make up` needs of this machine; `make doctor` asks the same, and goes on after the first.

Each check takes what is known (`Here`) and yields findings; none raises for what it looks at.
"""
