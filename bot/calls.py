"""The calls of one step, each brought to an outcome: run, declined, or left for people to decide."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bot.assistants import Assistant
from bot.core import Core
from bot.delivery import deliver
from bot.events import Call, FileMade, Outcome
from bot.functions import activity, declined, interrupted
from bot.ports import Reply
from bot.turns import Question, Turn


class Calling:
    """Answers the calls of a turn's checkpoint. `turn` is at every moment what is stored."""

    def __init__(self, core: Core, turn: Turn, assistant: Assistant, reply: Reply) -> None:
        self.turn = turn
        self._core = core
        self._assistant = assistant
        self._reply = reply

    async def run(self, stopped: Callable[[], bool]) -> bool:
        """Bring every call to an outcome. False when people have to decide first: the turn is paused."""
        checkpoint = self.turn.checkpoint
        ended = {outcome.call for outcome in checkpoint.outcomes}
        waiting = [call for call in checkpoint.calls if call.id not in ended]
        decisions = await self._core.decisions.decisions(self.turn.id)
        questions: list[Question] = []
        runnable: list[Call] = []
        for call in waiting:
            question = self._core.functions.question(call, self.turn, self._assistant)
            if call.id in checkpoint.begun:
                await self._ended(interrupted(call))
            elif question is None or decisions.get(call.id) == "approve":
                runnable.append(call)
            elif call.id in decisions or self._overdue(call):
                await self._ended(declined(call))
            else:
                questions.append(question)
        if runnable:
            await self._run(runnable)
        if questions and not stopped():
            await self._pause(tuple(questions))
            return False
        self.turn = replace(self.turn, draft=replace(self.turn.draft, questions=()))
        return True

    def _overdue(self, call: Call) -> bool:
        now = self._core.clock.now()
        return any(q.call.id == call.id and q.deadline <= now for q in self.turn.draft.questions)

    async def _pause(self, questions: tuple[Question, ...]) -> None:
        # A question that was asked already keeps its deadline.
        asked = {question.call.id: question for question in self.turn.draft.questions}
        kept = tuple(asked.get(question.call.id, question) for question in questions)
        draft = replace(self.turn.draft, questions=kept, activity=None)
        # Only once it is stored: until then the turn runs.
        paused = replace(self.turn, draft=draft)
        await self._core.turns.pause(paused)
        self.turn = replace(paused, state="paused")
        await deliver(self._reply, self.turn, self._core.clock)

    async def _run(self, calls: list[Call]) -> None:
        checkpoint = self.turn.checkpoint
        # A server begins only when it is told that it may, with the next step: nothing of it runs here.
        begun = checkpoint.begun | {call.id for call in calls if not call.server}
        self.turn = replace(self.turn, checkpoint=replace(checkpoint, begun=begun))
        await self._core.turns.checkpoint(self.turn)
        self._reply.show(replace(self.turn.draft, activity=activity(calls[0].name, calls[0].server)))
        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(self._run_one(call))

    async def _run_one(self, call: Call) -> None:
        await self._ended(await self._core.functions.run(call, self.turn, self._assistant))

    async def _ended(self, outcome: Outcome) -> None:
        checkpoint = self.turn.checkpoint
        draft = self.turn.draft
        for file in outcome.files:
            draft = draft.apply(FileMade(file))
        self.turn = replace(
            self.turn, draft=draft, checkpoint=replace(checkpoint, outcomes=(*checkpoint.outcomes, outcome))
        )
        await self._core.turns.checkpoint(self.turn)
