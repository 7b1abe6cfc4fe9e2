"""A bare Typer program, as its documentation shows one: two commands that do nothing."""

import typer

app = typer.Typer()


@app.command()
def open_door() -> None:
    """Open the door."""


@app.command()
def close_door() -> None:
    """Close the door."""


app()
