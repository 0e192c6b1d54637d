"""Flows: steps in order, what is kept of their answers, and what the last answer means.

A flow is a generator of requests. It knows no socket and no clock, so the engine, the read-back
and ``target check`` can all drive it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import replace
from functools import cache

from harness.complaint import Where
from harness.document import Document
from harness.target.answer import Seen
from harness.target.capture import Finder, compile_capture
from harness.target.errors import TargetError
from harness.target.flow_model import Extract, Flow, Repeat, Retry, Rule, Step
from harness.target.json_path import MISSING
from harness.target.request import CompiledRequest, RequestMaker, Sendable
from harness.target.ruling import Rules, Ruling, compile_condition, seconds_to_wait, unanswered
from harness.target.scope import Scope
from harness.target.template import Templates
from harness.target.wire import Answered, Request, Response
from simulators.behaviours.protocol import AnswerClass, Outcome

Steps = Generator[Request, Response, Answered]
Test = Callable[[Scope], bool]
_TAGS = re.compile(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>")
_REDIRECTS = {301, 302, 303, 307, 308}
_DETAIL = 200  # characters of an answer kept as evidence


class FlowMaker:
    """Compiles flows of one target.

    Args:
        requests: Compiles their requests.
        classes: Rules of the whole file, tried after a step's own.
    """

    def __init__(self, requests: RequestMaker, classes: list[Rule]) -> None:
        self.requests = requests
        self.classes = classes

    def compile(
        self,
        flow: Flow,
        path: Where,
        known: frozenset[str],
        *,
        retry: Retry | None = None,
        extra_rules: list[Rule] | None = None,
    ) -> CompiledFlow:
        """Compile a flow.

        Args:
            known: Names its templates may use besides the general ones.
            extra_rules: Tried after all others.

        Raises:
            TargetError: If a template, path or pattern in it is wrong, or its last step can
                never be accepted.
        """
        own = flow.own_steps
        names = known
        steps: list[CompiledStep] = []
        for i, (step, below) in enumerate(own):
            last = i == len(own) - 1
            rules = [*step.classes, *flow.classes, *self.classes, *(extra_rules or [])]
            where = (*path, *below)
            looping = names | frozenset(step.captures) if step.repeat else names
            steps.append(CompiledStep(self, step, where, looping, rules, last=last))
            names = names | frozenset(step.captures)
            if last and not any(rule.answer_class == "accepted" for rule in rules):
                message = "no rule says accepted, so nothing could ever succeed; add it to classes"
                raise TargetError(self.document.problem(where, message))
        return CompiledFlow(steps, retry, shared=not any(step.captures for step, _ in own[:-1]))

    @property
    def document(self) -> Document:
        """The file, for errors."""
        return self.requests.templates.document


class CompiledStep:
    """One step, ready to run."""

    def __init__(
        self,
        maker: FlowMaker,
        step: Step,
        path: Where,
        known: frozenset[str],
        rules: list[Rule],
        *,
        last: bool,
    ) -> None:
        templates, document = maker.requests.templates, maker.document
        place = path[-1]
        self.name = step.name or (f"step {place + 1}" if isinstance(place, int) else str(place))
        self.last = last
        self.optional = step.optional
        self.once = step.once
        self.credentials = step.sign_in
        self.follow = step.request.follow
        self.request: CompiledRequest = maker.requests.compile(
            step.request, (*path, "request"), known
        )
        self.captures = [
            (name, _capture(document, extract, (*path, "captures", name)), name == "stored_id")
            for name, extract in step.captures.items()
        ]
        try:
            self.rules = Rules(rules)
        except ValueError as error:
            raise TargetError(document.problem((*path, "classes"), str(error))) from None
        self.only_if: Test | None = None
        if step.only_if is not None:
            self.only_if = templates.condition(step.only_if, (*path, "only_if"), known)
        self.repeat = step.repeat
        self.goes_on: Test | None = None
        self.done: Callable[[Seen], bool] | None = None
        if step.repeat is not None:
            self._compile_repeat(step.repeat, templates, (*path, "repeat"), known)

    def _compile_repeat(
        self, repeat: Repeat, templates: Templates, path: Where, known: frozenset[str]
    ) -> None:
        if repeat.while_ is not None:
            self.goes_on = templates.condition(repeat.while_, (*path, "while"), known)
        if repeat.until is not None:
            try:
                self.done = compile_condition(repeat.until)
            except ValueError as error:
                problem = templates.document.problem((*path, "until"), str(error))
                raise TargetError(problem) from None

    def ask(self, scope: Scope, after: float = 0.0) -> Generator[Request, Response, Seen]:
        """Send the request, follow what is to be followed, keep the cookies."""
        sendable: Sendable = self.request.build(scope, credentials=self.credentials, after=after)
        request, url = sendable
        jar = scope.session.jar
        hops = self.follow
        while True:
            response = yield request
            for name, value in response.headers:
                if name == b"set-cookie":
                    jar.take(value)
            seen = Seen(response, jar, url)
            if not hops or response.status not in _REDIRECTS or response.fault is not None:
                scope.page = url
                return seen
            location = seen.header(b"location")
            if location is None:
                return seen
            hops -= 1
            request, url = self.request.redirected(scope, location, url)

    def run(self, scope: Scope, after: float = 0.0) -> Steps:
        """Ask once and say what the answer means."""
        seen = yield from self.ask(scope, after)
        return self.judge(seen, scope)

    def judge(self, seen: Seen, scope: Scope) -> Answered:
        """What an answer means; captures are kept if it is a yes."""
        response = seen.response
        if response.fault is not None:
            return Answered(unanswered(response), response.status, detail=response.fault.value)
        ruling = self.rules.match(seen)
        if ruling is not None:
            if not ruling.says_yes:
                return _refused(ruling, seen)
            sort = ruling.answer_class
        elif seen.status >= 500:
            wait = seconds_to_wait(seen.header(b"retry-after"))
            return Answered(AnswerClass.SERVER_ERROR, seen.status, None, snippet(seen), wait)
        elif self.last or seen.status >= 400:
            return Answered(AnswerClass.UNMATCHED, seen.status, None, snippet(seen))
        else:
            sort = AnswerClass.ACCEPTED
        if not self.captures:
            return _plain(sort, seen.status)
        return self._keep(sort, seen, scope)

    def _keep(self, sort: AnswerClass, seen: Seen, scope: Scope) -> Answered:
        """Keep the captures; one that is missing makes the answer one that no rule describes."""
        found = {}
        for name, find, may_lack in self.captures:
            value = find(seen)
            if value is not MISSING:
                found[name] = value
            elif not may_lack:
                said = f"capture {name} is not in the answer: {snippet(seen)}"[:_DETAIL]
                return Answered(AnswerClass.UNMATCHED, seen.status, None, said)
        scope.found.update(found)
        stored = found.get("stored_id")
        return Answered(sort, seen.status, None if stored is None else str(stored), captures=found)


class CompiledFlow:
    """Steps in order.

    Attributes:
        shared: True if no step but the last captures anything, so that the captures of signing
            in need not be copied for each operation.
    """

    def __init__(self, steps: list[CompiledStep], retry: Retry | None, *, shared: bool) -> None:
        self.steps = steps
        self.retry = retry
        self.only = steps[0] if len(steps) == 1 and _plain_step(steps[0]) and not retry else None
        self.shared = shared and not any(step.captures for step in steps)

    def run(self, scope: Scope) -> Steps:
        """Run the steps; the answer is that of the last, or of the first that was not a yes."""
        answered = _plain(AnswerClass.ACCEPTED, 0)
        kept = scope.session.kept
        for step in self.steps:
            if step.only_if is not None and not step.only_if(scope):
                continue
            earlier = (scope.operation.key, step)
            if earlier in kept:
                scope.found.update(kept[earlier])
                continue
            answered = yield from self._step(step, scope)
            if answered.answer_class is AnswerClass.ACCEPTED and step.once:
                kept[earlier] = dict(answered.captures)
            if answered.answer_class is AnswerClass.ACCEPTED or step.optional:
                continue
            if not step.last:
                return replace(answered, detail=f"{step.name}: {answered.detail}"[:_DETAIL])
        return answered

    def _step(self, step: CompiledStep, scope: Scope) -> Steps:
        if step.repeat is not None:
            return (yield from self._repeated(step, scope))
        answered = yield from step.run(scope)
        retry = self.retry
        if retry is None or not step.last:
            return answered
        wait = retry.wait_s
        for _ in range(retry.times):
            asked = answered.retry_after or 0.0
            if answered.answer_class not in retry.classes or asked > retry.at_most_s:
                return answered
            answered = yield from step.run(scope, min(max(wait, asked), retry.at_most_s))
            wait = min(wait * retry.grow, retry.at_most_s)
        return answered

    def _repeated(self, step: CompiledStep, scope: Scope) -> Steps:
        assert step.repeat is not None
        repeat = step.repeat
        for i in range(repeat.at_most):
            seen = yield from step.ask(scope, repeat.wait_s if i else 0.0)
            answered = step.judge(seen, scope)
            if step.done is not None:
                if seen.response.fault is not None or step.done(seen):
                    return answered
                continue
            if answered.answer_class.outcome is not Outcome.OK:
                return answered
            if step.goes_on is not None and not step.goes_on(scope):
                return answered
        said = f"still not done after {repeat.at_most} times"
        return Answered(AnswerClass.UNMATCHED, answered.status, None, said)


@cache
def _plain(sort: AnswerClass, status: int) -> Answered:
    """A yes without captures; the same object each time, as nothing in it ever changes."""
    return Answered(sort, status)


def _plain_step(step: CompiledStep) -> bool:
    return step.only_if is None and step.repeat is None and not step.follow


def _refused(ruling: Ruling, seen: Seen) -> Answered:
    found = MISSING if ruling.detail is None else ruling.detail(seen)
    detail = snippet(seen) if found is MISSING else str(found)[:_DETAIL]
    return Answered(ruling.answer_class, seen.status, None, detail, ruling.retry_after(seen))


def snippet(seen: Seen) -> str:
    """The beginning of an answer as one line, for evidence; a page is shown without its tags."""
    text = seen.text[: 20 * _DETAIL]
    if text.lstrip()[:1] == "<":
        text = _TAGS.sub(" ", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_DETAIL]


def _capture(document: Document, extract: Extract, path: Where) -> Finder:
    try:
        return compile_capture(extract)
    except ValueError as error:
        raise TargetError(document.problem(path, str(error))) from None
