"""Settings for all tests."""

from hypothesis import settings

# A slow machine is no failure: pytest's own timeout finds what hangs.
settings.register_profile("maru", deadline=None)
settings.load_profile("maru")
