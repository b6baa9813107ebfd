"""What Prometheus may know: counts and times, never a word of a question or a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index import Index
from index.errors import FootnoteError, Overloaded, QuestionError
from qa.types import Answer
from qa.worker import Worker

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Upper bounds of the histograms."""


class Metrics:
    """The counters of one app, in a registry of their own."""

    def __init__(self, index: Index, worker: Worker) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "footnote_http_requests",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.latency = Histogram(
            "footnote_http_request_seconds",
            "Time to the end of the response.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.questions = Counter(
            "footnote_questions",
            "Questions by outcome: answered, abstained, refused (queue full), invalid, gone (the client left), failed.",
            ("outcome",),
            registry=self.registry,
        )
        self.stages = Histogram(
            "footnote_question_stage_seconds",
            "Time of a question's stages.",
            ("stage",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.feedback = Counter("footnote_feedback", "Verdicts on answers.", ("verdict",), registry=self.registry)
        self.registry.register(_State(index, worker))

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)

    @contextmanager
    def question(self) -> Iterator[Callable[[Answer], Answer]]:
        """Counts one question by how it ends; give what is yielded the answer, and it gives it back."""

        outcome = "gone"

        def told(answer: Answer) -> Answer:
            nonlocal outcome
            outcome = "answered" if answer.answered else "abstained"
            for stage, ms in answer.timings_ms.items():
                self.stages.labels(stage).observe(ms / 1000)
            return answer

        try:
            yield told
        except Exception as error:
            outcome = next(name for cls, name in _OUTCOMES if isinstance(error, cls))
            raise
        finally:
            self.questions.labels(outcome).inc()


_OUTCOMES: tuple[tuple[type[Exception], str], ...] = (
    (Overloaded, "refused"),
    (QuestionError, "invalid"),
    (FootnoteError, "failed"),
    (Exception, "failed"),
)


class _State(Collector):
    """Sizes as they are when Prometheus asks."""

    def __init__(self, index: Index, worker: Worker) -> None:
        self._index = index
        self._worker = worker

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("footnote_queue_pending", "Questions that run or wait.", self._worker.pending)
        yield GaugeMetricFamily("footnote_queue_limit", "More than these get 429.", self._worker.limit)
        try:
            documents, passages = self._index.store.counts()
        except FootnoteError:  # no index just now; the other figures are still true
            return
        yield GaugeMetricFamily("footnote_index_documents", "Documents in the index.", documents)
        yield GaugeMetricFamily("footnote_index_passages", "Passages in the index.", passages)


class Counted:
    """ASGI middleware: counts requests by route, not by path, so that nobody can make labels without end."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", None) or "other"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self.metrics.requests.labels(method, route, str(status)).inc()
            self.metrics.latency.labels(route).observe(perf_counter() - begun)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
