"""E-mails as RFC 5322 has them: who, when, about what, and the text. Attachments are named, not read."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path

from index.formats import Limits, Reading, Refused
from index.formats.html import read_html
from index.formats.text import TextBuilder

HEADERS = ("From", "To", "Cc", "Date")


def read(path: Path, limits: Limits) -> Reading:
    with path.open("rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    if not any(name in message for name in ("From", "Date", "Subject", "Received", "Message-ID")):
        raise Refused("this is no e-mail: none of an e-mail's headers is in it.")
    builder = TextBuilder()
    subject = _header(message, "Subject")
    builder.heading(subject, 1)
    told = {name: _header(message, name) for name in HEADERS}
    builder.paragraph("\n".join(f"{name}: {value}" for name, value in told.items() if value))
    body = message.get_body(("plain", "html"))
    if body is not None:
        content = _content(body)
        text = read_html(content).text if body.get_content_type() == "text/html" else content
        for paragraph in text.replace("\r\n", "\n").split("\n\n"):
            builder.paragraph(paragraph)
    if names := _attachments(message):
        builder.paragraph(f"Attachments: {', '.join(names)}")
    return builder.reading(subject)


def _header(message: EmailMessage, name: str) -> str:
    """A header as it reads; as it was sent where it says nothing that can be, such as a day that no month has."""
    try:
        return str(message[name] or "")
    except Exception:  # the library raises what it meets: ValueError, OverflowError, AttributeError, IndexError …
        return next(str(value) for key, value in message.raw_items() if key.lower() == name.lower())


def _attachments(message: EmailMessage) -> list[str]:
    try:
        return [str(name) for part in message.iter_attachments() if (name := part.get_filename())]
    except (AttributeError, KeyError, TypeError):  # a multipart that is none
        return []


def _content(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError, ValueError):  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
