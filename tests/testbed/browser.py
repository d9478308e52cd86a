"""A browser without a window, in a network namespace, driven by the DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/ It listens on no port: messages go over two
pipes, which the browser has as the files 3 and 4, each message with a zero byte at its end."""

import base64
import contextlib
import json
import os
import select
import tempfile
import time

from controlplane import process
from layout.errors import LayoutError

PROGRAM = "/usr/lib/chromium/chromium-headless-shell"
_ANSWER = 30  # seconds
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
          "--disable-dev-shm-usage", "--disable-background-networking",
          "--disable-component-update", "--remote-debugging-pipe"]


class Browser:
    """A context manager; `page` commands act on its only page. `namespace`: a layout's Namespace;
    `size`: width and height of the page in pixels."""

    def __init__(self, namespace, size=(800, 600)):
        self._namespace, self._size = namespace, size
        self._stack = contextlib.ExitStack()
        self._number, self._session, self._unread = 0, None, b""

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start(self):
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        for end in (self._out, self._in):
            self._stack.callback(os.close, end)
        self._log = os.path.join(folder, "log")
        width, height = self._size
        argv = self._namespace.command(
            "sh", "-c", f'exec "$@" 3</proc/{os.getpid()}/fd/{theirs_in} '
            f"4>/proc/{os.getpid()}/fd/{theirs_out}", "sh", PROGRAM, *_FLAGS,
            f"--user-data-dir={folder}", f"--window-size={width},{height}", "about:blank")
        try:
            child = process.spawn(argv, self._log, dict(os.environ, HOME=folder))
            self._stack.callback(process.stop, child)
            # The browser has opened both ends by the time of its first answer.
            targets = self._ask("Target.getTargets")["targetInfos"]
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        page = next(each["targetId"] for each in targets if each["type"] == "page")
        self._session = self._ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]

    def open(self, url):
        """Goes to a page; returns when it has been asked for."""
        if problem := self._ask("Page.navigate", url=url).get("errorText"):
            raise LayoutError(f"the browser cannot open {url}: {problem}")

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise LayoutError(f"{expression}: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def wait(self, expression, seconds=_ANSWER):
        """Until an expression is true; TimeoutError if it never is."""
        end = time.monotonic() + seconds
        while not self.evaluate(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise TimeoutError(f"after {seconds} s the page does not fulfil {expression}; it "
                                   f"shows: {self.evaluate('document.body.innerText')}")
            time.sleep(0.1)

    def type(self, text):
        """Types into what has the focus."""
        self._ask("Input.insertText", text=text)

    def click(self, selector):
        """Presses and releases the left mouse button in the middle of an element."""
        box = self.evaluate(f"(box => [box.x + box.width / 2, box.y + box.height / 2])"
                            f"(document.querySelector({json.dumps(selector)})"
                            ".getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left",
                      clickCount=1)

    def screenshot(self):
        """The page as it looks now, as the bytes of a PNG file."""
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"])

    def _ask(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + _ANSWER
        while True:
            answer = json.loads(self._message(end))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise LayoutError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _message(self, end):
        """The next message: an answer, or an event."""
        while b"\0" not in self._unread:
            left = end - time.monotonic()
            data = (os.read(self._in, 65536)
                    if left > 0 and select.select([self._in], [], [], left)[0] else b"")
            if not data:
                raise LayoutError(f"the browser does not answer:\n{process.tail(self._log)}")
            self._unread += data
        message, _, self._unread = self._unread.partition(b"\0")
        return message
