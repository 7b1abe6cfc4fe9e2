"""What a signed-in person does for the installation as a whole: status, recovery kit, restored backups."""
