"""Runs a command in its own terminal and prints the output.

   python3 terminal.py [--interrupt-at TEXT] [--type TEXT KEYS] COMMAND...

When a text appears, it is sent SIGINT, or keys are typed: "y\\r", or "\\x03" for Ctrl-C.
"""
import os
import pty
import signal
import sys

arguments = sys.argv[1:]
interrupt_at = type_at = keys = None
if arguments[0] == "--interrupt-at":
    interrupt_at = arguments[1].encode()
    arguments = arguments[2:]
if arguments[0] == "--type":
    type_at = arguments[1].encode()
    keys = arguments[2].encode().decode("unicode_escape").encode()
    arguments = arguments[3:]

shown = b""
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(arguments[0], arguments)

while True:
    try:
        some = os.read(terminal, 4096)
    except OSError:  # how Linux reports that the other side is closed
        break
    if not some:
        break
    shown += some
    if interrupt_at is not None and interrupt_at in shown:
        interrupt_at = None
        os.kill(pid, signal.SIGINT)
    if type_at is not None and type_at in shown:
        type_at = None
        os.write(terminal, keys)

_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
