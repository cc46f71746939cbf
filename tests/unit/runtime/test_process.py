import asyncio
import json
import os
import signal
import sys
import textwrap
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass

import pytest

from sandbox.ports import free_port
from sandbox.processes import ROOT, environment

MARKER = "Acme-Corp-compras@acme.mx"
"""Data of a customer, in the text of an exception."""

SECRET = "hunter2-the-secret"

ODOO = {
    "ODOO__DEV__URL": "http://127.0.0.1:9",
    "ODOO__DEV__DB": "acme",
    "ODOO__DEV__USERNAME": "robot",
    "ODOO__DEV__PASSWORD": SECRET,
}


@dataclass
class End:
    """How a process ended."""

    code: int
    stdout: str
    stderr: str


async def start(*arguments: str, **settings: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env=environment(settings), stdout=PIPE, stderr=PIPE
    )


async def end_of(process: Process) -> End:
    try:
        async with asyncio.timeout(40):
            stdout, stderr = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return End(process.returncode, stdout.decode(), stderr.decode())


def program(main: str, options: str = "") -> str:
    """Return a program whose `main` has this body; the options are those of `runtime.process.run`."""
    return (
        "import asyncio, logging\n"
        "from runtime import process\n"
        "from runtime.settings import SettingsError\n"
        f"MARKER = {MARKER!r}\n"
        "logger = logging.getLogger('quotations')\n"
        "async def main(stop):\n"
        f"{textwrap.indent(textwrap.dedent(main), '    ')}\n"
        f"process.run(main, {options})\n"
    )


async def run(main: str, **settings: str) -> End:
    return await end_of(await start("-c", program(main), **settings))


# how a process ends


async def test_a_process_whose_work_is_done_exits_with_0() -> None:
    ended = await run("print('worked')")
    assert (ended.code, ended.stdout, ended.stderr) == (0, "worked\n", "")


async def test_a_wrong_setting_exits_with_2_and_one_line() -> None:
    ended = await run("raise SettingsError('ODOO__DEV__URL must be set')")
    assert (ended.code, ended.stdout, ended.stderr) == (2, "", "ODOO__DEV__URL must be set.\n")


async def test_anything_else_exits_with_1_and_without_its_text() -> None:
    ended = await run("raise ValueError(MARKER)")
    assert ended.code == 1
    assert MARKER not in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "ValueError" in ended.stderr


async def test_a_group_of_exceptions_exits_with_1_and_names_each() -> None:
    ended = await run(
        """
        async def fail(error):
            raise error
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(ValueError(MARKER)))
            group.create_task(fail(KeyError(MARKER)))
        """
    )
    assert ended.code == 1
    assert MARKER not in ended.stderr
    assert "ValueError" in ended.stderr
    assert "KeyError" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_main_finish_and_exits_with_0(number: signal.Signals) -> None:
    process = await start("-c", program("print('ready', flush=True); await stop.wait(); print('finished')"))
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"ready\n"
    os.kill(process.pid, number)
    ended = await end_of(process)
    assert (ended.code, ended.stdout, ended.stderr) == (0, "finished\n", "")


async def test_a_process_that_does_not_stop_in_its_time_ends_with_1_and_a_sentence() -> None:
    main = """
        async def ignore_cancel():
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    pass
        class Collecting(logging.NullHandler):
            def flush(self):
                import gc
                gc.collect()
        # what nobody holds is then gone before the process is
        logging.getLogger().addHandler(Collecting())
        stop.set()
        await ignore_cancel()
    """
    ended = await end_of(await start("-c", program(main, "stop_seconds=0.1")))
    assert ended.code == 1
    (line,) = ended.stderr.splitlines()
    assert line.endswith("did not stop within 0.1 s: ending now")


async def test_a_thread_that_hangs_does_not_hold_the_end_and_all_output_is_written() -> None:
    ended = await run(
        """
        import threading, time
        threading.Thread(target=time.sleep, args=[60]).start()
        print('x' * 100_000)
        """
    )
    assert (ended.code, len(ended.stdout)) == (0, 100_001)


