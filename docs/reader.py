"""Opens Labkeep's documents and checks its evidence files without Labkeep. Written from docs/file-format.md alone.

python reader.py kit KIT DUMP STORED OUT [ROOT]         DUMP is of pg_dump --format=plain, STORED a file of the store,
python reader.py password NAME DUMP STORED OUT ROOT     ROOT the fingerprint to trust, or a profile that has it;
python reader.py evidence FILE.pdf [ROOT [FILE...]]     the password is asked for, or LABKEEP_PASSWORD
"""

import getpass
import json
import os
import re
import sys
import unicodedata
import zlib
from base64 import b32encode, b64decode
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from blake3 import blake3
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf import argon2, hkdf
from shamir_mnemonic import MnemonicError, combine_mnemonics

SIGNED = "format kind installation center at signer trust_sequence "
FACTS = SIGNED + "document title type tags sample number "
KINDS = {kind: fields + " format kind installation sequence previous" for kind, fields in {
    "root": "identity", "enrol": "user login identity center role until provisional", "kit_replaced": "identity",
    "replace_keys": "user identity provisional", "join": "user center role until", "leave": "user center",
    "remove": "user", "readmit": "user", "key_version": "center number digest", "center_deleted": "center",
    "restored": "head_sequence head_digest lineages", "center_restored": "center origin up_to",
}.items()} | {
    "evidence": SIGNED + "record_sequence record_digest digest", "document": FACTS + "previous",
    "version": FACTS + "version file_name size stored_digest statement statement_digest",
}
TYPES = {"provisional": bool, "tags": list, "identity": dict} | dict.fromkeys(
    ["sequence", "number", "head_sequence", "trust_sequence", "record_sequence", "size", "statement", "up_to"], int)
NULLS = {("center", None), ("until", None), ("sample", None)}
NOBODY = {"user": None, "active": False, "places": {}, "provisional": False}  # who has the place None administers all
def need(holds, sentence):
    if not holds:
        sys.exit(f"Refused: {sentence}")
def statement(payload):  # what it says; None if it is not written exactly as statements are
    try:
        said = json.loads(payload)
        good = json.dumps(said, sort_keys=True, separators=(",", ":")).encode() == payload
        good = good and set(said) == set(KINDS[said["kind"]].split()) and said["format"] == "labkeep/1"
        good = good and all(type(said[name]) is TYPES.get(name, str) or (name, said[name]) in NULLS for name in said)
        everywhere = said.get("center", "") is None and "role" in said  # only administrators are, and to no last day
        good = good and (not everywhere or (said["role"], said["until"]) == ("admin", None))
        return said if good and ("identity" not in said or halves(said["identity"])) else None
    except (ValueError, KeyError, TypeError):
        return None
def halves(identity):  # the three public keys of an identity that one can seal to
    public = b64decode(identity["public"])
    mlkem.MLKEM768PublicKey.from_public_bytes(public[1:1185])
    x25519.X25519PrivateKey.generate().exchange(x25519.X25519PublicKey.from_public_bytes(public[1185:1217]))
    return public[1:1185], public[1185:1217], public[1217:]
def is_signed(identity, message, signature):
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(halves(identity)[2]).verify(signature, message) is None
    except InvalidSignature:
        return False
