"""What the table of rights gives a person, compared with what PostgreSQL says he may; each difference is a sentence."""

from collections.abc import Iterator

from tests.db.rights.people import CENTERS, Person
from tests.db.rights.privileges import Permission, Thing
from tools.rights_objects import Anybody, Right, RightsMap, Schema, has


def known_things(rights: RightsMap, there: set[Thing]) -> dict[Thing, dict[str, Right]]:
    """Everything that the file names, and by which right each privilege on it is had; the schemas as in the database.

    What lies in a schema that is nobody's is taken from what is *there*, because the file need not name it.
    """
    known: dict[Thing, dict[str, Right]] = {}
    for name, schema in rights.schemas.items():
        for called in CENTERS if name == "center" else (name,):
            known |= _of_schema(called, schema)
    for name, privileges in rights.databases.items():
        known[Thing("database", "", name)] = dict(privileges)
    closed = {name for name, schema in rights.schemas.items() if schema.right is Anybody.NOBODY}
    return known | {thing: {} for thing in there if thing.schema in closed}


def _of_schema(called: str, schema: Schema) -> dict[Thing, dict[str, Right]]:
    known: dict[Thing, dict[str, Right]] = {Thing("schema", "", called): {"USAGE": schema.right}}
    for name, table in schema.tables.items():
        whole = {grant.privilege: grant.right for grant in table.grants if grant.columns is None}
        known[Thing("table", called, name)] = whole
        for column in table.columns:
            parts = {grant.privilege: grant.right for grant in table.grants if column in (grant.columns or ())}
            # DELETE is of whole rows; what is given on a table is given on each of its columns.
            known[Thing("column", called, name, column)] = parts | {
                privilege: right for privilege, right in whole.items() if privilege != "DELETE"
            }
    known |= {Thing("sequence", called, name): {"USAGE": right} for name, right in schema.sequences.items()}
    for name, rights in schema.functions.items():
        # Everybody may call the functions of api: each asks for the right itself, which test_rights_cases.py proves.
        [right] = [Anybody.EVERYONE] if called == "api" else rights
        known[Thing("function", called, name)] = {"EXECUTE": right}
    return known


def unknown_and_missing(known: dict[Thing, dict[str, Right]], there: set[Thing]) -> Iterator[str]:
    """A sentence for each thing of the database that the file does not name, and the other way round."""
    for thing in sorted(there - set(known)):
        yield f"{thing} is not in tools/rights_objects.toml: say there what a person may do with it"
    for thing in sorted(set(known) - there):
        yield f"{thing} stands in tools/rights_objects.toml, and the database has no such thing"


def differences(person: Person, known: dict[Thing, dict[str, Right]], may: set[Permission]) -> Iterator[str]:
    """A sentence for each permission that the person has too many or too few."""
    given = {
        Permission(privilege, thing): right
        for thing, privileges in known.items()
        for privilege, right in privileges.items()
    }
    wanted = {
        permission
        for permission, right in given.items()
        if has(person.standing_in(permission.thing.schema or permission.thing.name), right)
    }
    for permission in sorted(may - wanted):
        right = given.get(permission, Anybody.NOBODY)
        yield f"too many: the {person} has {permission}, for {_whose(right)}"
    for permission in sorted(wanted - may):
        yield f"too few: the {person} has not {permission}, for {_whose(given[permission])}"


def _whose(right: Right) -> str:
    return right.value if isinstance(right, Anybody) else f"whoever may {right.value} there"
