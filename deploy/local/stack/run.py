"""From nothing running to everything ready, in order of readiness, and back."""

import os
import sys
from collections.abc import Mapping

from stack import addresses, demo_sign_in
from stack.databases import create_databases
from stack.forking import import_once
from stack.home import AlreadyRunning, Home
from stack.mail_queue import create_mail_queue
from stack.our_programs import IMPORTED_ANYWAY, MODULES, Ours
from stack.ports import is_free
from stack.processes import DidNotStart
from stack.progress import Progress
from stack.servers import servers_in
from stack.settings import BadSetting, Settings, settings_from
from stack.supervisor import StopRequested, Supervisor

_FOR_EVER_SECONDS = 3600


class PortTaken(Exception):
    pass


def run(environment: Mapping[str, str]) -> int:
    """The exit code: 0 when it was asked to stop, 1 with a reason on stderr otherwise."""
    try:
        settings = settings_from(environment)
        home = Home(settings.home)
        with home.locked(settings.url):
            _claim(settings.port)
            os.chdir(home.path)
            Run(settings, home).until_stopped()
    except (AlreadyRunning, BadSetting, DidNotStart, PermissionError, PortTaken) as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    return 0


class Run:
    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home
        self._progress = Progress()
        self._supervisor = Supervisor(home, self._progress)
        self._servers = servers_in(home.path, with_rabbitmq=settings.broker == "rabbitmq")
        self._ours = Ours(settings, self._servers)

    def until_stopped(self) -> None:
        self._supervisor.listen()
        self._progress.show(f"Bookly starts in {self._home.path}")
        try:
            self._start()
            self._load_demo()
            self._progress.show(addresses.for_people(self._settings))
            while True:
                self._supervisor.tend(_FOR_EVER_SECONDS)
        except StopRequested:
            self._progress.show("")
        finally:
            self._home.ready_file.unlink(missing_ok=True)
            self._progress.say("stopping")
            self._supervisor.stop()
            self._progress.say("stopped; the data is kept")

    def _start(self) -> None:
        say = self._progress.say
        self._supervisor.start(self._servers.programs())
        say(f"{self._servers.names()} are starting")
        if self._settings.fork:
            self._supervisor.fork = import_once((*MODULES, *IMPORTED_ANYWAY))
            say("our programs are in memory")
        self._prepare_data()
        self._supervisor.wait_until_ready(["nats"])
        say("NATS is ready")
        services = self._ours.services()
        self._supervisor.start(services)
        self._supervisor.wait_until_ready([program.name for program in services])
        say(f"{len(services)} services and workers are ready")
        self._supervisor.start([self._ours.gateway()])
        self._supervisor.wait_until_ready(["gateway"])
        self._home.announce(addresses.for_programs(self._settings, self._servers, self._ours))
        say(f"ready at {self._settings.url}")

    def _prepare_data(self) -> None:
        self._supervisor.run_once([self._ours.keys()])
        self._supervisor.wait_until_ready(["postgres"])
        self._progress.say("PostgreSQL is ready")
        create_databases(self._servers.postgres)
        if self._servers.rabbitmq is None:
            create_mail_queue(self._servers.postgres)
        self._supervisor.run_once(self._ours.migrations())
        self._progress.say("the databases are up to date")

    def _load_demo(self) -> None:
        if not self._settings.demo or demo_sign_in.marker(self._home.path).exists():
            return
        self._progress.say("the demo studio is being loaded (DEMO=0 leaves it out)")
        try:
            self._supervisor.run_once([self._ours.demo(self._progress.started)])
        except DidNotStart:
            self._progress.say("the demo studio could not be loaded; try again with: make demo")


def _claim(port: int) -> None:
    if not is_free(port):
        raise PortTaken(
            f"Port {port} is taken by another program.\n"
            f"End that one, or choose another port: make run PORT={port + 1}"
        )
