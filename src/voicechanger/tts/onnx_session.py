"""Open an ONNX model on the CPU, without threads that spin while they wait."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import onnxruntime  # pyright: ignore[reportMissingTypeStubs]  # it ships none

_ort = cast(Any, onnxruntime)


def open_session(model: Path | bytes, threads: int, *, arena: bool = True, packed: bool = True) -> Any:
    """Return the session of a model, from its file or its bytes.

    arena: keep freed memory for the next call.
    packed: hold a second copy of the weights, in the order in which matrix products read them.
    """
    options = _ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that spins while it waits takes the core of another worker
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.disable_prepacking", "0" if packed else "1")
    options.enable_cpu_mem_arena = arena
    source = model if isinstance(model, bytes) else str(model)
    return _ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])
