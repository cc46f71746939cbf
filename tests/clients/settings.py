"""Settings that the gateway, its worker and the clients of these tests share."""

# a queue of their own: other tests leave quotations in those of dev and prod
ENVIRONMENT = "ventas"
KEY = "key-of-the-clients"
AUTHORIZATION = f"Bearer {KEY}"

GATEWAY = {
    "ENVIRONMENTS": ENVIRONMENT,
    "GATEWAY_API_KEYS": f"clients:{KEY}",
    "TRACKING_SECRET": "tracking-secret",
    "GATEWAY_RATE_LIMIT": "0",
}

CREATE, STATUS = f"{ENVIRONMENT}_create_quotation", f"{ENVIRONMENT}_get_quotation_status"
