"""What Maru did on the way to an answer, as the steps that a stream of Slack shows."""

from dataclasses import dataclass
from typing import Any, Literal

from adapters.slack.markup import quiet
from bot.events import Activity
from bot.texts import Language, say

Chunk = dict[str, Any]
# Thinking and waiting are no steps: the status says them.
STEPS = {"reading", "searching", "browsing", "python", "drawing", "function"}
MOST = 20  # of an answer: each takes room from its text
TITLE_CHARS = 100


@dataclass(slots=True)
class _Task:
    title: str
    status: Literal["in_progress", "complete", "error"] = "in_progress"
    told: str = ""  # the status that people see


class Tasks:
    """The steps of one answer."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._tasks: list[_Task] = []
        self._doing: Activity | None = None

    def show(self, doing: Activity | None) -> None:
        """Something else is being done now; nothing while the model writes."""
        if doing == self._doing:
            return
        self.end()
        self._doing = doing
        if doing and doing.kind in STEPS and len(self._tasks) < MOST:
            title = say(f"slack_task_{doing.kind}", self._language, subject=doing.subject)
            self._tasks.append(_Task(quiet(title)[:TITLE_CHARS]))

    def end(self, *, well: bool = True) -> None:
        """What was being done is over."""
        self._doing = None
        for task in self._tasks:
            if task.status == "in_progress":
                task.status = "complete" if well else "error"

    def news(self) -> list[Chunk]:
        """What people have not been told yet; they are from now on."""
        chunks: list[Chunk] = []
        for number, task in enumerate(self._tasks, start=1):
            if task.status != task.told:
                task.told = task.status
                chunks.append(
                    {
                        "type": "task_update",
                        "id": f"task_{number}",
                        "title": task.title,
                        "status": task.status,
                    }
                )
        return chunks