async def test_a_setting_that_turns_out_to_be_wrong_later_exits_with_2_and_its_sentence() -> None:
    ended = await run(
        """
        async def check():
            await asyncio.sleep(0.01)
            raise SettingsError('PAYLOAD_KEYS must have a key')
        stop.set_if_fails(asyncio.create_task(check()))
        await stop.wait()
        print('finished')
        """
    )
    assert (ended.code, ended.stdout, ended.stderr) == (2, "finished\n", "PAYLOAD_KEYS must have a key.\n")


async def test_a_check_that_fails_for_another_reason_does_not_end_the_process() -> None:
    ended = await run(
        """
        async def check():
            raise ValueError(MARKER)
        stop.set_if_fails(asyncio.create_task(check()))
        await asyncio.sleep(0.01)
        print(stop.is_set())
        """
    )
    assert (ended.code, ended.stdout) == (0, "False\n")
    assert "a setting could not be checked: ValueError" in ended.stderr
    assert MARKER not in ended.stderr


async def test_a_thread_of_asyncio_that_hangs_does_not_hold_the_end_either() -> None:
    ended = await run(
        """
        import time
        asyncio.create_task(asyncio.to_thread(time.sleep, 60))
        await asyncio.sleep(0.1)
        """
    )
    assert (ended.code, ended.stderr) == (0, "")


# what a process logs


async def test_the_log_keeps_what_we_say_and_leaves_out_what_libraries_say_of_requests() -> None:
    ended = await run(
        """
        logger.info('working on %s', 'quotations-dev')
        logger.debug(MARKER)
        for name in ('httpx2', 'httpcore2.connection', 'botocore.hooks', 'temporalio.activity', 'uvicorn.access'):
            logging.getLogger(name).error(MARKER)
        """
    )
    (line,) = ended.stderr.splitlines()
    assert line.endswith("INFO quotations: working on quotations-dev")


async def test_a_logged_exception_loses_its_text_and_keeps_its_name() -> None:
    ended = await run(
        """
        class Custom(Exception):
            def __str__(self):
                return MARKER
        def chained():
            try:
                raise ValueError(MARKER)
            except ValueError as error:
                raise RuntimeError(MARKER) from error
        def noted():
            error = TypeError(MARKER)
            error.add_note(MARKER)
            raise error
        def grouped():
            raise ExceptionGroup(MARKER, [LookupError(MARKER), OSError(MARKER)])
        def custom():
            raise Custom
        for fail in (lambda: int(MARKER), lambda: {}[MARKER], chained, noted, grouped, custom):
            try:
                fail()
            except Exception as error:
                logger.exception('one %s', 'failed')
                logger.warning('two failed', exc_info=True)
                logging.getLogger('temporalio.worker').error('three failed', exc_info=error)
        """
    )
    assert ended.code == 0
    assert MARKER not in ended.stderr
    told = [line.split(": ", 1)[1] for line in ended.stderr.splitlines()]
    assert [text.split(" (")[0] for text in told] == ["one failed", "two failed", "three failed"] * 6
    for number, names in enumerate(
        [["ValueError"], ["KeyError"], ["RuntimeError"], ["TypeError"], ["LookupError", "OSError"], ["Custom"]]
    ):
        assert all(name in text for text in told[3 * number : 3 * number + 3] for name in names)
    # where it came from: this program has no file
    assert "ValueError at <string>:" in told[0]


async def test_the_exception_of_a_forgotten_task_loses_its_text() -> None:
    ended = await run(
        """
        import gc
        async def fail():
            raise ValueError(MARKER)
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        del task
        gc.collect()
        future = asyncio.get_running_loop().create_future()
        future.set_exception(KeyError(MARKER))
        del future
        gc.collect()
        """
    )
    assert MARKER not in ended.stderr
    assert "ValueError" in ended.stderr
    assert "KeyError" in ended.stderr


