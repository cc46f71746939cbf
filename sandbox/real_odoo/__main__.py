"""The command line: `python -m sandbox.real_odoo start|fresh|stop`."""

import argparse
import shlex
import sys

from sandbox.real_odoo.errors import RealOdooError, UnsupportedMachineError
from sandbox.real_odoo.layout import locate
from sandbox.real_odoo.progress import say
from sandbox.real_odoo.service import fresh_database, start, stop


def main() -> int:
    """Run one command, and print the database's address and logins as KEY=value lines.

    Returns:
        0; 1 if a step failed, 2 on a machine that cannot run a test Odoo, 130 if interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox.real_odoo", description="A real Odoo 19 for tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("start", help="serve Odoo and print its address and logins; the first time takes minutes")
    commands.add_parser("fresh", help="create another database and print its address and logins")
    commands.add_parser("stop", help="stop all servers")
    command = parser.parse_args().command
    try:
        if command == "stop":
            stop()
            say(f"Odoo and PostgreSQL are stopped. Their files stay in {locate().root}.")
            return 0
        access = start() if command == "start" else fresh_database()
    except UnsupportedMachineError as error:
        say(str(error))
        return 2
    except RealOdooError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    for variable, value in access.environment().items():
        sys.stdout.write(f"{variable}={shlex.quote(value)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
