"""Who may ask: the token, the Hosts that the server answers to, the Origins that may write."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
import socket
import time
from dataclasses import dataclass, field

from index.config import load_settings
from index.errors import TokenError

TOKEN = "FOOTNOTE_TOKEN"
HOSTS = "FOOTNOTE_HOSTS"
ORIGINS = "FOOTNOTE_ORIGINS"

MIN_TOKEN, MIN_DISTINCT = 22, 10
"""Characters: 22 of base64's 64 are 132 bits, if they are random; a few letters repeated are not."""
SESSION_SECONDS = 30 * 24 * 3600


def new_token() -> str:
    """256 random bits, fit for a URL, a header and a shell."""
    return secrets.token_urlsafe(32)


def is_loopback(host: str) -> bool:
    return host == "localhost" or ((address := _address(host)) is not None and _own(address))


@dataclass(frozen=True, slots=True)
class Access:
    """`token` None: everybody who reaches the server. `hosts` None: whatever Host is named; otherwise host names in
    lower case without port. `any_address`: a Host that is an IP address is fine too, since DNS cannot be rebound to
    one. `origins`: scheme://host[:port] of foreign pages that may call the API from a browser."""

    token: str | None = field(default=None, repr=False)
    hosts: frozenset[str] | None = None
    any_address: bool = False
    origins: frozenset[str] = frozenset()
    per_minute: int = 0
    """Requests that ask or change something, of one client; 0 is no limit."""
    local_only: bool = False
    """Only clients on this machine are answered, whatever address the server was bound to."""

    @classmethod
    def bound_to(cls, host: str) -> Access:
        """What a server that listens on `host` must check, from the environment. Raises TokenError when others than
        this machine could reach it without a token, or with a weak one."""
        token = os.environ.get(TOKEN) or None
        if token is not None:
            check_strength(token)
        named = {name.strip().lower() for name in os.environ.get(HOSTS, "").split(",") if name.strip()}
        origins = {origin.strip().lower() for origin in os.environ.get(ORIGINS, "").split(",") if origin.strip()}
        local = is_loopback(host)
        if not local and token is None:
            raise TokenError(
                f"Whoever reaches {host} could read your sources. Set a token first, as in: "
                f'export {TOKEN}="$(qa token)"'
            )
        own = {"localhost", "127.0.0.1", "::1"} if local else {"localhost", host.lower(), socket.gethostname().lower()}
        per_minute = 0 if local else load_settings().rate
        return cls(token, frozenset(own | named), not local, frozenset(origins), per_minute, local_only=token is None)

    @classmethod
    def local(cls) -> Access:
        """What an app checks whose address is not known: as on loopback, so that serving it elsewhere opens nothing."""
        return cls.bound_to("127.0.0.1")

    def admits(self, client: str) -> bool:
        """Whether a client of this address may ask at all. One without an IP address came by a socket of this
        machine's own."""
        return not self.local_only or (address := _address(client)) is None or _own(address)

    def answers_to(self, authority: str) -> bool:
        """Whether a Host header names this server."""
        if self.hosts is None:
            return True
        host = host_of(authority)
        return host in self.hosts or (self.any_address and _address(host) is not None)

    def may_write(self, origin: str, authority: str) -> bool:
        """Whether a page of `origin` may change something here: the server's own pages, and those that were allowed.
        The scheme is not compared, since a proxy in front may speak https for us."""
        scheme, _, place = origin.lower().partition("://")
        return origin.lower() in self.origins or (scheme in ("http", "https") and place == authority.lower())

    def knows(self, token: str) -> bool:
        return self.token is not None and _same(token, self.token)

    def session(self, now: float | None = None) -> str:
        """A cookie's value that proves the token was known, without telling it; it ends by itself."""
        ends = str(int((time.time() if now is None else now) + SESSION_SECONDS))
        return f"{ends}.{self._seal(ends)}"

    def holds(self, session: str, now: float | None = None) -> bool:
        ends, _, seal = session.partition(".")
        if self.token is None or not (ends.isascii() and ends.isdecimal() and len(ends) < 16):
            return False
        return _same(seal, self._seal(ends)) and int(ends) > (time.time() if now is None else now)

    def _seal(self, ends: str) -> str:
        assert self.token is not None
        return hmac.new(self.token.encode(), f"footnote session {ends}".encode(), hashlib.sha256).hexdigest()


OPEN = Access()
"""Nothing is checked: for an app behind a door of somebody else's."""


def check_strength(token: str) -> None:
    """Raises TokenError for a token that could be guessed, or that a header cannot carry."""
    if len(token) < MIN_TOKEN or len(set(token)) < MIN_DISTINCT:
        raise TokenError(f"{TOKEN} is too easy to guess. Make one with: qa token")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise TokenError(f"{TOKEN} holds characters that a header cannot carry. Make one with: qa token")


def host_of(authority: str) -> str:
    """The host of `host:port` or `[address]:port`, in lower case."""
    authority = authority.strip().lower()
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.rpartition(":")[0] if authority.count(":") == 1 else authority


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def household(client: str) -> str:
    """Whom a client's address belongs to, for counting: in IPv6 one customer has all addresses of a /64."""
    address = _address(client)
    if address is None or address.version == 4 or address.ipv4_mapped is not None:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False))


def _own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _same(one: str, other: str) -> bool:
    # In constant time, whatever the lengths.
    digests = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in (one, other))
    return hmac.compare_digest(*digests)
