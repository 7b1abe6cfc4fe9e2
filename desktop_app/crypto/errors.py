"""What sealing, opening and trusting refuse, each with a name of its own."""

from desktop_app.errors import LabkeepError
from desktop_app.message import Message


class CryptoError(LabkeepError):
    """Something sealed, signed or derived could not be made or used."""

    code = "crypto"


class TamperedError(CryptoError):
    """Sealed data was changed, cut, extended or swapped, or belongs somewhere else."""

    code = "tampered"


class WrongKeyError(CryptoError):
    """The key or password is not the one this was sealed under, or it is not there."""

    code = "wrong_key"


class UnknownFormatError(CryptoError):
    """The bytes do not have a form this version of Labkeep knows."""

    code = "unknown_format"


class UserNameFormError(CryptoError):
    """The user name has characters or a length that no user name has."""

    code = "invalid"


class TrustError(CryptoError):
    """The trust log, or something that leans on it, is not to be believed."""

    code = "trust"


class WrongRootError(TrustError):
    """The log does not begin with the root this workstation was told to trust."""

    code = "wrong_root"


class BrokenChainError(TrustError):
    """An entry does not follow the one before it: something was taken out, put in, changed or moved."""

    code = "broken_chain"


class ReplayedEntryError(BrokenChainError):
    """An old entry stands in the log once more."""

    code = "replayed_entry"


class ForkError(TrustError):
    """The log disagrees with what this workstation saw earlier."""

    code = "fork"


class TruncatedLogError(TrustError):
    """The log is shorter than what this workstation saw earlier."""

    code = "truncated_log"


class LogBehindError(TrustError):
    """Something refers to a point of the log that has not been read yet."""

    code = "log_behind"


class PlantedKeyError(TrustError):
    """A tenant key is not the one the trust log names."""

    code = "planted_key"


class UnsignedError(TrustError):
    """A statement carries no valid signature of an enrolled identity."""

    code = "unsigned"


class NotAWriterError(TrustError):
    """The signer had no right to write in that center at that point of the log."""

    code = "not_a_writer"


class RecoveryKitError(CryptoError):
    """The recovery kit's words cannot be used."""

    code = "recovery_kit"


class MistypedKitError(RecoveryKitError):
    """The words hold a typing error; ``positions`` has the places (from 1) of unknown words."""

    code = "mistyped_kit"

    def __init__(self, message: Message, positions: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.positions = positions


class OtherKitError(RecoveryKitError):
    """The words are whole and right, but of another installation's kit or of a replaced one."""

    code = "other_kit"


class ReplacedKitError(OtherKitError):
    """The words are of a kit of this installation that another one has taken the place of."""

    code = "replaced_kit"
