"""`./pipeline snapshot` and `./pipeline restore`: a place's whole state as one file, and back."""
