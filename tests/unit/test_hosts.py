"""Bytes come from a platform's own hosts alone, whatever address a message names."""

import pytest

from adapters.discord.files import HOSTS as DISCORD
from adapters.slack.files import HOSTS as SLACK
from bot.hosts import Hosts

SLACK_API, DISCORD_API = "https://slack.com/api/", "https://discord.com/api/v10"


@pytest.mark.parametrize(
    "url",
    [
        "https://files.slack.com/files-pri/T1-F1/a.txt",
        "https://acme.slack.com/files/U1/F1/a.txt",
        "https://slack-files.com/T1-F1-0a",
    ],
)
def test_slacks_hosts_are_trusted(url: str) -> None:
    assert Hosts(SLACK, SLACK_API).trusts(url)
    assert not Hosts(SLACK, SLACK_API).trusts(url.replace("https:", "http:"))


def test_discords_hosts_are_trusted() -> None:
    url = "https://cdn.discordapp.com/attachments/1/2/a.txt?ex=1"
    assert Hosts(DISCORD, DISCORD_API).trusts(url)
    assert not Hosts(DISCORD, DISCORD_API).trusts(url.replace("https:", "http:"))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/files.slack.com",
        "https://evilslack.com/a",
        "https://files.slack.com.evil.example/a",
        "https://files.slack.com@evil.example/a",
        "https://me:x@files.slack.com/a",
        "https://evilcdn.discordapp.com.example/a",
        "https://x.cdn.discordapp.com/a",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:8765/files",
        "https://localhost/a",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
def test_no_other_host_is_asked(url: str) -> None:
    assert not Hosts(SLACK, SLACK_API).trusts(url)
    assert not Hosts(DISCORD, DISCORD_API).trusts(url)


def test_this_machine_is_trusted_where_the_api_is_on_it() -> None:
    assert Hosts(SLACK, "http://127.0.0.1:1234/api/").trusts("http://localhost:99/a.txt")
    assert not Hosts(SLACK, "http://127.0.0.1:1234/api/").trusts("http://evil.example/a.txt")
