"""The slash commands and the menu entry as Discord knows them, in English and Korean; pure."""

from typing import Any

from bot.texts import say

ASK = "ask"
ABOUT_THIS = "Ask Maru about this"  # the name of the menu entry, by which it is recognised
CORE = ("help", "reset", "stop", "again", "forget", "assistant", "usage")
ASSISTANT, NAME = "assistant", "name"  # the one command that is followed by something
QUICK = ("stop", "again")  # of these nothing is told when they succeed
TEXT, BOOLEAN, FILE = 3, 5, 11  # types of options
SLASH, MESSAGE_MENU = 1, 3  # types of commands
EVERYWHERE = {"integration_types": [0, 1], "contexts": [0, 1, 2]}  # in servers and for people; also in DMs
PROMPT_CHARS = 6_000


def commands() -> list[dict[str, Any]]:
    """What is registered."""
    return [
        {
            **_named(ASK, "discord_command_ask"),
            "type": SLASH,
            "options": [
                {
                    **_named("prompt", "discord_option_prompt"),
                    "type": TEXT,
                    "required": True,
                    "max_length": PROMPT_CHARS,
                },
                {**_named("file", "discord_option_file"), "type": FILE},
                {**_named("private", "discord_option_private"), "type": BOOLEAN},
            ],
            **EVERYWHERE,
        },
        *(
            {
                **_named(name, f"discord_command_{name}"),
                "type": SLASH,
                "options": [{**_named(NAME, "discord_option_name"), "type": TEXT}]
                if name == ASSISTANT
                else [],
                **EVERYWHERE,
            }
            for name in CORE
        ),
        {
            "name": ABOUT_THIS,
            "name_localizations": {"ko": say("discord_menu", "ko")},
            "type": MESSAGE_MENU,
            **EVERYWHERE,
        },
    ]


def _named(name: str, key: str) -> dict[str, Any]:
    return {
        "name": name,
        "name_localizations": {"ko": say(f"{key}_name", "ko")},
        "description": say(key, "en"),
        "description_localizations": {"ko": say(key, "ko")},
    }
