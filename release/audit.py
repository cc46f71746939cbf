"""`python -m release.audit`: looks for known vulnerabilities of the locked dependencies, with pip-audit.

The exit code is 0 if there is none, 1 if there is one, and 75 if this machine cannot reach a service that knows
all packages. Arguments are passed to pip-audit, e.g. `--ignore-vuln ID`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from release import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")

_UNREACHABLE = ("requests.exceptions.", "pip_audit._service.interface.", "Could not connect")


def audit(locks: Sequence[Path], options: Sequence[str] = ()) -> int:
    """Print a line for each vulnerability, or one sentence; return the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format=json"]
    command += ["--progress-spinner=off", "--timeout=10", *(f"--requirement={lock}" for lock in locks), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.stdout:
        return report(json.loads(done.stdout)["dependencies"])
    if any(sign in done.stderr for sign in _UNREACHABLE):
        print("Not audited: this machine cannot reach the service that knows vulnerabilities.")
        return os.EX_TEMPFAIL
    print(done.stderr.strip())
    return 1


def report(dependencies: Sequence[dict[str, Any]]) -> int:
    """Print what pip-audit found in these packages; return the exit code."""
    found = {
        f"{one['name']} {one['version']}: {known['id']}, fixed in {', '.join(known['fix_versions']) or 'none'}"
        for one in dependencies
        for known in one.get("vulns", ())
    }
    names = {one["name"] for one in dependencies}
    skipped = sorted({one["name"] for one in dependencies if "skip_reason" in one})
    for line in sorted(found):
        print(line)
    if skipped:
        unknown = f"{len(skipped)} of {len(names)} packages: {skipped[0]}{', ...' if skipped[1:] else ''}"
        print(f"Not audited, since the service that this machine reaches does not know them: {unknown}.")
    if found:
        return 1
    if skipped:
        return os.EX_TEMPFAIL
    print(f"None of {len(names)} packages has a known vulnerability.")
    return 0


if __name__ == "__main__":
    sys.exit(audit([ROOT / name for name in LOCKS], sys.argv[1:]))
