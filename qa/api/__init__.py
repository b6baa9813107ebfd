"""The HTTP face: a FastAPI app over one Assistant. Shapes are the contract's; errors are RFC 9457 problem details.

    app.py         create_app: puts the parts below together
    opening.py     answers while all this is still being loaded
    services.py    what routes work with: the assistant, its worker
    problems.py    our errors → problem details, and their description for OpenAPI
    schema.py      the shapes of requests and replies
    gate.py        the one door: Host, Origin, token (login.py), rate (rates.py), headers (headers.py)
    limits.py      what a request may cost before it is looked at
    ask.py, documents.py, openai.py, mcp.py …    routes, a file a concern

To add routes, write a file with `router(services: Services) -> APIRouter` and put it in ROUTERS in app.py. Give each
route a response model, `responses=problems(404, …)` for its errors, and a docstring, which OpenAPI shows. Raise
our own errors: problems.py has their statuses. What computes goes through `services.worker`. A request whose body may
be larger than usual gets a row in limits.BODIES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.api.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    # Not before it is asked for: `qa serve` is ready before FastAPI is loaded.
    if name == "create_app":
        from qa.api.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
