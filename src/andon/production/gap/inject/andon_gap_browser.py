"""Every page of the team's browsers, by Playwright's public classes: slowed down, written down, looked at.

The same for the synchronous and the asynchronous API: what is written here are coroutines, which the
synchronous one runs to their end at once, because there nothing in them waits.
"""

from __future__ import annotations

import functools
import inspect
import os
import time

_TEXT, _CUT, _PICTURES, _AT_ONCE, _QUIET = 4000, 2000, 4, 2000, 0.3
#: Requests that stay open by design; a page is at rest all the same.
_ENDLESS = ("EventSource", "WebSocket", "Media")
#: What a test does to a page; after any of it the last assertion may rightly not hold any more.
_ACTION_NAMES = """
click dblclick fill press type check uncheck set_checked select_option tap hover goto set_content reload
drag_and_drop set_input_files focus blur dispatch_event clear insert_text down press_sequentially go_back
"""
_ACTIONS = tuple(_ACTION_NAMES.split())


async def _maybe(given):
    __tracebackhide__ = True
    return await given if inspect.isawaitable(given) else given


def _at_once(coroutine):
    __tracebackhide__ = True
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    coroutine.close()
    raise RuntimeError("something waited where nothing waits")


class Browsers:
    """What is done to Playwright's classes, and what is known of the test that runs."""

    def __init__(self, run):
        self._run, self._asked = run, run.asked
        self.were = []
        self.has_failed = False
        self.last = None
        self._pages = {}
        self._pictures = 0
        self._patched = set()
        self._inside = False

    def begin(self):
        """Forget what the last test saw."""
        self.has_failed, self.last = False, None
        self._pages = {page: one for page, one in self._pages.items() if not page.is_closed()}

    def patch(self, modules):
        """Patch what is loaded by now; nothing twice."""
        for name in ("playwright.sync_api", "playwright.async_api"):
            module = modules.get(name)
            if module is None or name in self._patched:
                continue
            self._patched.add(name)
            self._patch(module, name.endswith("async_api"))

    def _patch(self, api, is_async):
        self._after(api.BrowserContext, "new_page", is_async, self._prepared)
        self._after(api.Browser, "new_page", is_async, self._prepared, base_url=self._asked["url"])
        self._after(api.Browser, "new_context", is_async, self._opened, base_url=self._asked["url"])
        self._after(
            api.BrowserType,
            "launch_persistent_context",
            is_async,
            self._persistent,
            base_url=self._asked["url"],
        )
        self._before(api.BrowserContext, "close", is_async)
        for owner in (api.Page, api.Locator, api.Frame, api.Keyboard, api.Mouse, api.ElementHandle):
            for name in _ACTIONS:
                if hasattr(owner, name):
                    self._action(owner, name)
        for owner in (api.LocatorAssertions, api.PageAssertions):
            for name in dir(owner):
                if name.startswith(("to_", "not_to_")):
                    self._assertion(api, owner, name, is_async)

    def _after(self, owner, name, is_async, work, **options):
        own = getattr(owner, name)

        async def both(*given, **named):
            __tracebackhide__ = True
            named.update(options)
            made = await _maybe(own(*given, **named))
            await self._quietly(work(made))
            return made

        _put(owner, name, own, both, is_async)

    def _before(self, owner, name, is_async):
        own = getattr(owner, name)

        async def both(context, *given, **named):
            __tracebackhide__ = True
            for page in context.pages:
                await self._quietly(self._ended(page))
            return await _maybe(own(context, *given, **named))

        _put(owner, name, own, both, is_async)

    def _action(self, owner, name):
        own = getattr(owner, name)

        @functools.wraps(own)
        def acted(this, *given, **named):
            __tracebackhide__ = True
            if not self._inside:
                self.last = None
            if name == "goto" and given and isinstance(given[0], str):
                given = (self._here(given[0]), *given[1:])
            elif name == "goto" and isinstance(named.get("url"), str):
                named["url"] = self._here(named["url"])
            return own(this, *given, **named)

        setattr(owner, name, acted)

    def _assertion(self, api, owner, name, is_async):
        own = getattr(owner, name)
        slack, longer = self._asked["slack"], self._asked["longer"]

        async def both(this, *given, **named):
            __tracebackhide__ = True
            if slack != 1:
                usual = getattr(api.expect, "_timeout", None) or 5000
                named["timeout"] = (named.get("timeout") or usual) * slack
            try:
                found = await _maybe(own(this, *given, **named))
            except AssertionError as problem:
                # Slow or wrong: the first round tells it of the others too.
                if (
                    longer
                    and not self._run.current.get("round")
                    and await self._holds(
                        own(this, *given, **dict(named, timeout=longer))
                        if is_async
                        else functools.partial(own, this, *given, **dict(named, timeout=longer))
                    )
                ):
                    self._run.write({"what": "late", "told": str(problem)[:_CUT]})
                raise
            self.last = (own, this, given, dict(named, timeout=500))
            return found

        _put(owner, name, own, both, is_async)

    async def _holds(self, work):
        try:
            await _maybe(work() if callable(work) else work)
        except AssertionError:
            return False
        return True

    # -- pages

    async def _opened(self, context):
        async def popped(page):
            # Those that the test opens itself are prepared before the test gets them.
            if await _maybe(page.opener()):
                await self._quietly(self._prepared(page))

        if inspect.iscoroutinefunction(context.new_page):
            context.on("page", popped)
        else:
            context.on("page", lambda page: _at_once(popped(page)))

    async def _persistent(self, context):
        for page in context.pages:
            await self._prepared(page)

    def _known(self, page):
        if page not in self._pages:
            state = self._pages[page] = {"errors": [], "network": None}
            page.on("pageerror", lambda error: _note(state, str(getattr(error, "message", error))))
            page.on("console", lambda said: _note(state, said.text) if said.type == "error" else None)
        return self._pages[page]

    async def _prepared(self, page):
        state = self._known(page)
        if state["network"] is not None:
            return
        try:
            session = await _maybe(page.context.new_cdp_session(page))
            state["network"] = Network(session, self._asked, self._run)
            await state["network"].begin()
        except Exception as problem:
            self._run.write({"what": "unslowed", "told": str(problem)[:200]})

    async def _quietly(self, work):
        """What Andon looks at is never why a test of the team's fails."""
        self._inside = True
        try:
            await work
        except Exception as problem:
            self._run.write({"what": "remark", "told": str(problem)[:200]})
        finally:
            self._inside = False

    async def _ended(self, page):
        state = self._known(page)
        if page.is_closed() or state.get("ended"):
            return
        state["ended"] = True
        moved = "" if self.has_failed or not self._asked["settle"] else await self._settled(page, state)
        if moved:
            self._run.write({"what": "moved", "told": moved})
        is_wrong = self.has_failed or bool(moved)
        if is_wrong:
            shown = await _maybe(page.evaluate("() => document.body ? document.body.innerText : ''"))
            self._run.write({"what": "shown", "told": str(shown)[:_TEXT], "errors": state["errors"]})
        is_wanted = self._asked["pictures"] and not self._run.current.get("round")
        if (is_wrong or is_wanted) and self._pictures < _PICTURES:
            name = "picture-%d-%d.png" % (os.getpid(), self._pictures)
            self._pictures += 1
            file = os.path.join(self._asked["home"], name)
            await _maybe(page.screenshot(path=file, timeout=_AT_ONCE))
            title = str(self._run.current.get("test", ""))
            self._run.write({"what": "picture", "file": file, "title": title, "failed": is_wrong})

    async def _settled(self, page, state):
        """Once nothing is under way any more, what the test saw last must still be so."""
        if self.last is None or state["network"] is None or not await state["network"].rest(page):
            return ""
        own, this, given, named = self.last
        try:
            await _maybe(own(this, *given, **named))
        except AssertionError as problem:
            return str(problem)[:_TEXT]
        return ""

    def _here(self, address):
        """An address that the tests write out, of the application as it was known, is the one asked for."""
        for one in (were.rstrip("/") for were in self.were):
            if address == one or address.startswith((one + "/", one + "?")):
                return self._asked["url"].rstrip("/") + address[len(one) :]
        return address


