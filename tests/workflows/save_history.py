"""Save a quotation's history for the replay test: `python -m tests.workflows.save_history TRACKING_ID NAME`."""

import asyncio
import re
import sys
from pathlib import Path

from runtime import temporal


async def main(tracking_id: str, name: str) -> None:
    client = await temporal.create_client(())
    history = await client.get_workflow_handle(tracking_id).fetch_history()
    path = Path(__file__).parents[1] / "data" / f"{name}.history.json"
    # whose process it was is nobody's business
    path.write_text(re.sub(r'("(?:identity|name)": )"\d+@[^"]*"', r'\1"worker"', history.to_json()))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
