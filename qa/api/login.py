"""The login page: a person types the token once, and the browser keeps a cookie that proves it."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from qa.access import SESSION_SECONDS, Access

PATH = "/login"
COOKIE = "footnote_session"
_MAX_FORM = 4096

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Footnote: log in</title><style>
:root {{ color-scheme: light dark; --paper: #fbfaf7; --sheet: #fff; --ink: #22201c; --soft: #5f5a52; --edge: #8c857a;
  --accent: #0f6b5c; --accent-ink: #fff; --alarm: #9b2c1f; font: 1rem/1.55 system-ui, sans-serif; }}
@media (prefers-color-scheme: dark) {{ :root {{ --paper: #171614; --sheet: #1e1d1a; --ink: #ece8e0; --soft: #aaa398;
  --edge: #7d766b; --accent: #6fd0bb; --accent-ink: #0d2a25; --alarm: #f0978a; }} }}
body {{ margin: 18vh auto 0; max-width: 22rem; padding: 0 1rem; background: var(--paper); color: var(--ink); }}
h1 {{ margin: 0 0 1.5rem; font: 700 2.125rem/1.2 Charter, Georgia, serif; }}
h1 sup {{ margin-left: .1em; color: var(--accent); font-size: .5em; line-height: 0; }}
label {{ font-weight: 600; }}
input, button {{ box-sizing: border-box; width: 100%; margin: .4rem 0; padding: .6rem .85rem; font: inherit; }}
input {{ border: 1px solid var(--edge); border-radius: .7rem; background: var(--sheet); color: var(--ink); }}
button {{ border: 0; border-radius: .7rem; background: var(--accent); color: var(--accent-ink); font-weight: 600; }}
button {{ cursor: pointer; }}
:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; }}
p {{ color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }}
p[role=alert] {{ color: var(--alarm); font-size: 1rem; }}
</style></head><body><main><h1>Footnote<sup aria-hidden="true">1</sup></h1>{trouble}
<form method="post" action="{action}"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button></form>
<p>Whoever runs this server has the token: it is in their <code>FOOTNOTE_TOKEN</code>.</p></main></body></html>
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def page(request: Request, trouble: str = "", status: int = 200) -> Response:
    alert = f'<p role="alert">{escape(trouble)}</p>' if trouble else ""
    action = escape(f"{_prefix(request)}{PATH}")
    # With no-referrer, a browser sends this form with the Origin null, which may not write.
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return HTMLResponse(_PAGE.format(trouble=alert, action=action), status, headers)


def go_there(request: Request) -> Response:
    return RedirectResponse(f"{_prefix(request)}{PATH}", 303, {"Cache-Control": "no-store"})


async def typed_token(request: Request) -> str:
    """The token of the form; "" where there is none or the form is larger than a form can be."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_FORM:
            return ""
    return parse_qs(body.decode("ascii", "replace")).get("token", [""])[0].strip()


def welcome(request: Request, access: Access) -> Response:
    reply = RedirectResponse(f"{_prefix(request)}/", 303, {"Cache-Control": "no-store"})
    secure = request.url.scheme == "https"
    reply.set_cookie(
        COOKIE, access.session(), SESSION_SECONDS, path="/", secure=secure, httponly=True, samesite="strict"
    )
    return reply


def _prefix(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")
