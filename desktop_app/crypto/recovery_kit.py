"""The recovery kit: a 32-byte seed as 33 words (SLIP-39, 1 of 1), root of the trust log."""

import hmac
import os
import re
from typing import NoReturn
from uuid import UUID

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from desktop_app.crypto.errors import MistypedKitError, OtherKitError, RecoveryKitError
from desktop_app.crypto.identities import Identity, identity_from_seed
from desktop_app.message import Message
from desktop_app.system.secret import Secret

_BEGIN = "-----BEGIN LABKEEP RECOVERY KIT-----"
_END = "-----END LABKEEP RECOVERY KIT-----"
_MARKUP = re.compile(r"<[^<>]*>")
_KNOWN = frozenset(WORDLIST)
_WORDS = 33
_SEED = 32
_ANY_ID = UUID(int=0)
_FINGERPRINT_WORDS = 8  # 10 bits each: 80 bits, out of reach for a look-alike root


class RecoveryKit:
    """The seed and the words it is kept as. A kit is shown once and then dropped from memory."""

    __slots__ = ("_seed", "_words")

    def __init__(self, seed: Secret, words: Secret) -> None:
        self._seed = seed
        self._words = words

    @classmethod
    def make(cls) -> "RecoveryKit":
        """A new kit from the system's random source."""
        seed = os.urandom(_SEED)
        # One group of one part: k of n later needs no other format. The library's defaults are
        # SLIP-39's: extendable, 20,000 rounds of PBKDF2, no passphrase.
        words = generate_mnemonics(1, [(1, 1)], seed)[0][0]
        return cls(Secret(seed), Secret(words.encode("ascii")))

    @classmethod
    def from_words(cls, text: str) -> "RecoveryKit":
        """Read words as typed, or the whole text of a kit's file; numbers and line ends do not matter.

        Raises ``MistypedKitError`` for words that are not in the list, too many or too few, or in
        the wrong place (the checksum finds any three wrong words), ``RecoveryKitError`` for words
        that are right but no kit of Labkeep's.
        """
        words = _words_of(text)
        mnemonic = " ".join(words)
        try:
            share = Share.from_mnemonic(mnemonic)
            parts = (share.group_threshold, share.group_count, share.member_threshold)
            if parts != (1, 1, 1):
                raise RecoveryKitError("These words are one part of several, and no recovery kit by themselves.")
            seed = combine_mnemonics([mnemonic])
        except MnemonicError:
            raise MistypedKitError(
                Message(
                    "Every word is one a kit can have, but together they are not right: "
                    "a word is in the wrong place or was exchanged for another."
                )
            ) from None
        return cls(Secret(seed), Secret(mnemonic.encode("ascii")))

    def words(self) -> list[str]:
        """The 33 words, in order."""
        return self._words.reveal().decode("ascii").split()

    def identity(self, identity_id: UUID) -> Identity:
        """The root's identity; its id stands in the trust log's first entry (or the last "kit replaced")."""
        return identity_from_seed(self._seed.reveal(), identity_id)

    def fingerprint(self) -> bytes:
        """The root fingerprint, SHA-256 over all public halves: 32 bytes."""
        return self.identity(_ANY_ID).public.fingerprint()

    def check(self, fingerprint: bytes) -> None:
        """Raise ``OtherKitError`` unless this is the kit of the root with that fingerprint."""
        if not hmac.compare_digest(self.fingerprint(), fingerprint):
            raise OtherKitError(
                "These words were typed correctly, but they are another installation's kit or one that was replaced."
            )

    def to_file_text(self, installation_name: str, installation_id: UUID, made_on: str) -> str:
        """The kit as a page to print or a file to keep; ``from_words`` reads it back whole.

        ``made_on`` is a date as the person should read it.
        """
        cells = [f"{place:2}. {word:<10}" for place, word in enumerate(self.words(), 1)]
        rows = ["  ".join(cells[start : start + 3]).rstrip() for start in range(0, _WORDS, 3)]
        root = fingerprint_words(self.fingerprint()).split()  # eight of up to eight letters: too much for one line
        head = (
            "Labkeep recovery kit",
            "",
            f"Installation  {' '.join(installation_name.split())}",
            f"Id            {installation_id}",
            f"Made on       {made_on}",
            f"Root          {' '.join(root[:4])}",
            f"              {' '.join(root[4:])}",
            "",
            "Whoever has these words can open every document of this installation",
            Message("and appoint administrators. Keep them on paper, locked away, not on a computer."),
            Message("Without them nobody can help if all administrators lose their passwords."),
            Message("The last three words are a checksum: a typing error is told from a wrong kit."),
            "",
            _BEGIN,
        )
        return "\n".join((*head, *rows, _END, ""))

    def __repr__(self) -> str:
        return "RecoveryKit(redacted)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A recovery kit is not copied or pickled.")


def fingerprint_words(fingerprint: bytes) -> str:
    """The first 80 bits of a fingerprint as eight words of SLIP-39's list, for people to compare."""
    bits = int.from_bytes(fingerprint[:10], "big")
    places = (bits >> 10 * (_FINGERPRINT_WORDS - 1 - word) & 1023 for word in range(_FINGERPRINT_WORDS))
    return " ".join(WORDLIST[place] for place in places)


def _words_of(text: str) -> list[str]:
    """The words, checked one by one: a person is told which to look at."""
    body = _MARKUP.sub(" ", text)  # of the printed page; nobody types it
    if _BEGIN in body:
        body = body.partition(_BEGIN)[2].partition(_END)[0]
    words = re.findall(r"[^\W\d_]+", body.lower())
    unknown = tuple(place for place, word in enumerate(words, 1) if word not in _KNOWN)
    if unknown:
        raise MistypedKitError(
            Message(
                "Words {places} are not in the list a kit's words are from."
                if len(unknown) <= 5
                else "Words {places} and more are not in the list a kit's words are from.",
                one="Word {places} is not in the list a kit's words are from.",
                n=len(unknown),
                places=unknown[:5],
            ),
            unknown,
        )
    if len(words) != _WORDS:
        raise MistypedKitError(
            Message("A recovery kit has {wanted} words; here are {count}.", wanted=_WORDS, count=len(words))
        )
    return words
