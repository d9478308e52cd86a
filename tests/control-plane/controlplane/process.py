"""Processes that do not outlive the process that started them."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent, number=signal.SIGKILL):
    """Makes the kernel send `number` to this new child when `parent` ends. The kernel watches
    the thread that forked: start children from the main thread only."""
    _libc.prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)


@contextlib.contextmanager
def undisturbed():
    """Blocks signals while a process is started: an exception from a handler would lose the new
    child. Yields the function that the child must call to unblock them."""
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield lambda: signal.pthread_sigmask(signal.SIG_SETMASK, before)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def spawn(argv, log, env=None, cwd=None):
    """Starts `argv` in a new session, with its output appended to the file `log`. The kernel
    kills it if this process dies."""
    with open(log, "ab") as out:
        return _start(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=cwd,
                      start_new_session=True)


def run(argv, stdin=None, env=None, cwd=None):
    """Runs `argv` to its end with the text `stdin` as input, and returns a CompletedProcess with
    text output. An exception, as from a signal handler, kills it."""
    process = None
    try:
        with undisturbed() as hear_signals:
            process = _start(argv, hear_signals, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=env, cwd=cwd, text=True)
        out, error = process.communicate(stdin)
    except BaseException:
        if process:
            process.kill()
            process.communicate()
        raise
    return subprocess.CompletedProcess(argv, process.returncode, out, error)


def _start(argv, then=lambda: None, **options):
    parent = os.getpid()

    def in_child():
        die_with_parent(parent)
        then()

    return subprocess.Popen(argv, preexec_fn=in_child, **options)


def exit_code(process):
    """The exit code of a child; None while it runs. As its poll(), in which an exception from a
    signal handler could leave the child's lock taken: wait() would never return."""
    with undisturbed():
        return process.poll()


def stop(process, seconds=5.0):
    """Ends a child with SIGTERM, and with SIGKILL after `seconds`. Returns its exit code."""
    if exit_code(process) is None:
        process.send_signal(signal.SIGCONT)  # a stopped process cannot handle SIGTERM
        process.terminate()
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def start_time(pid):
    """The start time of process `pid` in clock ticks since boot. Together with the pid it is
    unique. None if there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    # A zombie has ended, but its parent has not called wait yet.
    return None if fields[0] == "Z" else int(fields[19])


def is_alive(pid, started):
    """True while the process that had `pid` at its `started` time runs."""
    return started is not None and start_time(pid) == started


def stop_pid(pid, started, seconds=10.0):
    """Ends a process that is not a child, like `stop`. Returns whether it has ended."""
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 2.0)):
        if not is_alive(pid, started):
            return True
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            if not is_alive(pid, started):
                return True
            signal.pidfd_send_signal(handle, number)
            select.select([handle], [], [], patience)
        finally:
            os.close(handle)
    deadline = time.monotonic() + 2.0
    while is_alive(pid, started) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid, started)


def tail(path, lines=15):
    """The last lines of a log, indented; empty where there is none."""
    try:
        with open(path, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 20000))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join("    " + line[:400] for line in text.splitlines()[-lines:])
