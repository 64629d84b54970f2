"""The tour: runs the small examples of this folder one after another, and says what to see in each."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

STOPS: list[tuple[str, list[str], str]] = [
    ("hello.py", [], "go hello(), then bye: main does not wait, so hello is missing."),
    ("hello_sleep.py", [], "Sleeping gives hello a chance. It is a guess, and guesses fail: do not do this."),
    ("hello_waitgroup.py", [], "A WaitGroup waits for exactly as long as it takes: hey always comes before seeyou."),
    ("many.py", [], "Goroutines are cheap: a hundred thousand of them, alive at once, on one thread."),
    ("interleave.py", ["--seed", "7"], "Who runs when is left open. A seed reproduces one order ..."),
    ("interleave.py", ["--seed", "7"], "... the same again ..."),
    ("interleave.py", ["--seed", "8"], "... and another seed makes another one."),
    ("pipeline.py", [], "Channels connect goroutines; closing one ends the loop over it."),
    ("select_timeout.py", [], "select waits for whichever comes first, here a timeout."),
    ("deadlock.py", [], "When nobody can go on, gofer says who waits for what, and exits with status 2."),
    ("panic.py", [], "An exception that leaves a goroutine ends the program, with status 2. Nothing is lost silently."),
    (
        "concurrent_map.py",
        [],
        "A plain map is for one goroutine at a time; overlapping on it ends the program, status 2.",
    ),
    ("sync_map.py", [], "A sync.Map is for as many as you like."),
    ("race_counter.py", ["-race"], "Under -race a data race is reported with both stacks; the status is 66."),
]


def main() -> None:
    for name, options, text in STOPS:
        print(f"\n# {text}")
        print("$ gofer run", *options, f"examples/{name}", flush=True)
        command = [sys.executable, "-m", "gofer", "run", *options, str(HERE / name)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        print(done.stdout, end="")
        if done.returncode:
            print(f"exit status {done.returncode}")


main()
