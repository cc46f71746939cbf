"""The errors of the test Odoo; each message is one sentence for the developer."""

from sandbox.processes import SandboxError


class RealOdooError(SandboxError):
    """The test Odoo cannot be provided: the network is down, a package is missing, a server died."""


class UnsupportedMachineError(RealOdooError):
    """This machine cannot run a test Odoo; the developer must name one that runs elsewhere."""
