"""The pages and their addresses: `/`, `/salesforce`, `/hubspot`, and a page per deal below each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox.page.hubspot import HubSpot
from sandbox.page.inside import Inside, NotThere
from sandbox.page.model import ORDER, PROMINENT
from sandbox.page.salesforce import Salesforce
from sandbox.refusals import HUBSPOT, SALESFORCE
from sandbox.world import World

TEMPLATES = Path(__file__).parent / "templates"
NAMES = {SALESFORCE: "Salesforce", HUBSPOT: "HubSpot"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
COLUMNS = tuple(name for name in ORDER if name in {"phase", "readiness", "win_chance", "phase_gap", "next_action"})


class Site:
    """The pages of one world. Whatever a CRM holds is escaped; no page asks for anything from elsewhere."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._crms: dict[str, Salesforce | HubSpot] = {
            SALESFORCE: Salesforce(Inside(world, SALESFORCE)),
            HUBSPOT: HubSpot(Inside(world, HUBSPOT)),
        }
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/salesforce", self.deals),
            Route("/hubspot", self.deals),
            Route("/salesforce/{record_id}", self.deal),
            Route("/hubspot/{record_id}", self.deal),
        ]

    async def home(self, _: Request) -> Response:
        return self._page("home.html", crm=None, now=self._world.clock.now())

    async def deals(self, request: Request) -> Response:
        crm, text = _crm(request), request.query_params.get("q", "").strip()
        page = request.query_params.get("page", "0")
        listing = await self._crms[crm].deals(int(page) if page.isdigit() else 0, text)
        return self._page("deals.html", crm=crm, listing=listing, text=text, columns=COLUMNS)

    async def deal(self, request: Request) -> Response:
        crm = _crm(request)
        try:
            record = await self._crms[crm].deal(request.path_params["record_id"])
        except NotThere:
            return self._page("missing.html", status=404, crm=crm)
        return self._page("deal.html", crm=crm, record=record, prominent=PROMINENT)

    def _page(self, template: str, status: int = 200, **shown: Any) -> Response:
        html = self._templates.get_template(template).render(names=NAMES, **shown)
        return HTMLResponse(html, status, {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"})


def _crm(request: Request) -> str:
    return HUBSPOT if request.url.path.startswith("/hubspot") else SALESFORCE
