"""Whether a model server answers at all. Any answer will do: what it says is not looked at."""

from __future__ import annotations

import ipaddress
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def why_silent(base_url: str, patience_s: float) -> str:
    """What keeps the server at this address from answering; empty if it answers."""
    address = urlsplit(base_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        return f"{base_url!r} is no address"
    # The clients of models pass over the proxy for this machine, too.
    proxies: dict[str, str] | None = {} if is_loopback(address.hostname) else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    try:
        opener.open(f"{base_url.rstrip('/')}/models", timeout=patience_s).close()
    except urllib.error.HTTPError as err:
        err.close()
    except (OSError, ValueError) as err:
        return f"{base_url}: {getattr(err, 'reason', err)}"
    return ""


def all_silent(base_urls: Sequence[str], patience_s: float) -> str:
    """Why none of the servers answers; empty if one does. They are asked at the same time."""
    with ThreadPoolExecutor(len(base_urls)) as pool:
        reasons = list(pool.map(lambda url: why_silent(url, patience_s), base_urls))
    return "; ".join(reasons) if all(reasons) else ""
