"""The errors of a call to Odoo. Each text is a sentence without customer data or traceback."""


class OdooError(Exception):
    """A call to Odoo failed."""


class OdooUnavailableError(OdooError):
    """Odoo could not be reached or did not answer in time. Transient: a later call may succeed."""


class OdooBusyError(OdooUnavailableError):
    """Odoo gave way to another transaction. Transient: repeat the call within a second."""


class OdooCrowdedError(OdooUnavailableError):
    """As many calls as may run at once were running for too long. Transient: a later call may succeed."""


class OdooInstallationError(OdooError):
    """The installation is at fault, not the call. It may pass by itself, or after an operator has acted."""


class OdooAuthError(OdooInstallationError):
    """Odoo does not know the database or the user, or a proxy in front of it requires a login."""


class OdooLoginRefusedError(OdooAuthError):
    """Odoo refused the user name or the password. It counts such failures, and pauses logins after some."""


class OdooAccessDeniedError(OdooInstallationError):
    """Odoo's user lacks a right for this call."""


class OdooMissingError(OdooInstallationError):
    """Odoo, the content of its database or a module is not there; a proxy may answer in Odoo's place."""


class OdooMissingModelError(OdooMissingError):
    """Odoo has no such model: a module is not installed."""


class OdooRejectedError(OdooError):
    """Odoo refused the values. Permanent."""


class OdooUnknownReferenceError(OdooRejectedError):
    """Odoo has no record of this external id. Permanent."""


class OdooUnexpectedError(OdooError):
    """Odoo gave an answer that this client does not know. It may be transient or permanent."""


class OdooUnknownMethodError(OdooUnexpectedError):
    """This version of Odoo has no such method, or calls it in another form."""
