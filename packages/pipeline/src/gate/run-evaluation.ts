/**
 * What an evaluation job runs: it unpacks the sources and the model, and runs the user's own script on the data.
 * The model's archive is looked through before anything is unpacked: a member that would land outside, a link, a device or a name
 * that is there twice is refused by name. It is kept as text so that it travels inside the built action.
 */
export const RUN_EVALUATION = String.raw`"""Runs an evaluation script for Tidegate: see TIDEGATE_* in the environment."""
import os, re, subprocess, sys, tarfile
from importlib import metadata

CODE, MODEL, WORK = (os.environ["TIDEGATE_" + name] for name in ("CODE_DIR", "MODEL_ARCHIVE_DIR", "WORK_DIR"))
OUTPUT = os.environ["TIDEGATE_OUTPUT_DIR"]


def refuse(sentence):
    print("tidegate: " + sentence, flush=True)
    message = os.path.join(os.environ["TIDEGATE_MESSAGE_DIR"], "message")
    os.makedirs(os.path.dirname(message), exist_ok=True)
    with open(message, "w") as file:
        file.write(sentence)
    sys.exit(1)


def unpack(archive, into):
    name = os.path.basename(archive)
    os.makedirs(into, exist_ok=True)
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            seen = set()
            for member in members:
                parts = member.name.split("/")
                if member.name.startswith("/") or ".." in parts:
                    refuse(f"{name} holds {member.name!r}, which would land outside of its folder")
                if not (member.isfile() or member.isdir()):
                    refuse(f"{name} holds {member.name!r}, which is a link or a device")
                path = os.path.normpath(member.name)
                if member.isfile() and path in seen:
                    refuse(f"{name} holds {member.name!r} twice")
                seen.add(path)
                member.mode = 0o755 if member.mode & 0o100 or member.isdir() else 0o644
            tar.extractall(into, members)
    except (tarfile.TarError, EOFError, OSError) as error:
        refuse(f"{name} cannot be read: {error}")


def installed(line):
    pinned = re.fullmatch(r"\s*([A-Za-z0-9._-]+)\s*==\s*([^\s;#]+)\s*", line)
    try:
        return bool(pinned) and metadata.version(pinned[1]) == pinned[2]
    except metadata.PackageNotFoundError:
        return False


def install(requirements):
    with open(requirements) as file:
        lines = [line for line in file if line.strip() and not line.lstrip().startswith("#")]
    if not all(installed(line) for line in lines):
        subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", "-r", requirements])


source = os.path.join(WORK, "source")
unpack(os.path.join(CODE, "source.tar.gz"), source)
archives = [file for file in os.listdir(MODEL) if file.endswith(".tar.gz")]
if len(archives) != 1:
    refuse(f"one model archive was expected, found {sorted(os.listdir(MODEL))}")
model = os.path.join(WORK, "model")
unpack(os.path.join(MODEL, archives[0]), model)
if os.path.exists(os.path.join(source, "requirements.txt")):
    install(os.path.join(source, "requirements.txt"))

entry = os.environ["TIDEGATE_ENTRY"]
os.makedirs(OUTPUT, exist_ok=True)
run = subprocess.run([sys.executable, "-u", entry], cwd=source, env={**os.environ, "TIDEGATE_MODEL_DIR": model})
if run.returncode != 0:
    refuse(f"{entry} ended with exit code {run.returncode}")
if not os.path.exists(os.path.join(OUTPUT, "predictions.csv")):
    refuse(f"{entry} did not write predictions.csv into TIDEGATE_OUTPUT_DIR")
`;