class Network:
    """One page's network, over the Chrome DevTools Protocol: its conditions, and what went over it."""

    def __init__(self, session, asked, run):
        self._session, self._asked, self._run = session, asked, run
        self._open = {}
        self._last = time.monotonic()

    async def begin(self):
        """Write down what comes, and slow it down as asked."""
        session, asked = self._session, self._asked
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", lambda event: self._ended(event, ""))
        session.on(
            "Network.loadingFailed",
            lambda event: self._ended(
                event, "canceled" if event.get("canceled") else event.get("errorText", "failed")
            ),
        )
        await _maybe(session.send("Network.enable"))
        if asked["latency"] or asked["down"] or asked["up"]:
            conditions = {
                "offline": False,
                "latency": asked["latency"],
                "downloadThroughput": asked["down"] or -1,
                "uploadThroughput": asked["up"] or -1,
            }
            await _maybe(session.send("Network.emulateNetworkConditions", conditions))
        self._run.write({"what": "slowed", "latency": asked["latency"]})

    def _sent(self, event):
        self._last = time.monotonic()
        if event.get("redirectResponse"):
            self._finished(event["requestId"], event["timestamp"], event["redirectResponse"], "")
        if not event["request"]["url"].startswith(("http:", "https:")):
            return
        self._open[event["requestId"]] = {
            "method": event["request"]["method"],
            "url": event["request"]["url"][:_CUT],
            "resource": str(event.get("type", "")).lower(),
            "began": event["timestamp"],
            "wall": event.get("wallTime", 0),
            "endless": event.get("type") in _ENDLESS,
        }

    def _answered(self, event):
        one = self._open.get(event["requestId"])
        if one is not None:
            one["first"], one["response"] = event["timestamp"], event["response"]
            if "event-stream" in event["response"].get("mimeType", ""):
                one["endless"] = True

    def _ended(self, event, problem):
        self._last = time.monotonic()
        one = self._open.get(event["requestId"])
        if one is not None:
            self._finished(event["requestId"], event["timestamp"], one.get("response"), problem)

    def _finished(self, number, timestamp, response, problem):
        one = self._open.pop(number, None)
        if one is None:
            return
        response = response or {}
        self._run.write(
            {
                "what": "exchange",
                "method": one["method"],
                "url": one["url"],
                "resource": one["resource"],
                "status": response.get("status", 0),
                "type": response.get("mimeType", ""),
                "wall": one["wall"],
                "first": one.get("first", timestamp) - one["began"],
                "seconds": timestamp - one["began"],
                "mocked": bool(response) and _is_made_up(response),
                "problem": problem,
            }
        )

    async def rest(self, page):
        """Return True once nothing was under way for a while; False when that does not come."""
        enough = time.monotonic() + self._asked["settle"] / 1000
        while time.monotonic() < enough:
            is_busy = any(not one["endless"] for one in self._open.values())
            if not is_busy and time.monotonic() - self._last >= _QUIET:
                return True
            await _maybe(page.wait_for_timeout(25))
        return False


def _is_made_up(response):
    """An answer that came over no connection and from no cache was made up by the test itself."""
    from_elsewhere = (
        "connectionId",
        "remoteIPAddress",
        "fromDiskCache",
        "fromServiceWorker",
        "fromPrefetchCache",
    )
    return not any(response.get(key) for key in from_elsewhere)


def _note(state, text):
    if len(state["errors"]) < 20:
        state["errors"].append(text[:500])


def _put(owner, name, own, both, is_async):
    if is_async:

        @functools.wraps(own)
        async def wrapped(*given, **named):
            __tracebackhide__ = True
            return await both(*given, **named)
    else:

        @functools.wraps(own)
        def wrapped(*given, **named):
            __tracebackhide__ = True
            return _at_once(both(*given, **named))

    setattr(owner, name, wrapped)
