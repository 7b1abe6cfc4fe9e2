"""Writing the parts of one backup: the sealed dump, what a restore needs beside it, the list of files, the manifest."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from desktop_app import __version__
from desktop_app.crypto.backup_seal import copy_digested, make_backup_key, part_data, seal_backup_key
from desktop_app.crypto.backup_signing import ManifestSignature
from desktop_app.crypto.sealed_stream import Readable, seal_stream
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.crypto.trust_log import verify_log
from desktop_app.crypto.trust_state import TrustState
from desktop_app.db.api_rows import EntryRow
from desktop_app.db.dump import dump
from desktop_app.db.dump_snapshot import Facts, Head, Snapshot
from desktop_app.domain.ids import schema_name
from desktop_app.domain.profiles import Profile
from desktop_app.services.installation.backup_files import write_list
from desktop_app.services.installation.backup_manifest import (
    Manifest,
    Part,
    SealedKeys,
    contents_of,
)
from desktop_app.services.installation.dump_programs import programs_for
from desktop_app.storage.backup_folder import (
    CONTENTS,
    DATABASE,
    FILES,
    KEYS,
    MANIFEST,
    SIGNATURE,
    PendingBackup,
)
from desktop_app.system.secret import Secret

Sign = Callable[[bytes], ManifestSignature]


def verified(entries: tuple[EntryRow, ...], installation_id: UUID, root_fingerprint: str) -> TrustState:
    """What a trust log amounts to; TrustError for one that does not begin with this root."""
    rows = [TrustEntry(row.sequence, row.payload, row.signer, row.signature) for row in entries]
    return verify_log(rows, installation_id, bytes.fromhex(root_fingerprint))


@dataclass(frozen=True)
class PartsWriter:
    """Writes the parts of one backup into its folder."""

    pending: PendingBackup
    profile: Profile
    backup_id: UUID
    made_at: datetime

    def write(self, snapshot: Snapshot, facts: Facts, admin_dsn: str, center: UUID | None = None) -> Manifest:
        """Every part but the manifest, which is returned: it counts once the listed files are in the folder, too.

        *facts* are the snapshot's, or those of the one *center* that is backed up.
        """
        key = make_backup_key()
        state = verified(facts.trust_log, facts.installation_id, self.profile.root_fingerprint)
        schema = None if center is None else schema_name(center)
        programs = programs_for(facts.server_version // 10000)
        database = self._sealed(DATABASE, key, lambda take: dump(programs, admin_dsn, snapshot.name, take, schema))
        contents = contents_of(facts, self.profile.display_name, self.profile.root_fingerprint).to_bytes()
        sealed = self._sealed(CONTENTS, key, lambda take: take(io.BytesIO(contents)))
        with self.pending.writing(FILES) as target:
            files, file_bytes = write_list(snapshot.files(row.id for row in facts.centers), target)
        self.pending.write(KEYS, self._keys(key, state, facts).to_bytes())
        return Manifest(
            backup_id=self.backup_id,
            center=center,
            installation_id=facts.installation_id,
            epoch=facts.epoch,
            made_at=self.made_at,
            program=__version__,
            server=facts.server_version,
            revision=facts.revision,
            trust=Head(state.head.sequence, state.head.digest),
            record=facts.record,
            centers=len(facts.centers),
            users=facts.users,
            files=files,
            file_bytes=file_bytes,
            parts={DATABASE: database, CONTENTS: sealed, FILES: self._digested(FILES), KEYS: self._digested(KEYS)},
        )

    def commit(self, manifest: Manifest, sign: Sign | None) -> None:
        """The manifest, signed where somebody can sign; then the backup is there."""
        payload = manifest.to_bytes()
        if sign is not None:
            self.pending.write(SIGNATURE, sign(payload).to_bytes())
        self.pending.write(MANIFEST, payload)
        self.pending.commit()

    def _sealed(self, part: str, key: Secret, work: Callable[[Callable[[Readable], Part]], Part]) -> Part:
        """Seal what *work* hands to the function that it is given."""
        data = part_data(self.profile.installation_id, self.backup_id, part)
        with self.pending.writing(part) as target:

            def take(source: Readable) -> Part:
                done = seal_stream(source, target, key.reveal(), data)
                return Part(done.stored_size, done.stored_digest)

            return work(take)

    def _keys(self, key: Secret, state: TrustState, facts: Facts) -> SealedKeys:
        """To the root and every system administrator of the verified trust log; no other table is asked whom."""
        own = {
            person.identity.id: person.identity for person in state.system_administrators() if not person.provisional
        }
        sealed = {
            each.id: seal_backup_key(key, facts.installation_id, self.backup_id, each)
            for each in (state.root, *own.values())
        }
        return SealedKeys(sealed, tuple(row for row in facts.secrets if row.identity_id in own))

    def _digested(self, part: str) -> Part:
        with self.pending.open(part) as file:
            return Part(*copy_digested(file, None))
