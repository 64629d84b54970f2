"""A crawler that fetches every page of a site once, at most four at a time and 100 a second (after a burst of five).

The site is a server of its own on this machine, whose pages link to each other. Expect:

    15 pages: / /1 /10 /11 /12 /13 /14 /2 /3 /4 /5 /6 /7 /8 /9
    broken: /14/missing (404)
    no page twice, no more than 4 at a time, no faster than allowed
"""

import re
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gofer import blocking
from gofer.atomic import Int64
from gofer.context import Context
from gofer.errgroup import Group
from gofer.rate import Limiter
from gofer.semaphore import Weighted
from gofer.sync import Map

PAGES = 15
AT_A_TIME, PER_SECOND, BURST = 4, 100, 5


asked: list[str] = []
busy: list[int] = []  # how many requests were under way when each of them began
under_way = Int64()
noting = threading.Lock()


class Site(BaseHTTPRequestHandler):
    """Page n links to 2n + 1, to 2n + 2 and back home; page 14 to one that is not there."""

    def do_GET(self) -> None:
        with noting:
            asked.append(self.path)
            busy.append(under_way.add(1))
        status, page = self.page()
        under_way.add(-1)
        self.send_response(status)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def page(self) -> tuple[int, bytes]:
        if self.path == "/14/missing":
            return 404, b""
        n = int(self.path[1:] or 0)
        links = ["/", *(f"/{k}" for k in (2 * n + 1, 2 * n + 2) if k < PAGES)]
        if n == 14:
            links.append("/14/missing")
        return 200, " ".join(f'<a href="{link}">' for link in links).encode()

    def log_message(self, *args: object) -> None:
        pass


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def crawl(base: str) -> tuple[list[str], dict[str, int]]:
    """The paths of the pages, and those that are broken, with their status."""
    seen: Map[str, bool] = Map()
    broken: Map[str, int] = Map()
    slots = Weighted(AT_A_TIME)
    limiter = Limiter(PER_SECOND, BURST)

    def fetch(ctx: Context, path: str) -> str:
        slots.acquire(ctx)
        try:
            limiter.wait(ctx)
            return blocking(get, base + path)  # a helper thread waits for the network, this goroutine parks
        except urllib.error.HTTPError as error:
            broken.store(path, error.code)
            return ""
        finally:
            slots.release()

    def visit(ctx: Context, path: str) -> None:
        for link in re.findall('href="([^"]*)"', fetch(ctx, path)):
            follow(link)

    def follow(path: str) -> None:
        _, known = seen.load_or_store(path, True)
        if not known:
            group.go(visit, group.ctx, path)  # any number of goroutines: they wait for their turn

    with Group() as group:
        follow("/")
    return sorted(path for path in seen if path not in broken), dict(broken.items())


server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=server.serve_forever, daemon=True).start()
begin = time.monotonic()
pages, broken = crawl(f"http://127.0.0.1:{server.server_port}")
spent = time.monotonic() - begin
server.shutdown()

print(f"{len(pages)} pages: {' '.join(pages)}")
print("broken:", ", ".join(f"{path} ({status})" for path, status in broken.items()))
with noting:
    assert len(set(asked)) == len(asked), "a page was fetched twice"
    assert max(busy) <= AT_A_TIME
    assert spent >= (len(asked) - BURST) / PER_SECOND
print(f"no page twice, no more than {AT_A_TIME} at a time, no faster than allowed")
