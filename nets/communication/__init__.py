"""Means over agents, in one process or in many; see `nets.communication.process_group` on clusters."""

from nets.communication.choice import connect
from nets.communication.communication import Communication
from nets.communication.local import Local
from nets.communication.process_group import ProcessGroup

__all__ = ["Communication", "Local", "ProcessGroup", "connect"]
