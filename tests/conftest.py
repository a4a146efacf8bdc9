"""Settings for all tests."""

import os
import sys

import pytest
from hypothesis import settings

# A slow machine is no failure: pytest's own timeout finds what hangs.
settings.register_profile("maru", deadline=None)
settings.load_profile("maru")

STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how it went, for the end."""
    session.config.stash[STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End at once: a database thread that a test left behind would keep the interpreter waiting for ever."""
    sys.stdout.flush()
    sys.stderr.flush()
    if STATUS in config.stash:
        os._exit(config.stash[STATUS])
