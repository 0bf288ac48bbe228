"""A machine that runs while a test looks at its screen and presses keys."""

import itertools
import subprocess
import time

import machine
import qmp
import screen_text

PATIENCE_SECONDS = 300  # of a machine that does much else
SETTLE_SECONDS = 200  # a picture of 3840 x 2160 takes seconds to read


class Live:
    """with Live(directory, image, options...) as live: the machine is ended at the end."""

    def __init__(self, directory, image, *options, size=(1280, 800), qemu=()):
        self._directory = directory
        directory.mkdir(exist_ok=True)
        socket, self._log = directory / "qmp", open(directory / "serial", "w+b")
        display = ["-vga", "none"]
        # In milliseconds: 3840 x 2160 at the usual rate is more than the fields of an EDID hold.
        if size:
            display += ["-device", "VGA,vgamem_mb=64,refresh_rate=50000,"
                        f"xres={size[0]},yres={size[1]}"]
        self._process = subprocess.Popen(
            [machine.HERE / "run", "--image", image, "--qmp", socket, "--timeout",
             str(2 * PATIENCE_SECONDS), *options, "--", *display, *qemu],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT)
        self._control = qmp.Qmp(socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._control.execute("quit")
        self._process.wait()
        self._log.close()

    @property
    def said(self):
        """On the serial port, up to now."""
        return (self._directory / "serial").read_bytes().decode("ascii", "replace").replace("\r", "")

    def wait_for(self, text, times=1):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.said.count(text) < times:
            assert time.monotonic() < deadline, f"not said: {text}\n{self.said}"
            assert self._process.poll() is None or self.said.count(text) >= times, \
                f"ended without: {text}\n{self.said}"
            time.sleep(0.1)

    def press(self, *keys):
        """Names of QEMU's, as "ret"; with + together."""
        for key in keys:
            self._control.execute("send-key", keys=[{"type": "qcode", "data": part}
                                                    for part in key.split("+")])
            time.sleep(0.3)

    def take_stick_out(self):
        self._control.execute("device_del", id="stick")

    def screen(self, has):
        """The screen, once it says that."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            ppm = self._directory / "screen.ppm"
            self._control.screenshot(ppm)
            time.sleep(0.2)
            try:
                screen = screen_text.Screen.of_file(ppm)
            except ValueError:
                screen = None
            if screen and screen.find(has):
                return screen
            assert time.monotonic() < deadline, f"not seen: {has}\n{screen and screen.text}"
            time.sleep(0.3)

    def picture(self):
        """What the screen shows now: a file, to be read when there is time."""
        ppm = self._directory / "picture.ppm"
        self._control.screenshot(ppm)
        return ppm

    def last_picture(self):
        """What the screen showed last before the machine ended by itself: a file."""
        last = None
        for number in itertools.count():
            ppm = self._directory / f"last-{number % 2}.ppm"
            try:
                if self._control.execute("screendump", filename=str(ppm)) is None:
                    return last
            except (BrokenPipeError, ConnectionResetError):
                return last
            last = ppm
            time.sleep(0.5)

    def ends(self):
        """Its exit status, once it has ended by itself."""
        return self._process.wait(PATIENCE_SECONDS)

    def ended_by(self):
        """After that: "guest-reset", "guest-shutdown" (power-off), ..."""
        return self._control.shutdown_reason()
