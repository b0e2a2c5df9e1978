"""Runs a command in a terminal of its own and prints what it showed.

   python3 terminal.py [--interrupt-at TEXT] COMMAND...
"""
import os
import pty
import signal
import sys

arguments = sys.argv[1:]
interrupt_at = None
if arguments[0] == "--interrupt-at":
    interrupt_at = arguments[1].encode()
    arguments = arguments[2:]

shown = b""
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(arguments[0], arguments)

while True:
    try:
        some = os.read(terminal, 4096)
    except OSError:  # how Linux tells that the other side is closed
        break
    if not some:
        break
    shown += some
    if interrupt_at is not None and interrupt_at in shown:
        interrupt_at = None
        os.kill(pid, signal.SIGINT)

_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
