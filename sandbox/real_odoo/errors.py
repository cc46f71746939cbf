"""What can go wrong with the test Odoo; every message is one sentence for the person at the keyboard."""

from sandbox.processes import SandboxError


class RealOdooError(SandboxError):
    """The test Odoo cannot be provided: no network, a package missing, a server that dies."""


class UnsupportedMachineError(RealOdooError):
    """This machine cannot hold a test Odoo; one that runs elsewhere has to be named instead."""