class Trust:  # the log of (payload, signer, signature), verified from the root on; people[None] is the root
    def __init__(self, entries, root, previous="0" * 64):
        self.people, self.history, self.keys, self.owners, self.origins, self.used = {}, {}, {}, {}, {}, set()
        for self.size, (payload, signer, signature) in enumerate(entries, 1):
            said, me = statement(payload), self.people.get(self.owners.get(signer, 0))
            plain = re.sub(rb"\\u00([0-9a-fA-F]{2})", lambda found: bytes.fromhex(found[1].decode()), payload)
            follows = said.get("previous") == previous if said else previous.encode() in plain
            need(follows and len(signature) == 64, f"Entry {self.size} of the trust log does not follow.")
            if self.size == 1:
                me = {**NOBODY, **said, "active": True, "places": {None: ["admin", None]}}
                self.installation, self.root = me["installation"], sha256(b"".join(halves(me["identity"]))).hexdigest()
                good = said["kind"] == "root" and said["identity"]["id"] == signer and root in (None, self.root)
                need(good and is_signed(said["identity"], payload, signature), "The trust log has another root.")
                self.take(said, None, me)
            here = said and (said.get("sequence"), said["installation"]) == (self.size, self.installation)
            if here and me and me["active"] and me["identity"]["id"] == signer:
                self.judge(said, me, is_signed(me["identity"], payload, signature))
            previous = sha256(payload + UUID(signer).bytes + signature).hexdigest()
    def judge(self, said, me, good):  # takes what an entry says, if its signer might and it changes something
        kind, center, user = said["kind"], said.get("center"), said.get("user")
        person = self.people.get(user, {**NOBODY, "user": user})
        places = person["places"] | ({center: [said["role"], said["until"]]} if "role" in said else {})
        places = {place: places[place] for place in places if place != center or kind != "leave"}
        ruled = {place for place, (role, _) in me["places"].items() if role == "admin"}
        over, old, own = ruled & {None, center}, person["active"], user == me["user"]
        his = None in ruled or (len(person["places"]) == 1 and ruled >= set(person["places"]))
        made, moved = not me["user"] or said.get("provisional"), over and old and not own and places != person["places"]
        may = {
            "key_version": over and said.get("number") == len(self.keys.get(center, "")) + 1, "leave": moved,
            "enrol": over and made and user not in self.people and said.get("login") not in self.used,
            "replace_keys": old and (own or (his and made)), "remove": his and old and not own,
            "center_deleted": None in ruled and self.keys.get(center), "kit_replaced": None in ruled,
            "center_restored": None in ruled and (center,) not in self.used and said.get("origin") in self.keys
            and said.get("up_to", 0) < self.size, "readmit": his and not old and user in self.people,
            "join": moved and None not in person["places"] and (center in person["places"] or None in ruled)
            and (center is not None or not person["places"]),
        }.get(kind)
        may = may and (not me["provisional"] or (kind == "replace_keys" and own and not said["provisional"]))
        keys = (said["identity"]["id"], *halves(said["identity"])) if "identity" in said else ()
        if good and may and kind == "center_deleted":
            for user, one in list(self.people.items()):
                self.take({}, user, {**one, "places": {at: one["places"][at] for at in one["places"] if at != center}})
            self.keys[center] = []
        elif good and may and not self.used.intersection(keys):
            self.take(said, user, {**person, "active": kind != "remove", "places": places})
    def take(self, said, user, person):
        self.keys |= {said["center"]: [*self.keys.get(said["center"], []), said["digest"]]} if "digest" in said else {}
        until, before = said.get("up_to"), self.origins.get(said.get("origin"), {}) | {said.get("origin"): 2**63}
        self.origins |= {said["center"]: {each: min(at, until) for each, at in before.items()}} if until else {}
        self.used.add((said.get("center"),))
        if "identity" in said:
            self.owners[said["identity"]["id"]] = user
            self.used.update((said["identity"]["id"], *halves(said["identity"]), said.get("login")))
        self.people[user] = person | {key: said[key] for key in ("identity", "provisional", "login") if key in said}
        self.history.setdefault(user, []).append((self.size, self.people[user]))
    def signed(self, text, signature, kind, at=None):  # the statement, if its signer might write there then; and who
        said = statement(text.encode()) or {}
        history = self.history.get(self.owners.get(said.get("signer"), 0), [])
        person = ([each for at, each in history if at <= said["trust_sequence"] <= self.size] or [NOBODY])[-1]
        role = (person["places"].get(None) or person["places"].get(said["center"]) or [""])[0]
        good = person["user"] and person["active"] and not person["provisional"] and role in ("admin", "user")
        good = good and (said["kind"], said["installation"]) == (kind, self.installation)
        until = 2**63 if at in (None, said.get("center")) else self.origins.get(at, {}).get(said.get("center"), 0)
        good = good and person["identity"]["id"] == said["signer"] and said["trust_sequence"] <= until
        good = good and is_signed(person["identity"], text.encode(), bytes.fromhex(signature))
        need(good, f"A {kind} is signed by nobody who might do that then.")
        return said, person
