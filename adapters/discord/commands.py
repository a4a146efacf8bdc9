"""The slash commands and the menu entry as Discord knows them, in English and Korean; pure."""

from typing import Any

from bot.texts import say

ASK = "ask"
ABOUT_THIS = "Ask Maru about this"  # the name of the menu entry, by which it is recognised
CORE = ("help", "reset", "stop", "again", "forget", "assistant", "usage", "knowledge", "code")
NAME, DO = "name", "do"  # what stands behind `assistant` and `knowledge`
FOLLOWED = {"assistant": NAME, "knowledge": DO}
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
                "options": _options(name) if name in FOLLOWED else [],
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


def _options(command: str) -> list[dict[str, Any]]:
    """What stands behind one of the core's commands."""
    options = [{**_named(FOLLOWED[command], f"discord_option_{FOLLOWED[command]}"), "type": TEXT}]
    if command == "knowledge":
        options.append({**_named("file", "discord_option_file"), "type": FILE})
    return options


def _named(name: str, key: str) -> dict[str, Any]:
    return {
        "name": name,
        "name_localizations": {"ko": say(f"{key}_name", "ko")},
        "description": say(key, "en"),
        "description_localizations": {"ko": say(key, "ko")},
    }
