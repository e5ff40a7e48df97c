"""Makes a virtual environment once, whoever asks first; the others wait for it.

usage: make-environment.py <folder> <requirements file>

<folder> becomes a link to a finished environment. A kernel lock keeps two builders apart and is let go when its holder
is killed; the link is made last, so that a build that was killed is never taken for a finished one.
"""

import fcntl
import glob
import os
import shutil
import subprocess
import sys
import tempfile

folder, requirements = sys.argv[1:]
os.makedirs(os.path.dirname(folder), exist_ok=True)
with open(folder + ".lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    if os.path.exists(os.path.join(folder, "bin", "python")):
        sys.exit(0)
    for leftover in glob.glob(glob.escape(folder) + "-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # Scripts in bin/ name their interpreter by its full path: the environment stays where it is made.
    home = tempfile.mkdtemp(prefix=os.path.basename(folder) + "-", dir=os.path.dirname(folder))
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    pip = [os.path.join(home, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
    finished = subprocess.run(pip)
    if finished.returncode != 0:
        shutil.rmtree(home, ignore_errors=True)
        sys.exit(finished.returncode)
    if os.path.lexists(folder + ".new"):
        os.unlink(folder + ".new")
    os.symlink(home, folder + ".new")
    os.rename(folder + ".new", folder)