def rows(dump, table, **wanted):  # of a table, as COPY writes them, by the names of its columns
    columns = None
    with Path(dump).open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if columns is None:
                head = re.fullmatch(rf"COPY {table} \((.*)\) FROM stdin;\n", line)
                columns = head and head[1].replace('"', "").split(", ")
            elif line == "\\.\n":
                columns = None
            elif wanted.items() <= (row := dict(zip(columns, line[:-1].split("\t"), strict=True))).items():
                yield row | {"center": head[0].split(".")[0][12:]}
def raw(bytea):
    return bytes.fromhex(bytea.removeprefix("\\\\x"))
def only(dump, table, **wanted):
    found = list(rows(dump, table, **wanted))
    need(len(found) == 1, f"The dump has {len(found)} rows in {table} where one was to be: {wanted}.")
    return found[0]
def derived(secret, salt, length):
    salt = sha256(salt.encode()).digest()
    return argon2.Argon2id(salt=salt, length=length, iterations=3, lanes=4, memory_cost=65536).derive(secret.encode())
def expanded(key, info, length, salt=None):
    return hkdf.HKDF(hashes.SHA256(), length, salt, info.encode()).derive(key)
def pairs(private):
    seed = mlkem.MLKEM768PrivateKey.from_seed_bytes(private[:64])
    signing = ed25519.Ed25519PrivateKey.from_private_bytes(private[96:])
    return seed, x25519.X25519PrivateKey.from_private_bytes(private[64:96]), signing
def digest_of(path):
    return "blake3:" + blake3().update_mmap(path).hexdigest()
def root_of(text):
    return re.search("[0-9a-f]{64}", Path(text).read_text(encoding="utf-8") if Path(text).is_file() else text)[0]
def trust_of(dump, root):
    log = sorted(rows(dump, r"public\.trust_log"), key=lambda row: int(row["sequence"]))
    return Trust([(raw(row["payload"]), row["signer"], raw(row["signature"])) for row in log], root)
def open_by_kit(kit, dump, stored, out, root=None):
    body = Path(kit).read_text(encoding="utf-8").split("RECOVERY KIT-----")
    seed = combine_mnemonics([" ".join(re.findall("[a-z]+", body[len(body) > 1]))])
    keys = pairs(expanded(seed, "labkeep/1|root", 128))
    own = sha256(b"".join(each.public_key().public_bytes_raw() for each in keys)).hexdigest()
    trust = trust_of(dump, root_of(root) if root else own)
    return open_stored(dump, Path(stored), Path(out), trust, trust.people[None]["identity"]["id"], keys)
def open_by_password(name, dump, stored, out, root):
    trust = trust_of(dump, root_of(root))
    password = unicodedata.normalize("NFC", os.environ.get("LABKEEP_PASSWORD") or getpass.getpass("Password: "))
    row = only(dump, r"public\.identity_secrets", user_id=only(dump, r"public\.users", username=name)["id"])
    owner, sealed = f"{trust.installation}|{row['user_id']}|{row['identity_id']}".encode(), raw(row["sealed"])
    key = expanded(derived(password, f"labkeep/1|{trust.installation}|{name}", 64)[32:], "labkeep/1|identity", 32)
    keys = pairs(AESGCM(key).decrypt(sealed[2:14], sealed[14:], sealed[:2] + owner))
    return open_stored(dump, Path(stored), Path(out), trust, row["identity_id"], keys)
def open_stored(dump, stored, out, trust, mine, keys):  # writes the clear bytes once all that proves them holds
    row = next(rows(dump, r"center_\w{32}\.document_versions", file_id=stored.name), None)
    need(row, "The dump does not name this file.")
    center = UUID(row["center"])
    said, person = trust.signed(raw(row["statement"]).decode(), raw(row["signature"]).hex(), "version", str(center))
    wrapped = only(dump, rf"center_{center.hex}\.document_keys", version_id=said["version"])
    number = int(wrapped["key_version"])
    grant = only(dump, rf"center_{center.hex}\.key_grants", identity_id=mine, key_version=str(number))
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    info = f"labkeep/1|grant|{trust.installation}|{center}|{number}|{mine}".encode()
    key = suite.decrypt(raw(grant["sealed"])[1:], hpke.MLKEM768X25519PrivateKey(*keys[:2]), info=info)
    digest = sha256(f"labkeep/1|tenant-key|{center}|{number}|".encode() + key).hexdigest()
    need([digest] == trust.keys.get(str(center), [])[number - 1 : number], "The center's key is not the trust log's.")
    frame, head = Fernet(key).decrypt(raw(wrapped["token"])), b"LKK1" + center.bytes + UUID(said["version"]).bytes
    place = f"labkeep/1|{said['center']}|{said['document']}|{said['version']}"
    need(frame[:-32] == head + number.to_bytes(4, "big"), "The document key is another document's.")
    need(digest_of(stored) == said["stored_digest"], "The stored file is not the one that was signed.")
    with stored.open("rb") as source, out.open("xb") as target:
        header, last = source.read(40), (stored.stat().st_size - 1) // 2**20
        cipher = AESGCM(expanded(frame[-32:], place, 32, header[1:33]))
        for segment in range(last + 1):
            nonce = header[33:] + segment.to_bytes(4, "big") + bytes([segment == last])
            target.write(cipher.decrypt(nonce, source.read(2**20 - 40 * (not segment)), None))
    print(f"“{said['title']}”, version {said['number']}, signed by {person['login']} at {said['at']}: {out}")
