"""The product's own application with a commit for every mark, for the marks race."""

from fastapi import FastAPI

from georeview.storage import writer

writer.GROUP_MAX = 1


def create_app() -> FastAPI:
    """The application, put together while one is all that goes into a group."""
    from api import main

    return main.create_app()
