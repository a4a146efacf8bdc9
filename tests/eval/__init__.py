"""Measures how well the local index finds what answers a question: `make eval`."""
