"""The web app: `python app.py`, or `plumb serve`. One process, the page at / and the API at /v1.

python app.py [--host ADDRESS] [--port PORT] [--collection NAME]
"""

from __future__ import annotations

from rag.privacy import silence_libraries

silence_libraries()

import argparse  # noqa: E402  (the switches must be set before any library is imported)
import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from typing import Any  # noqa: E402

from rag.config import Settings, load_settings  # noqa: E402
from rag.errors import PlumbError, UsageError  # noqa: E402


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises ConfigError if the address is refused or cannot be used."""
    from web.engine import Engine, slots
    from web.listen import bind, check_address, run
    from web.logs import set_up
    from web.metrics import Metrics
    from web.observe import Observed, ObservedBackend, gauges

    check_address(settings)
    set_up(settings.logs)
    # Gradio's copies of uploads belong to the home, not to a folder that all users share.
    os.environ["GRADIO_TEMP_DIR"] = str(settings.home_dir / "tmp")
    with bind(settings.server.host, settings.server.port) as sock:
        server = settings.server
        metrics = Metrics()
        backend = ObservedBackend(settings, metrics)
        engine = Engine(
            backend,
            slots=slots(settings),
            queue_limit=server.waiting,
            each=server.waiting_each,
        )
        metrics.watch(gauges(engine, backend, settings))
        from web.server import build_app

        application = Observed(build_app(engine, settings, metrics), metrics)
        try:
            engine.start()
            run(application, sock)
        finally:
            engine.close()


def serve_mcp(settings: Settings) -> None:
    """Speak the Model Context Protocol over standard input and output until the input ends."""
    from web.backend import LocalBackend
    from web.engine import Engine
    from web.mcp_server import serve_stdio

    engine = Engine(LocalBackend(settings))
    try:
        serve_stdio(engine, settings)
    except KeyboardInterrupt:
        pass  # how a terminal ends it; hosts close the input
    finally:
        engine.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and serve; the exit code."""
    parser = argparse.ArgumentParser(prog="app.py", description=__doc__.splitlines()[0])
    parser.add_argument("--host", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=int, help="port (default 7860, or the next free one)")
    parser.add_argument("--collection", help="the collection to open")
    options = parser.parse_args(arguments)
    server = {key: getattr(options, key) for key in ("host", "port")}
    overrides: dict[str, Any] = {"server": {k: v for k, v in server.items() if v is not None}}
    if options.collection is not None:
        overrides["collection"] = options.collection
    try:
        serve(load_settings(overrides=overrides))
    except UsageError as err:
        print(f"plumb: {err}", file=sys.stderr)
        return 2
    except PlumbError as err:
        print(f"plumb: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
