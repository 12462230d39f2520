"""Means over agents, in one process or in many; see `nets.communication.process_group` on clusters."""

from nets.communication.communication import Communication, Local
from nets.communication.process_group import ProcessGroup, connect

__all__ = ["Communication", "Local", "ProcessGroup", "connect"]
