"""What people say of answers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from qa.api.problems import problems
from qa.api.schema import FeedbackReceipt, FeedbackRequest
from qa.api.services import Services
from qa.feedback import record


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api", tags=["feedback"], responses=problems(413, 422, 429, 503))

    @routes.post("/feedback", response_model=FeedbackReceipt, status_code=201)
    def feedback(request: FeedbackRequest) -> Any:
        """Say whether an answer was right. It is kept beside the index and goes nowhere else."""
        entry = record(
            services.storage, request.verdict, request.answer.model_dump(), request.comment, request.expected
        )
        services.metrics.feedback.labels(entry["verdict"]).inc()
        return entry

    return routes
