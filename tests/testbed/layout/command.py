"""Commands that must succeed."""

from controlplane import process

from .errors import LayoutError


def run(*argv, stdin=None):
    """Runs a command to its end; its output. LayoutError if it fails."""
    done = process.run([str(word) for word in argv], stdin)
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise LayoutError(f"{' '.join(map(str, argv))}: {said}")
    return done.stdout


def ip(namespace, *lines):
    """Runs lines of `ip -batch` in a namespace (None: here)."""
    inside = ["nsenter", f"--net={namespace.path}"] if namespace else []
    run(*inside, "ip", "-batch", "-", stdin="\n".join(lines) + "\n")