async def test_a_line_has_the_ids_of_its_request_and_its_quotation() -> None:
    ended = await run(
        """
        from runtime.logs import ids
        logger.info('neither')
        ids.current_request_id.set('mine')
        ids.enter_quotation('quot_0123456789ab-log')
        logger.info('both')
        logger.info('quot_ba9876543210 ended')
        ids.enter_quotation('lookup_0123456789ab')
        logger.info('a look-up')
        """
    )
    assert [line.split("INFO quotations:")[1] for line in ended.stderr.splitlines()] == [
        " neither",
        " [mine] both [quot_0123456789ab]",
        " [mine] quot_ba9876543210 ended",
        " [mine] a look-up",
    ]


async def test_with_json_every_line_is_an_object_with_these_ids() -> None:
    ended = await run(
        """
        import warnings
        from runtime.logs import ids, lines
        ids.current_request_id.set('mine')
        ids.enter_quotation('quot_0123456789ab')
        logger.info('%s\\n"%s"', 'two', 'lines\\u2028')
        logging.getLogger('gateway.audit').info(lines.Fields(action='start', tracking_id='quot_ba9876543210'))
        warnings.warn(MARKER[:4])
        try:
            raise ValueError(MARKER)
        except ValueError:
            logger.exception('failed')
        raise SettingsError('ODOO must be set')
        """,
        LOG_FORMAT="json",
    )
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [(line["level"], line["logger"]) for line in lines] == [
        ("INFO", "quotations"),
        ("INFO", "gateway.audit"),
        ("WARNING", "py.warnings"),
        ("ERROR", "quotations"),
        ("CRITICAL", "runtime.logs.lines"),
    ]
    said, audited, _, failed, last = lines
    assert said.pop("time").endswith("+00:00")
    assert said == {
        "level": "INFO",
        "logger": "quotations",
        "message": 'two\n"lines\u2028"',
        "request_id": "mine",
        "tracking_id": "quot_0123456789ab",
    }
    assert (audited["action"], audited["tracking_id"]) == ("start", "quot_ba9876543210")
    assert failed["message"].startswith("failed (ValueError at <string>:")
    assert MARKER not in ended.stderr
    assert (ended.code, last["message"]) == (2, "ODOO must be set.")


# the worker


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ["ODOO__DEV__URL", "ODOO__DEV__DB", "ODOO__DEV__USERNAME", "ODOO__DEV__PASSWORD"]),
        (ODOO | {"ODOO__DEV__URL": f"http://robot:{SECRET}@odoo.test"}, ["ODOO__DEV__URL"]),
        (ODOO | {"TEMPORAL_ADDRESS": "::::"}, ["TEMPORAL_"]),
        (ODOO | {"AWS_ENDPOINT_URL_S3": "s3"}, ["AWS_"]),
        (ODOO | {"LOG_FORMAT": "xml"}, ["LOG_FORMAT", "text", "json"]),
        (ODOO | {"OTEL_EXPORTER_OTLP_ENDPOINT": SECRET}, ["OTEL_EXPORTER_OTLP_ENDPOINT"]),
    ],
    ids=["missing", "odoo", "temporal", "s3", "format", "collector"],
)
async def test_a_worker_with_a_wrong_setting_exits_with_2_and_one_line(
    settings: dict[str, str], names: list[str]
) -> None:
    nobody = {"TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}"}
    ended = await end_of(await start("worker.py", **nobody | settings))
    (line,) = ended.stderr.splitlines()
    assert (ended.code, ended.stdout) == (2, "")
    assert all(name in line for name in names)
    assert SECRET not in line


async def test_a_worker_that_waits_for_temporal_stops_on_sigterm() -> None:
    process = await start("worker.py", **ODOO, TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}")
    assert process.stderr is not None
    line = await asyncio.wait_for(process.stderr.readline(), 20)
    assert b"Temporal does not answer yet" in line
    process.terminate()
    ended = await end_of(process)
    assert (ended.code, ended.stderr) == (0, "")
