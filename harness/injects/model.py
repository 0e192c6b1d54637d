"""The injects as a scenario says them: what goes wrong, when, and in which casts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harness.injects.base_model import InjectBase, RunbookModel, TimeOfDay
from harness.injects.network_model import NetworkInject, NetworkModels
from harness.injects.people_model import PeopleInject, PeopleModels
from harness.injects.phone_model import PhoneInject, PhoneModels
from harness.injects.service_model import RestartModel, ServiceInject, ServiceModels

__all__ = [
    "InjectBase", "InjectModel", "NetworkInject", "PeopleInject", "PhoneInject", "RestartModel",
    "RunbookModel", "ServiceInject", "TimeOfDay",
]  # fmt: skip

InjectModel = Annotated[
    ServiceModels | NetworkModels | PhoneModels | PeopleModels, Field(discriminator="kind")
]
"""One inject of a scenario; ``kind`` says which."""
