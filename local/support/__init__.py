"""The tools for when something is wrong: `make doctor` and `./pipeline report`, in both places."""
