"""The board: operators see all quotations at a glance, and act on them (docs/reference.md, Board)."""

from fastapi import APIRouter

from gateway.access.board_sessions import BoardSessions
from gateway.pages.board import acts, listing, retry_all, sessions, story
from gateway.pages.board.entry import Entry
from gateway.service.quotations import QuotationService


def create_router(service: QuotationService, opened: BoardSessions) -> APIRouter:
    """Create the routes of the board. Only callers who read everyone's quotations see anything."""
    router = APIRouter(include_in_schema=False)
    entry = Entry(opened)
    # the fixed paths first: a tracking id matches anything
    for part in (
        sessions.create_router(entry, opened),
        listing.create_router(entry, service),
        retry_all.create_router(entry, service),
        story.create_router(entry, service),
        acts.create_router(entry, service),
    ):
        router.include_router(part)
    return router
