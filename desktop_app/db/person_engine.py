"""The engine of one person's login: its password can be replaced, and at the end it is forgotten."""

from typing import Any

from sqlalchemy import Engine, event

from desktop_app.db.connection import ServerAddress, open_engine
from desktop_app.errors import UnavailableError


class SignedOutError(UnavailableError):
    """The person has signed out; what he had opened works no more."""

    code = "signed_out"


class PersonEngine:
    """An engine whose pool asks for the password each time it opens a connection, and gets none after ``close``."""

    def __init__(self, address: ServerAddress, login: str, password: str) -> None:
        self._password: str | None = password
        self.engine: Engine = open_engine(address, login, None)
        event.listen(self.engine, "do_connect", self._connect)

    def use_password(self, password: str) -> None:
        """Open what comes next with the new password; open connections stay."""
        self._password = password

    def close(self) -> None:
        """Close every connection and forget the password: from now on everything raises SignedOutError."""
        self._password = None
        self.engine.dispose()

    def _connect(self, dialect: Any, _record: Any, arguments: Any, parameters: dict[str, Any]) -> Any:
        if self._password is None:
            raise SignedOutError("You are signed out; sign in again.")
        # A copy, because the engine keeps the mapping for its whole life.
        return dialect.loaded_dbapi.connect(*arguments, **(parameters | {"password": self._password}))
