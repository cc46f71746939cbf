"""The errors of a call to Odoo. Each text is a sentence without customer data or traceback."""


class OdooError(Exception):
    """A call to Odoo failed."""


class OdooUnavailableError(OdooError):
    """Odoo could not be reached or did not answer in time. Transient: a later call may succeed."""


class OdooBusyError(OdooUnavailableError):
    """Odoo gave way to another transaction. Transient: repeat the call within a second."""


class OdooAuthError(OdooError):
    """Odoo refused the database, the user name or the password. Permanent."""


class OdooAccessDeniedError(OdooError):
    """Odoo's user lacks a right for this call. Permanent."""


class OdooRejectedError(OdooError):
    """Odoo refused the values. Permanent."""


class OdooUnknownReferenceError(OdooRejectedError):
    """Odoo has no record of this external id. Permanent."""


class OdooUnexpectedError(OdooError):
    """Odoo gave an answer that this client does not know. It may be transient or permanent."""


class OdooUnknownMethodError(OdooUnexpectedError):
    """This version of Odoo has no such method, or calls it in another form."""
