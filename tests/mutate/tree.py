"""A mutant -> a private copy of everything with that one defect in it, in which commands run.

The copy has what is built, so that make compiles one file and links. Afterwards the source is put back with
its date, and its objects with today's: they are right, and newer than what was linked with the defect.
"""

import collections
import contextlib
import os
import pathlib
import resource
import shutil
import signal
import subprocess

import reach

# For what waits for ever without using any CPU time. So long that a busy machine is no reason: all tests of the
# program take minutes on an idle one.
WALL_SECONDS = 4 * 3600
FILE_BYTES = 256 << 20
LEFT_OUT = shutil.ignore_patterns(".git", "mutate", "fuzz", "__pycache__", "*.log", "report", "signed")


def limited_to(cpu_seconds):
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))

    return limit if cpu_seconds else None


class Stopped(Exception):
    """The run was interrupted: what a command would have said is not known."""


class Tree:
    def __init__(self, root, place):
        self.process, self.is_stopped = None, False
        self.path = pathlib.Path(place)
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.copytree(root, self.path, symlinks=True, ignore=self.is_left_out)
        self.made_of = collections.defaultdict(list)
        for depends in (self.path / "build").rglob("*.d"):
            for file in reach.prerequisites(depends):
                self.made_of[file].append(depends.with_suffix(".o"))
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "UBSAN_OPTIONS": "print_stacktrace=0",
                            "ASAN_OPTIONS": "hard_rss_limit_mb=2048", "MAKEFLAGS": ""}

    @staticmethod
    def is_left_out(folder, names):
        is_build = os.path.basename(folder) == "build"
        return {name for name in LEFT_OUT(folder, names) if is_build or name in (".git", "__pycache__")}

    def run(self, command, cpu_seconds=0, **environment):
        """Exit status and output; a status of None is no end in time. A process that needs more CPU time than
        it may is in a circle, and is killed; what else the machine does is no reason."""
        if self.is_stopped:
            raise Stopped
        with subprocess.Popen(command, cwd=self.path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**self.environment, **environment},
                              preexec_fn=limited_to(cpu_seconds), start_new_session=True) as process:
            self.process = process
            try:
                out = process.communicate(timeout=WALL_SECONDS)[0]
                status = process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                status, out = None, process.communicate()[0]
        if self.is_stopped:
            raise Stopped
        return status, out.decode("utf-8", "replace")

    def stop(self):
        """End what runs here, and let nothing more run."""
        self.is_stopped = True
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)

    def make(self, *targets):
        """A warning is no reason to call a defect noticed."""
        return self.run(["make", "--no-print-directory", "WARNINGS=-w", *targets])

    @contextlib.contextmanager
    def mutated(self, mutant):
        source = self.path / mutant.path
        objects = {path: path.read_bytes() for path in self.objects(mutant.path)}
        text, status = source.read_bytes(), source.stat()
        try:
            source.write_bytes(mutant.applied_to(text))
            yield self
        finally:
            source.write_bytes(text)
            os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
            for path in self.objects(mutant.path):
                path.unlink()
            for path, content in objects.items():
                path.write_bytes(content)

    def objects(self, source):
        """What is compiled of it; tests may be made of a source, too."""
        return [path for path in self.made_of.get(source, ()) if path.exists()]
