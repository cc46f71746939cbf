"""The gateway's counters, for Prometheus. No label holds a caller, a customer or an id."""

from prometheus_client import Counter, Gauge

STARTS = Counter(
    "gateway_quotation_starts",
    "Quotations started, or found by their idempotency key.",
    ["environment", "outcome"],
)
STATUS_QUERIES = Counter(
    "gateway_status_queries", "Status queries of unfinished quotations, by whether a worker answered.", ["outcome"]
)
LOG_LOOKUPS = Counter(
    "gateway_log_lookups",
    "Look-ups in the logs for ids that Temporal does not know: `found`, `none`, `failed` or `refused`.",
    ["environment", "outcome"],
)
UNWRITTEN_LOGS = Gauge(
    "gateway_unwritten_logs",
    "Logs of ended quotations that could not be written to S3 yet; the same in every gateway.",
    ["environment"],
)
WATCHERS = Gauge(
    "gateway_watchers",
    "Callers that wait for a quotation's end (`wait`) or follow its events (`stream`).",
    ["kind"],
)
TEMPORAL_FAILURES = Counter(
    "gateway_temporal_failures", "Calls that Temporal did not serve, by reason.", ["reason"]
)
for _reason in ("no_answer", "unreachable", "unavailable"):
    # Prometheus sees a first failure only if it saw the zero before
    TEMPORAL_FAILURES.labels(_reason)
TOOL_CALLS = Counter("gateway_mcp_tool_calls", "MCP tool calls.", ["tool", "outcome"])
