"""The checks that only `make doctor` makes: they don't stop `make up` but save hours of search."""