def check_evidence(path, root=None, *files):
    pdf = Path(path).read_bytes()
    (start,) = (found.end() for found in re.finditer(rb"/EmbeddedFile\b.{0,400}?stream\r?\n", pdf, re.DOTALL))
    whole = json.loads(zlib.decompressobj().decompress(pdf[start:]))
    content = json.loads(whole["content"])
    trust = Trust([(b64decode(text), by, raw(signed)) for text, by, signed in content["trust"]], root and root_of(root))
    said, maker = trust.signed(whole["statement"], whole["signature"], "evidence")
    need(said["digest"] == sha256(whole["content"].encode()).hexdigest(), "This is not what its maker signed.")
    logins = {name: derived(name, f"labkeep/1|login|{trust.installation}", 20) for name in content["people"]}
    names = {"u_" + b32encode(login).decode().lower(): name for name, login in logins.items()}
    print(f"Root {trust.root}{'' if root else ' (compare it)'}; made by {names[maker['login']]}, {said['at']}:")
    before, counted, digests = {}, {}, set(content["content_digests"])
    for text, signature in content["statements"]:
        each, person = trust.signed(text, signature, json.loads(text)["kind"], said["center"])
        document, place = each["document"], (each["document"], each["kind"])
        counted[place] = counted.get(place, 0) + 1
        follows = each.get("previous") in (None, before.get(document, "0" * 64))
        need(follows and each["number"] == counted[place], "A statement is missing.")
        if each["kind"] == "document":
            before[document] = sha256(text.encode() + bytes.fromhex(signature)).hexdigest()
        digests.add(each.get("stored_digest"))
        print(each["at"], names[person["login"]], f"“{each['title']}”", each.get("stored_digest", "changed"))
    previous, number = bytes.fromhex(content["before"]), content["links"][0][0] - 1
    for *facts, body in content["links"]:
        entries = body if type(body) is list else []
        body = sha256("\n".join(body).encode()).digest() if entries else bytes.fromhex(body)
        need(facts[0] == number + 1, "A link of the record is missing.")
        previous, number = sha256(previous + json.dumps(facts).encode() + body).digest(), facts[0]
        for seq, _link, at, login, operation, table, row, _center, digest in map(json.loads, entries):
            if str(seq) in content["words"]:
                salt, *words = content["words"][str(seq)]
                words = f"[{words[0] or 'null'}, {words[1] or 'null'}, {json.dumps(words[2], ensure_ascii=False)}]"
                need(digest == sha256(bytes.fromhex(salt) + words.encode()).hexdigest(), "An entry was changed.")
                print(at, names.get(login, login), operation, table, row, words)
    need((number, previous.hex()) == (said["record_sequence"], said["record_digest"]), "The record's head is another.")
    for each in files:
        need(digest_of(each) in digests, f"{each} is none of these files.")
if __name__ == "__main__":
    verbs = {"kit": open_by_kit, "password": open_by_password, "evidence": check_evidence}
    try:
        sys.exit(verbs[sys.argv[1]](*sys.argv[2:]) if sys.argv[1:] and sys.argv[1] in verbs else __doc__)
    except (InvalidTag, InvalidToken, MnemonicError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"Refused: {type(error).__name__} {error}")
