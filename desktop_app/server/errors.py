"""What can go wrong with the built-in server, one class per case a caller may want to tell apart."""

from desktop_app.errors import LabkeepError, RefusedError, UnavailableError


class BuiltinServerError(LabkeepError):
    """The built-in server cannot be used now; the base of every error of this package."""


class ProgramsMissingError(BuiltinServerError, UnavailableError):
    """The server programs are not where the installed package should have put them."""


class AccountError(BuiltinServerError, UnavailableError):
    """The unprivileged system account that the server needs under root could not be had."""


class ForeignFolderError(BuiltinServerError, RefusedError):
    """The folder belongs to somebody else or holds something else; nothing in it was touched."""


class DataVersionError(BuiltinServerError, RefusedError):
    """The data was written by another major version of PostgreSQL than the one at hand."""


class StorageFullError(BuiltinServerError, UnavailableError):
    """The disk of the data folder has no room left."""


class StorageRefusedError(BuiltinServerError, UnavailableError):
    """The disk or folder of the data does not take writes."""


class ServerPasswordError(BuiltinServerError, RefusedError):
    """The password kept beside the data is missing, or the server does not take it."""


class ServerStartError(BuiltinServerError, UnavailableError):
    """The server did not come up, or did not stop; its log says why."""


class ServerBusyError(BuiltinServerError, UnavailableError):
    """Another program is starting or stopping the same server for too long."""
