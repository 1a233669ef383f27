"""The parent of a decoder takes no more from it than it needs, and no longer than it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicechanger.sandbox.child import OUTPUT_FAILED, SANDBOX_FAILED
from voicechanger.sandbox.runner import Ended, run_child


async def test_output_without_end_is_not_held(tmp_path: Path) -> None:
    lines = tmp_path / "lines.json"
    lines.write_text("[1]\n" * 300_000)
    ended = await run_child("json.tool", ["--json-lines", "--compact", str(lines)], 60)
    assert ended.exit_code == 0 and ended.output.endswith(b"[1]\n") and len(ended.output) == 65_536


async def test_complaints_are_kept_short() -> None:
    ended = await run_child("json.tool", ["/" + "x" * 3_000], 60)
    assert ended.exit_code != 0 and not ended.machine_failed and 0 < len(ended.complaints) <= 500


async def test_a_child_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    done = tmp_path / "done"
    code = f"import time; time.sleep(3); open({str(done)!r}, 'w').close()"
    with pytest.raises(TimeoutError):
        await run_child("timeit", ["-n", "1", "-r", "1", code], 0.5)
    assert not done.exists()


@pytest.mark.parametrize(("code", "machine"), [(SANDBOX_FAILED, True), (OUTPUT_FAILED, True), (1, False), (-9, False)])
def test_whose_fault_it_was(code: int, machine: bool) -> None:
    assert Ended(code, b"", "").machine_failed is machine
