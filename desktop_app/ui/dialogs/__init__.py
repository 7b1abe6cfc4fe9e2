"""The dialogs and pages that ask for something."""
