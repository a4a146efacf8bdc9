"""`make bench`: what Maru itself costs, measured on the fakes."""
