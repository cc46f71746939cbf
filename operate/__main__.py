"""`python -m operate`: shows quotations to operators, and acts on them."""

import asyncio
import getpass
import logging
import sys
from argparse import Namespace
from typing import NoReturn

from gateway.errors import GatewayError, UnreadableQuotationError
from gateway.service.callers import Caller
from gateway.service.quotations import QuotationService
from gateway.service.temporal.connection import connect_now
from gateway.settings import GatewaySettings
from operate.arguments import parse
from operate.commands import COMMANDS, CommandError, Session
from operate.printing import Printer, printable
from runtime import process
from runtime.logs.lines import configure_logging
from runtime.settings import SettingsError
from runtime.unexpected import origin

EXIT_INTERRUPTED = 130


async def main(arguments: Namespace) -> None:
    """Run a command.

    Raises:
        SettingsError: A setting is wrong.
        GatewayError: The service refused the command, or Temporal does not answer.
        CommandError: The command cannot be run.
    """
    settings = GatewaySettings.load()
    name = getattr(arguments, "operator", None) or _user()
    client = await connect_now(settings, identity=f"{name} (operate)")
    caller = Caller(name, frozenset(settings.environments), reads_all=True, operates=True)
    session = Session(QuotationService(client, settings), caller, Printer(as_json=arguments.json))
    await COMMANDS[arguments.command](session, arguments)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise CommandError("This machine has no name for its user: use --as NAME.") from None


async def supervise(arguments: Namespace) -> NoReturn:
    """Run a command and end the process; anything that goes wrong is one sentence on stderr."""
    # asyncio.run would wait for the thread that reads an answer
    process.end(await _exit_code(arguments))


async def _exit_code(arguments: Namespace) -> int:
    code, sentence = process.EXIT_FAILED, ""
    try:
        await main(arguments)
        code = process.EXIT_OK
    except SettingsError as error:
        code, sentence = process.EXIT_WRONG_SETTING, f"{error}."
    except UnreadableQuotationError:
        sentence = "This quotation is encrypted with a key that PAYLOAD_KEYS does not have."
    except (GatewayError, CommandError) as error:
        sentence = str(error)
    except asyncio.CancelledError:
        code, sentence = EXIT_INTERRUPTED, "Interrupted."
    except SystemExit:
        # the reader of a pipe has gone
        pass
    except Exception as error:  # noqa: BLE001  # its text may hold a secret or a customer's data
        sentence = f"Stopped by an unexpected {origin(error)}."
    if sentence:
        sys.stderr.write(f"{printable(sentence)}\n")
    return code


def run() -> None:
    """Run the command of the command line, and end the process."""
    given = parse(sys.argv[1:])
    configure_logging()
    logging.getLogger().setLevel(logging.WARNING)
    if not sys.stderr.isatty():
        # in a terminal nobody would keep them, and Temporal's histories name the operator anyhow
        logging.getLogger("gateway.audit").setLevel(logging.INFO)
    asyncio.run(supervise(given))


if __name__ == "__main__":
    run()
