"""One report tried: what became of it, whatever happened, as plain values.

Belongs: naming outcomes. Does not: how a report is made (`report`), who asked for it (`batch`).
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import asdict

from pupitre.errors import KernelDied, PupitreError, ReportError, refusal
from pupitre.run.inputs import Order
from pupitre.run.report import build_report

STATUS = {KernelDied: "killed", ReportError: "cell_error", PupitreError: "invalid_input"}


def attempt_report(order: Order) -> dict[str, object]:
    """Make a report: its status, why it failed, its folder, what was left out of its workbook.

    `fault` rather than `status` when the machine refused (a full disk): no report can be made until it is mended.
    """
    try:
        made = build_report(order)
    except PupitreError as error:
        status = next(name for kind, name in STATUS.items() if isinstance(error, kind))
        return {"status": status, "reason": str(error)}
    except OSError as error:
        return {"fault": f"« {error.filename or order.out} » : {refusal(error)}."}
    except Exception as error:
        return {"status": "cell_error", "reason": f"Erreur interne : {type(error).__name__} : {error}"}
    return {"status": "ok", "reason": "", **asdict(made)}


def main() -> None:
    """Make the report whose order is the first line of the input, and tell what became of it on the output.

    The input stays open as long as who asked is there: when it ends, so do we.
    """
    order = Order(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_caller, daemon=True).start()
    print("\n" + json.dumps(attempt_report(order)))


def _end_with_caller() -> None:
    os.read(0, 1)
    os._exit(1)
