"""What stops no `make up`, and still costs an evening: `make doctor` alone asks it."""
