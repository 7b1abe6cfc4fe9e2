"""A program that gives a center a new key and is killed at one point: run as a child, never imported."""

from desktop_app.services.records import key_rotation
from tests.services.killed_child import Child

child = Child()
key_rotation.PAGE = child.call["page"]
app = child.app()
lab = child.sign_in(app)
child.watch(lab._context.connection._opened.engine, {"keep_rewrapped": "the page", "rotate_key": "the key"})
with lab, lab.center(child.call["center"]) as work:
    print(work.keys.rotate().number, flush=True)
app.close()
