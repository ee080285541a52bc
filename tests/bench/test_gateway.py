"""What the gateway costs, against what nginx costs, in front of the same service."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from stack.ports import free_ports
from stack.probes import says_ready
from stack.processes import running
from stack.programs import Program
from tests.bench.callers import Caller, requests_per_second, written
from tests.bench.in_turns import in_turns
from tests.bench.report import Report, at_least, at_most
from tests.bench.whole_stack import WholeStack
from tests.studio import Studio, open_studio

REQUESTS_A_ROUND = 300
CONNECTIONS = 16
PASSING_ON = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream scheduling {{ server 127.0.0.1:{upstream}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000;
        location / {{
            proxy_pass http://scheduling;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""
ADDS = at_most(4)


def test_what_is_added(whole: WholeStack, report: Report, tmp_path: Path) -> None:
    studio = whole.with_gateway(open_studio)
    path = f"/api/public/booking/{studio.slug}/availability?{days_of(studio, 2)}"
    what = "p50 that the gateway adds to the cached public page"
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin:/bin")
    if nginx is None:
        report.leave_out(what, ADDS, "nginx is not installed: apt-get install nginx-light")
        return
    direct, through = Caller(whole.port("scheduling")), Caller(whole.port("gateway"))
    with passing_on(nginx, whole.port("scheduling"), tmp_path) as port:
        other = Caller(port)
        rounds = in_turns(
            direct=lambda: direct.seconds(path, REQUESTS_A_ROUND),
            ours=lambda: through.seconds(path, REQUESTS_A_ROUND),
            nginx=lambda: other.seconds(path, REQUESTS_A_ROUND),
        )
    added = {
        name: median(
            via - bare
            for via, bare in zip(rounds.figures[name], rounds.figures["direct"], strict=True)
        )
        for name in ("ours", "nginx")
    }
    report.keep(
        what,
        added["ours"] / added["nginx"],
        ADDS,
        ours=f"{added['ours'] * 1000:.2f} ms to {rounds.median('direct') * 1000:.2f} ms",
        other=f"nginx adds {added['nginx'] * 1000:.2f} ms",
    )


def test_throughput(whole: WholeStack, report: Report) -> None:
    studio = whole.with_gateway(open_studio)
    request = written("GET", f"/api/availability?{days_of(studio, 14)}", studio.bearer)
    rounds = in_turns(
        **{
            name: lambda name=name: requests_per_second(  # type: ignore[misc]
                whole.port(name), request, connections=CONNECTIONS
            )
            for name in ("scheduling", "gateway")
        }
    )
    report.keep(
        f"GET /api/availability through the gateway, {CONNECTIONS} connections",
        rounds.ratio("gateway", "scheduling") * 100,
        at_least(60, "%"),
        ours=f"{rounds.median('gateway'):,.0f}/s",
        other=f"direct {rounds.median('scheduling'):,.0f}/s",
    )


def days_of(studio: Studio, days: int) -> str:
    first = datetime.now(UTC).date() + timedelta(days=2)
    last = first + timedelta(days=days - 1)
    return urlencode({"service_id": studio.service, "from": first, "to": last})


@contextmanager
def passing_on(nginx: str, upstream: int, folder: Path) -> Iterator[int]:
    """Its port, in front of the upstream's."""
    port = free_ports(1)[0]
    configuration = folder / "nginx.conf"
    configuration.write_text(PASSING_ON.format(folder=folder, upstream=upstream, port=port))
    program = Program(
        name="nginx",
        command=(nginx, "-p", str(folder), "-c", str(configuration)),
        is_ready=says_ready(port),
    )
    with running(program, folder / "nginx.log"):
        yield port
