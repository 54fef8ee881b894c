"""A page in a headless Chromium, driven by the DevTools protocol over a pair of pipes: no port, no
network, nothing beside Python's own library.

    with browser.Page(path_of_a_file) as page:
        page.evaluate("document.title"); page.click(".tile"); page.press("Escape"); page.troubles
"""

import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import signal
import tempfile
import time

CHROMIUM = shutil.which("chromium")
HANGS_AFTER = 60
ENDS_WITHIN = 10

KEYS = {"Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "Tab": ("Tab", 9, ""),
        "ArrowLeft": ("ArrowLeft", 37, ""), "ArrowUp": ("ArrowUp", 38, ""),
        "ArrowRight": ("ArrowRight", 39, ""), "ArrowDown": ("ArrowDown", 40, ""),
        "Home": ("Home", 36, ""), "End": ("End", 35, "")}


def high_pipe():
    """-> (read end, write end), both above 3 and 4, at which the browser reads and writes."""
    low = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in low]
    for end in low:
        os.close(end)
    return high


class Page:
    """Opens the file and waits until it is loaded. troubles gathers what no page should do: errors,
    warnings, dialogs, requests for anything but the file itself."""

    def __init__(self, path, width=1200, height=900):
        self.url = pathlib.Path(path).as_uri()
        self.size = (width, height)
        self.troubles = []
        self.loaded = False
        self.session = None
        self.last_id = 0
        self.replies = {}
        self.buffer = b""

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="fstally-chromium-")
        here, self.to = high_pipe()
        self.back, there = high_pipe()
        nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in range(3)]
        self.process = os.posix_spawn(
            CHROMIUM,
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--user-data-dir=" + self.profile, "--remote-debugging-pipe",
             "about:blank"],
            {**os.environ, "HOME": self.profile, "LC_ALL": "C.UTF-8"},
            file_actions=[*nothing, (os.POSIX_SPAWN_DUP2, here, 3),
                          (os.POSIX_SPAWN_DUP2, there, 4)])
        os.close(here)
        os.close(there)
        try:
            self.open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            os.write(self.to, b'{"id": 0, "method": "Browser.close"}\0')
        except BrokenPipeError:    # it has ended already
            pass
        os.close(self.to)
        deadline = time.monotonic() + ENDS_WITHIN
        while os.waitpid(self.process, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self.process, signal.SIGKILL)
                os.waitpid(self.process, 0)
                break
            time.sleep(0.02)
        os.close(self.back)
        shutil.rmtree(self.profile, ignore_errors=True)

    def open(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=self.size[0], height=self.size[1],
                  deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url=self.url)
        deadline = time.monotonic() + HANGS_AFTER
        while not self.loaded:
            self.receive(deadline)
        self.settle()

    def call(self, method, **params):
        self.last_id += 1
        number = self.last_id
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        deadline = time.monotonic() + HANGS_AFTER
        while number not in self.replies:
            self.receive(deadline)
        reply = self.replies.pop(number)
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']}")
        return reply["result"]

    def receive(self, deadline):
        """Takes what comes next: a reply, or word of what the page does."""
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self.back, 1 << 20)
            if not part:
                raise EOFError("the browser has ended")
            self.buffer += part
        text, _, self.buffer = self.buffer.partition(b"\0")
        message = json.loads(text)
        if "id" in message:
            self.replies[message["id"]] = message
        else:
            self.watch(message["method"], message["params"])

    def watch(self, event, params):
        if event == "Page.loadEventFired":
            self.loaded = True
        elif event == "Network.requestWillBeSent" and params["request"]["url"] != self.url:
            self.troubles.append("asks for " + params["request"]["url"])
        elif event == "Log.entryAdded":
            self.troubles.append(params["entry"]["text"])
        elif event in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled",
                       "Page.javascriptDialogOpening"):
            self.troubles.append(f"{event}: {params}")

    def settle(self):
        """Waits until two frames have been drawn."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def evaluate(self, expression):
        """The value of an expression, as JSON can say it."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def click(self, selector, index=0):
        """The left button, on the upper left of what the selector finds."""
        x, y = self.evaluate(
            f"(() => {{ const found = document.querySelectorAll({json.dumps(selector)})[{index}];"
            " found.scrollIntoView({block: 'nearest'}); const box = found.getBoundingClientRect();"
            " return [box.x + 5, box.y + Math.min(8, box.height / 2)]; })()")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def enter(self, text):
        """Text, into what has the focus."""
        self.call("Input.insertText", text=text)
        self.settle()

    def show(self, **features):
        """As a reader has set it: show(prefers_color_scheme="dark")."""
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": name.replace("_", "-"), "value": value}
                            for name, value in features.items()])
        self.settle()

    def picture(self):
        """-> a screenshot of the window, as the bytes of a PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def press(self, key):
        code, number, text = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code,
                      windowsVirtualKeyCode=number, **more)
        self.settle()
