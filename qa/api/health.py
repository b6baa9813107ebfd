"""Whether the service is well, and what it has done."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from qa.api.problems import problems
from qa.api.schema import Health, Live
from qa.api.services import Services
from qa.api.state import state


def router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["service"], responses=problems())

    @routes.get("/healthz", response_model=Health, responses=problems(503))
    def health() -> Any:
        """Whether questions can be answered, and from how much. The same as /healthz/ready."""
        return state(services.index)

    @routes.get("/healthz/ready", response_model=Health, responses=problems(503))
    def ready() -> Any:
        """Ready: the index can be read. 503 when it cannot."""
        return state(services.index)

    @routes.get("/healthz/live", response_model=Live)
    async def live() -> Any:
        """Live: the process answers, whatever the index's state."""
        return {"status": "ok"}

    @routes.get(
        "/metrics",
        response_class=Response,
        responses={200: {"description": "Prometheus' text format.", "content": {CONTENT_TYPE_LATEST: _EXAMPLE}}},
    )
    def metrics() -> Response:
        """Requests, latencies, the queue, answers and abstentions, the size of the index; for Prometheus."""
        return Response(services.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return routes


_EXAMPLE = {
    "schema": {"type": "string"},
    "example": 'footnote_questions_total{outcome="answered"} 12.0\nfootnote_queue_pending 0.0\n',
}
