"""What helps when something is wrong: `make doctor` and `make report`, in both places."""
