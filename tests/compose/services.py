"""The callers' side of the running project: the gateway's published port, and what Odoo and S3 then hold."""

import asyncio
import json
import xmlrpc.client
from typing import Any

import boto3
import httpx2

from sandbox.demo import REQUEST
from sandbox.processes import SandboxError, holds_within
from tests.compose.project import Project
from tests.support import callers

GATEWAY = "http://127.0.0.1:8000"
ODOO = "http://127.0.0.1:8069"
S3 = "http://127.0.0.1:8333"
FINAL_SECONDS = 180.0
LOG_SECONDS = 60.0

Status = dict[str, Any]


class Services:
    """The published ports of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._settings = project.settings
        self._headers = callers.bearer(self._settings["GATEWAY_API_KEYS"].split(":")[1])

    def create_product(self) -> None:
        """Create the product of the original flow, under its id."""
        sequence = f"SELECT setval('product_product_id_seq', {REQUEST['product_id']}, false)"
        command = ["psql", "--username=odoo", "--dbname=quotations", "--command", sequence]
        self._project.compose("exec", "--no-TTY", "odoo-db", *command)
        values = {"name": "Robot PUDU", "default_code": "MT1", "list_price": 15950.0}
        created = self.odoo("product.product", "create", [values])
        if created != REQUEST["product_id"]:
            raise SandboxError(f"Odoo gave the id {created} to the product")

    def odoo(self, model: str, method: str, arguments: list[Any], **options: Any) -> Any:
        """Call a method of Odoo as its administrator."""
        password = self._settings["ODOO_ADMIN_PASSWORD"]
        common = xmlrpc.client.ServerProxy(f"{ODOO}/xmlrpc/2/common")
        uid = common.authenticate("quotations", "admin", password, {})
        models = xmlrpc.client.ServerProxy(f"{ODOO}/xmlrpc/2/object")
        return models.execute_kw("quotations", uid, password, model, method, arguments, options)

    def start(self, name: str) -> str:
        """Ask for the original flow's quotation over REST, for a customer of this name; return its id."""
        body = REQUEST | {"partner_name": name, "email": f"{name}@corp.com"}
        answer = httpx2.post(
            f"{GATEWAY}/api/quotation/async",
            json=body,
            headers=self._headers | {"Idempotency-Key": name},
            timeout=15,
        )
        if answer.status_code != httpx2.codes.ACCEPTED:
            raise SandboxError(f"the gateway answered {answer.status_code}: {answer.text}")
        return str(answer.json()["tracking_id"])

    def start_over_mcp(self, name: str) -> str:
        """Ask for it over MCP, as a model would; return its id."""

        async def ask() -> str:
            async with callers.mcp(GATEWAY, self._headers) as client:
                request = REQUEST | {"partner_name": name, "email": f"{name}@corp.com"}
                answer = await client.call_tool("dev_create_quotation", request)
            if answer.is_error or not answer.structured_content:
                raise SandboxError(f"dev_create_quotation answered: {answer.content}")
            return str(answer.structured_content["tracking_id"])

        return asyncio.run(ask())

    def status(self, tracking_id: str) -> Status:
        """Return a quotation's status."""
        answer = httpx2.get(f"{GATEWAY}/api/quotation/status/{tracking_id}", headers=self._headers, timeout=15)
        found: Status = answer.raise_for_status().json()
        return found

    def completed(self, tracking_id: str) -> Status:
        """Wait for the end of a quotation, look for it in Odoo and S3, and return its status.

        Raises:
            SandboxError: it has another end, or none, or is not there.
        """

        def is_final() -> bool:
            try:
                return self.status(tracking_id)["completed_at"] is not None
            except httpx2.HTTPError:
                return False

        if not holds_within(is_final, FINAL_SECONDS):
            raise SandboxError(f"{tracking_id} is not final")
        status = self.status(tracking_id)
        if status["status"] != "completed":
            raise SandboxError(f"{tracking_id} is {status['status']}: {status['error']}")
        result = status["result"]
        fields = {"fields": ["name", "amount_total"]}
        [order] = self.odoo("sale.order", "read", [[result["sale_order_id"]]], **fields)
        if (order["name"], order["amount_total"]) != (result["sale_order_name"], result["amount_total"]):
            raise SandboxError(f"{tracking_id} has another order in Odoo: {order}")
        if not holds_within(lambda: self._logged(status) == "completed", LOG_SECONDS):
            raise SandboxError(f"the log of {tracking_id} did not reach S3")
        return status

    def orders(self) -> int:
        """Return how many orders Odoo holds."""
        return int(self.odoo("sale.order", "search_count", [[]]))

    def _logged(self, status: Status) -> str | None:
        """Return the status in a quotation's log in S3, None if there is none."""
        s3 = boto3.client(
            "s3",
            endpoint_url=S3,
            region_name="us-east-1",
            aws_access_key_id=self._settings["S3_ACCESS_KEY_ID"],
            aws_secret_access_key=self._settings["S3_SECRET_ACCESS_KEY"],
        )
        year, month, _ = status["created_at"].split("-", 2)
        key = f"mcp-odoo-logs/{year}/{month}/{status['tracking_id']}.log"
        try:
            document = s3.get_object(Bucket="ilagentslogs", Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        return str(json.loads(document)["status"])
