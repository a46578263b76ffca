"""One module for each system outside: it translates calls, and its errors into ours."""
