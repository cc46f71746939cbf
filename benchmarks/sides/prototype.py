"""The prototype as its flow was drawn: `python -m benchmarks.sides.prototype PORT`.

A FastAPI server, a thread for each quotation, a dictionary of tasks, and `xmlrpc.client` with a new connection for
each call. It logs in each time and takes the steps one after the other. It uses the settings of the worker.
"""

import argparse
import json
import os
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

import boto3
import uvicorn
from fastapi import FastAPI, HTTPException, status
from pydantic import BaseModel


class QuotationRequest(BaseModel):
    """The request of the original flow."""

    partner_name: str
    contact_name: str = ""
    email: str
    phone: str = ""
    lead_name: str
    product_id: int
    product_qty: float = 1
    product_price: float = -1
    user_id: int = 0


class OdooClient:
    """Calls Odoo as the flow shows it."""

    def __init__(self) -> None:
        self._url = os.environ["ODOO__DEV__URL"]
        self._db = os.environ["ODOO__DEV__DB"]
        self._password = os.environ["ODOO__DEV__PASSWORD"]
        with ServerProxy(f"{self._url}/xmlrpc/2/common", allow_none=True) as common:
            self._uid = common.authenticate(self._db, os.environ["ODOO__DEV__USERNAME"], self._password, {})

    def execute(self, model: str, method: str, *arguments: Any) -> Any:
        """Call a method over a new connection."""
        with ServerProxy(f"{self._url}/xmlrpc/2/object", allow_none=True) as models:
            return models.execute_kw(self._db, self._uid, self._password, model, method, list(arguments))

    def get_or_create_partner(self, request: QuotationRequest) -> Any:
        """Return the id of the partner with the request's e-mail address."""
        found: Any = self.execute("res.partner", "search", [["email", "=", request.email]])
        if found:
            return found[0]
        values = {"name": request.partner_name, "email": request.email, "phone": request.phone}
        return self.execute("res.partner", "create", values)


class QuotationLogger:
    """Writes a log to a local folder, and uploads the finished one to S3."""

    def __init__(self) -> None:
        self._folder = Path(os.environ["LOG_DIR"])
        self._folder.mkdir(parents=True, exist_ok=True)
        self._s3 = boto3.client("s3")

    def log(self, task: dict[str, Any]) -> Path:
        """Write the local log and return its path."""
        path = self._folder / f"{task['tracking_id']}.log"
        path.write_text(json.dumps(task))
        return path

    def upload(self, path: Path) -> None:
        """Upload a log."""
        key = f"{os.environ['S3_PREFIX']}/{datetime.now(UTC):%Y/%m}/{path.name}"
        self._s3.upload_file(str(path), os.environ["S3_BUCKET"], key)


class Prototype:
    """The server's state: the tasks."""

    def __init__(self) -> None:
        self._tasks: dict[str, dict[str, Any]] = {}
        self._logger = QuotationLogger()

    def create(self, request: QuotationRequest) -> dict[str, Any]:
        """Start a quotation and return the immediate response."""
        tracking_id = f"quot_{uuid.uuid4().hex[:12]}"
        task = {"tracking_id": tracking_id, "status": "queued", "params": request.model_dump(), "result": None}
        self._tasks[tracking_id] = task
        self._logger.log(task)
        threading.Thread(target=self._process, args=(task, request), daemon=True).start()
        return {"tracking_id": tracking_id, "status": "queued"}

    def status(self, tracking_id: str) -> dict[str, Any]:
        """Return a task."""
        if tracking_id not in self._tasks:
            raise HTTPException(status.HTTP_404_NOT_FOUND)
        return self._tasks[tracking_id]

    def _process(self, task: dict[str, Any], request: QuotationRequest) -> None:
        began = time.monotonic()
        try:
            task["status"] = "processing"
            task["result"] = _quote(request)
            task["status"] = "completed"
        except Exception as error:  # noqa: BLE001  # as drawn
            task["result"] = {"error": str(error)}
            task["status"] = "failed"
        task["elapsed_time"] = f"{time.monotonic() - began:.1f}s"
        self._logger.upload(self._logger.log(task))


def _quote(request: QuotationRequest) -> dict[str, Any]:
    odoo = OdooClient()
    partner_id = odoo.get_or_create_partner(request)
    lead_id = odoo.execute("crm.lead", "create", {"name": request.lead_name, "partner_id": partner_id})
    odoo.execute("crm.lead", "write", [lead_id], {"type": "opportunity"})
    order_id = odoo.execute("sale.order", "create", {"partner_id": partner_id})
    price = request.product_price
    if price < 0:
        [product] = odoo.execute("product.product", "read", [request.product_id], ["list_price"])
        price = product["list_price"]
    line = {
        "order_id": order_id,
        "product_id": request.product_id,
        "product_uom_qty": request.product_qty,
        "price_unit": price,
    }
    line_id = odoo.execute("sale.order.line", "create", line)
    [order] = odoo.execute("sale.order", "read", [order_id], ["name"])
    return {
        "partner_id": partner_id,
        "lead_id": lead_id,
        "opportunity_id": lead_id,
        "sale_order_id": order_id,
        "sale_order_name": order["name"],
        "line_id": line_id,
    }


def create_app() -> FastAPI:
    """Return the server."""
    app = FastAPI()
    prototype = Prototype()

    @app.post("/api/quotation/async", status_code=status.HTTP_202_ACCEPTED)
    def create(request: QuotationRequest) -> dict[str, Any]:
        return prototype.create(request)

    @app.get("/api/quotation/status/{tracking_id}")
    def read(tracking_id: str) -> dict[str, Any]:
        return prototype.status(tracking_id)

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    uvicorn.run(create_app(), port=parser.parse_args().port, log_level="warning", access_log=False)
