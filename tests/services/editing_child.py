"""A colleague who edits samples in a program of his own: run as a child by test_change_plans.py, never imported.

Reads the samples first and says "ready"; prints of each whether it was edited, or refused because it is another by now.
"""

import json
from uuid import UUID

from desktop_app.domain.drafts import SampleDraft
from desktop_app.errors import ConflictError
from tests.services.killed_child import Child

child = Child()
app = child.app()
with child.sign_in(app) as lab, lab.center(child.call["center"]) as work:
    samples = [work.samples.get(UUID(each)) for each in child.call["samples"]]
    print("ready", flush=True)
    for sample in samples:
        try:
            work.samples.update(sample, SampleDraft(name="A colleague's", sample_type="blood"))
            said = "edited"
        except ConflictError:
            said = "refused"
        print(json.dumps({"id": str(sample.id), "said": said}), flush=True)
app.close()
