"""Google's Tink reads what we seal, and we read what it seals: the body needs no Labkeep to be opened."""

import io
import json
import os
from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest
from tink import TinkError, json_proto_keyset_format, secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2

from desktop_app.crypto import sealed_stream as stream
from tests.unit.crypto.reference import stored_size

MIB = stream.SEGMENT
KEY = bytes(range(32))
ASSOCIATED = stream.associated_data(uuid4(), uuid4(), uuid4())
SIZES = [0, 1, 15, 4096, MIB - 57, MIB - 56, MIB - 55, MIB, 2 * MIB - 73, 2 * MIB - 72, 2 * MIB - 71, 5 * MIB + 3]


class Kept(io.BytesIO):
    """Tink closes what it wrote to; the test still wants it."""

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def tink() -> Any:
    """The primitive of a clear AES256_GCM_HKDF_1MB keyset that holds our document key."""
    streaming_aead.register()
    parameters = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
        ciphertext_segment_size=MIB, derived_key_size=32, hkdf_hash_type=common_pb2.SHA256
    )
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(version=0, key_value=KEY, params=parameters)
    data = {
        "typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
        "value": b64encode(key.SerializeToString()).decode(),
        "keyMaterialType": "SYMMETRIC",
    }
    entry = {"keyData": data, "status": "ENABLED", "keyId": 1, "outputPrefixType": "RAW"}
    keyset = json.dumps({"primaryKeyId": 1, "key": [entry]})
    return json_proto_keyset_format.parse(keyset, secret_key_access.TOKEN).primitive(streaming_aead.StreamingAead)


@pytest.mark.parametrize("size", SIZES)
def test_tink_opens_ours(tink: Any, size: int) -> None:
    clear, sealed = os.urandom(size), io.BytesIO()
    stream.seal_stream(io.BytesIO(clear), sealed, KEY, ASSOCIATED)
    with tink.new_decrypting_stream(io.BytesIO(sealed.getvalue()), ASSOCIATED) as opened:
        assert opened.read() == clear


@pytest.mark.parametrize("size", SIZES)
def test_we_open_tinks(tink: Any, size: int) -> None:
    clear, sealed, opened = os.urandom(size), Kept(), io.BytesIO()
    with tink.new_encrypting_stream(sealed, ASSOCIATED) as sealing:
        sealing.write(clear)
    assert len(sealed.getvalue()) == stored_size(size)
    stream.open_stream(io.BytesIO(sealed.getvalue()), opened, KEY, ASSOCIATED)
    assert opened.getvalue() == clear


def test_tink_refuses_ours_under_other_associated_data(tink: Any) -> None:
    sealed = io.BytesIO()
    stream.seal_stream(io.BytesIO(b"clear"), sealed, KEY, ASSOCIATED)
    with (
        pytest.raises(TinkError),
        tink.new_decrypting_stream(io.BytesIO(sealed.getvalue()), b"labkeep/1|other") as opened,
    ):
        opened.read()
