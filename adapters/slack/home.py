"""What greets a person who opens Maru in Slack: suggested prompts, and the Home tab."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack.markup import to_mrkdwn
from adapters.slack.workspace import Workspace
from bot.messages import Author
from bot.ports import Archive, Summary
from bot.texts import Language, language_of, say

PROMPTS = 4
RECENT = 10
TITLE_CHARS = 60


async def opened(workspace: Workspace, archive: Archive, event: Mapping[str, Any]) -> None:
    """A person opened one of Maru's tabs."""
    user = str(event["user"])
    person = await workspace.people.person(Author(f"slack:{workspace.team}/{user}", user))
    language = language_of("", person.locale)
    if event.get("tab") == "messages":
        texts = (say("slack_prompt_can", language), say("slack_prompt_sum", language))
        prompts = [{"title": text[:TITLE_CHARS], "message": text} for text in texts]
        # Pinned to the tab, so without a thread.
        await workspace.api.courtesy(
            "assistant.threads.setSuggestedPrompts", channel_id=event["channel"], prompts=prompts[:PROMPTS]
        )
    elif event.get("tab") == "home":
        found = await archive.conversations(f"slack:{workspace.team}/{event['channel']}/", RECENT)
        await workspace.api.courtesy("views.publish", user_id=user, view=view(found, language))


def view(conversations: Sequence[Summary], language: Language) -> dict[str, Any]:
    """The Home tab: what Maru can do, and what was talked about in the person's DM."""
    blocks = [_section(to_mrkdwn(say("help", language).strip()))]
    if conversations:
        lines = "\n".join(f"• {to_mrkdwn(one.title)}" for one in conversations)
        blocks += [{"type": "divider"}, _section(f"*{say('slack_recent', language)}*\n{lines}")]
    return {"type": "home", "blocks": blocks}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3_000]}}
