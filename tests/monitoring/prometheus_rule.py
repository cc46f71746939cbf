"""The alerts as a resource of Kubernetes; `python -m tests.monitoring.prometheus_rule` writes it again.

Kustomize builds resources from resources only, so it cannot put alerts.yml into one.
"""

import textwrap

from sandbox.processes import ROOT

ALERTS = ROOT / "monitoring" / "alerts.yml"
RESOURCE = ROOT / "monitoring" / "prometheus-rule.yaml"

_HEAD = """\
# Made from alerts.yml by `python -m tests.monitoring.prometheus_rule`.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: quotations
  labels:
    app.kubernetes.io/component: monitoring
spec:
"""


def resource() -> str:
    return _HEAD + textwrap.indent(ALERTS.read_text(), "  ")


if __name__ == "__main__":
    RESOURCE.write_text(resource())
