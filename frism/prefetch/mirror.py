"""Addresses behind a mirror or a proxy that takes whole addresses."""

from __future__ import annotations

from urllib.parse import urlsplit

from frism.errors import ConfigError

WHOLE = "{url}"


def mirrored(url: str, mirror: str | None) -> str:
    """Returns where a file is fetched from.

    Args:
        url: VLMEvalKit's address of it.
        mirror: With `{url}` in it, that stands for the whole address:
            `https://proxy.example/{url}`. Else it replaces scheme and host:
            `https://mirror.example/files` before `/utils/VLMEval/POPE.tsv`. None: no mirror.

    Raises:
        ConfigError: The mirror is no address.
    """
    if mirror is None:
        return url
    parts = urlsplit(mirror)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            f"mirror: found '{mirror}'; expected an address such as https://mirror.example, which "
            "replaces scheme and host, or https://proxy.example/{url}"
        )
    if WHOLE in mirror:
        return mirror.replace(WHOLE, url)
    return mirror.rstrip("/") + url.partition("://")[2].removeprefix(urlsplit(url).netloc)
