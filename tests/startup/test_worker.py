import sys
from functools import partial
from pathlib import Path

from sandbox import catalogue
from sandbox.processes import Process, start_process, wait_until
from sandbox.servers import S3_SETTINGS, s3_client, s3_server, standin_odoo


def says(process: Process, words: str) -> bool:
    return words in process.output


def test_a_worker_tells_what_it_finds_goes_on_and_looks_again(tmp_path: Path, temporal_address: str) -> None:
    (tmp_path / "file").touch()
    odoo = standin_odoo(tmp_path)
    with s3_server(tmp_path) as s3:
        settings = S3_SETTINGS | {
            "TEMPORAL_ADDRESS": temporal_address,
            "ENVIRONMENTS": "startup",
            "ODOO__STARTUP__URL": odoo.url,
            "ODOO__STARTUP__DB": "quotations",
            "ODOO__STARTUP__USERNAME": catalogue.SALESPERSON.login,
            "ODOO__STARTUP__PASSWORD": catalogue.SALESPERSON.password,
            "ODOO__STARTUP__LANG": "fr_FR",
            "AWS_ENDPOINT_URL_S3": s3.url,
            "S3_BUCKET": "not-there-yet",
            "LOG_DIR": str(tmp_path / "file" / "logs"),
        }
        worker = start_process([sys.executable, "worker.py"], tmp_path / "worker.log", settings)
        try:
            for words in (
                "working on quotations-startup",
                "WARNING runtime.startup: ODOO__STARTUP__URL may be wrong: Odoo refused the connection.",
                "WARNING runtime.startup: S3_BUCKET or AWS_* may be wrong: S3 has no bucket",
                "WARNING runtime.startup: LOG_DIR may be wrong: ",
            ):
                wait_until(partial(says, worker, words), worker)
            s3_client(s3.url).create_bucket(Bucket="not-there-yet")
            odoo.start()
            for words in (
                "INFO runtime.startup: Resolved: S3_BUCKET",
                "WARNING runtime.startup: ODOO__STARTUP__LANG may be wrong: ",
            ):
                wait_until(partial(says, worker, words), worker)
            assert worker.stop() == 0
        finally:
            worker.kill()
            odoo.kill()
    lines = worker.output.splitlines()
    assert len([line for line in lines if "WARNING runtime.startup" in line]) == 4
    assert not any(value in worker.output for value in (odoo.address, catalogue.SALESPERSON.password, "not-there"))
