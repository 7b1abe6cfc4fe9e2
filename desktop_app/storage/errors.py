"""What can go wrong with the store, with files of people, and with the credential store."""

from desktop_app.errors import ConflictError, LabkeepError, NotFoundError, RefusedError, UnavailableError


class StorageError(LabkeepError):
    """A file or folder could not be used; every error of the store also is one of these."""


class StoreUnavailableError(StorageError, UnavailableError):
    """The store cannot be reached or does not answer properly now."""

    code = "store_unavailable"


class StoreMissingError(StoreUnavailableError):
    """The store's folder or its marker is not there: most often a share that is not mounted."""

    code = "store_missing"


class StoreFullError(StorageError, UnavailableError):
    """There is no room left, or a quota is used up."""

    code = "store_full"


class StoreReadOnlyError(StorageError, UnavailableError):
    """The store may be read but not written."""

    code = "store_read_only"


class ForeignStoreError(StorageError, RefusedError):
    """The folder is the store of another installation, or its marker cannot be understood."""

    code = "foreign_store"


class UnsafeStoreError(StorageError, RefusedError):
    """A link, a device or something else stands where the store has a plain file or folder."""

    code = "unsafe_store"


class AlreadyStoredError(StorageError, ConflictError):
    """A file of this id is stored or being written; ids are never used twice."""

    code = "already_stored"


class MissingFileError(StorageError, NotFoundError):
    """The store is there, but it has no file of this id."""

    code = "missing_file"


class SourceError(StorageError, RefusedError):
    """A file of a person could not be taken as it is."""

    code = "source"


class SourceMissingError(SourceError):
    """The file is no longer where it was."""

    code = "source_missing"


class SourceUnreadableError(SourceError):
    """The file may not be read, is open in another program, or lies on a failing disk."""

    code = "source_unreadable"


class ChangedWhileReadError(SourceError):
    """The file changed while it was being read, so that what was read belongs to no one moment."""

    code = "source_changed"


class TargetError(StorageError):
    """A file for a person could not be written where it was asked for."""

    code = "target"


class TargetExistsError(TargetError, ConflictError):
    """There is a file of that name already, and it was not asked to be replaced."""

    code = "target_exists"


class CredentialsError(LabkeepError):
    """The system's credential store did not do what it was asked; nothing depends on it but convenience."""

    code = "credentials"


class CredentialsSilentError(CredentialsError, UnavailableError):
    """The credential store did not answer in time; it may be waiting behind a question to the person."""

    code = "credentials_silent"


class CredentialsLockedError(CredentialsError, UnavailableError):
    """The credential store is locked, and was not unlocked."""

    code = "credentials_locked"


class CredentialsUnavailableError(CredentialsError, UnavailableError):
    """There is no credential store that encrypts, or it failed."""

    code = "credentials_unavailable"


class RememberedBrokenError(StorageError, RefusedError):
    """What this workstation remembers of an installation cannot be read; forgetting it silently would be unsafe."""

    code = "remembered_broken"


class RememberedForkError(StorageError, RefusedError):
    """The same position of a log is remembered with other content."""

    code = "remembered_fork"
