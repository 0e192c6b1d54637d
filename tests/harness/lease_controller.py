"""A drill's controller for tests of leases: breaks things, says so, and waits to be killed.

Started with the folder of a target.yaml, the folder of the run, and what to break as KIND:ROLE.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from harness.injects.lease import Leases
from harness.injects.model import InjectModel
from harness.injects.service import ServiceFault
from harness.injects.service_plan import fault_of
from harness.target import load_target
from harness.target.services import Services, kept


def main(target: Path, folder: Path, broken: list[str]) -> None:
    """Break, tell, wait."""
    leases = Leases("killed drill")
    services = Services(load_target(target), folder, leases)
    with kept(leases), services.standing():
        for each in broken:
            kind, role = each.split(":")
            model: Any = TypeAdapter(InjectModel).validate_python(
                {"kind": kind, "name": kind, "begins": "19:00", "ends": "19:10", "service": role}
            )
            fault = fault_of(model, 0.0, 10.0, services.by_role)
            assert isinstance(fault, ServiceFault), fault
            fault.begin()
        pids = [each.group.pid for each in services.processes.values()]
        sys.stdout.buffer.write(orjson.dumps({"leases": str(leases.path), "pids": pids}) + b"\n")
        sys.stdout.buffer.flush()
        time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
