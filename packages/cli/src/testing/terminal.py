"""Runs a program in a terminal of its own. When it has written a text, keys are pressed; what became of it is printed as JSON.

Arguments: the text to wait for, the keys, and the program with its arguments.
"""

import json
import os
import pty
import sys

text, keys, *program = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(program[0], program)
output, pressed = b"", False
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    output += part
    if not pressed and text.encode() in output:
        os.write(terminal, keys.encode())
        pressed = True
_, status = os.waitpid(pid, 0)
print(json.dumps({"code": os.waitstatus_to_exitcode(status), "output": output.decode()}))
