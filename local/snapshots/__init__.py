"""`make snapshot` and `make restore`: a place's whole state as one file, and back."""
