"""The shared store of sealed files and the credential store of the workstation."""
