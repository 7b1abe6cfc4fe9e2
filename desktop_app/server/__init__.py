"""The built-in PostgreSQL server, made, started, watched and stopped by Labkeep itself: ``launcher.BuiltinServer``.

Nothing is imported here, so that the watcher, which stays in memory, loads no database driver.
"""
