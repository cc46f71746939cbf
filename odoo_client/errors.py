"""The few errors a call to Odoo can end with; each text is a clean sentence without data or traceback."""


class OdooError(Exception):
    """A call to Odoo failed."""


class OdooUnavailableError(OdooError):
    """Odoo could not be reached or did not answer in time. Transient: a later call may succeed."""


class OdooBusyError(OdooUnavailableError):
    """Odoo gave way to another transaction. Transient: worth repeating within a second."""


class OdooAuthError(OdooError):
    """Odoo refused the database, the user name or the password. Permanent."""


class OdooAccessDeniedError(OdooError):
    """Odoo's user lacks a right for this call. Permanent."""


class OdooRejectedError(OdooError):
    """Odoo refused the values. Permanent."""


class OdooUnknownReferenceError(OdooRejectedError):
    """Odoo has no record of this external id. Permanent."""


class OdooUnexpectedError(OdooError):
    """Odoo answered something this client does not know. Neither surely transient nor surely permanent."""
