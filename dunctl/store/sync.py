"""Bring a store and its remote together: fetch, merge, check, push; never by force."""

from __future__ import annotations

from pathlib import Path

from dunctl.errors import Problem, Refused
from dunctl.store import drivers, files, git
from dunctl.store import store as stores
from dunctl.store.store import Store
from dunctl.tuples import NamedTuple
from dunctl.words import t

TRIES = 5
"""How often we merge anew when somebody else pushes at the same moment."""

_MARKS = ("<<<<<<< ", ">>>>>>> ")


class Synced(NamedTuple):
    """What came and went: commits fetched and pushed, and the cases that came or were merged."""

    remote: str
    fetched: int
    pushed: int
    cases: tuple[str, ...]


def sync(store: Store) -> Synced:
    """Fetch, merge, check and push. Raises ``Refused`` and says what to do; nothing is lost."""
    root = store.root
    if not git.is_repository(root):
        raise Refused(t("this store is not in git: git init, then git remote add origin URL"))
    with files.locked(root):
        try:
            drivers.register(root)
            _finish(root)
            return _synced(store, *_remote(root))
        except git.GitFailed as error:
            raise Refused(t("git says: {why}", why=error)) from error


def _finish(root: Path) -> None:
    """Finish a merge whose contradictions have been settled; refuse what git does not have."""
    merging = git.commit_named(root, "MERGE_HEAD") is not None
    changed = git.uncommitted(root, ".")
    if merging:
        for name in changed:
            if _is_marked(root / name):
                raise Refused(
                    t(
                        "{path} still has both sides of a key: keep one, delete the marks, and "
                        "call dunctl sync again",
                        path=name,
                    )
                )
        git.run(root, "add", "--all", "--", *changed)
        git.run(root, "commit", "--quiet", "--no-edit")
    elif changed:
        raise Refused(
            t(
                "{path} has changes that git does not have: look at git diff, then "
                "git add {path} and git commit",
                path=changed[0],
            )
        )


def _is_marked(path: Path) -> bool:
    try:
        return any(line.startswith(_MARKS) for line in files.read_text(path).splitlines())
    except (OSError, files.Unreadable):
        return False


def _remote(root: Path) -> tuple[str, str]:
    """Return the remote and its branch that this branch goes with."""
    branch = git.branch(root)
    if not branch:
        raise Refused(t("no branch is checked out: git switch main"))
    own = git.setting(root, f"branch.{branch}.remote")
    known = git.run(root, "remote").split()
    remote = own or ("origin" if "origin" in known else known[0] if len(known) == 1 else "")
    if not remote:
        raise Refused(t("there is no remote to sync with: git remote add origin URL"))
    theirs = git.setting(root, f"branch.{branch}.merge").removeprefix("refs/heads/")
    return remote, theirs or branch


def _synced(store: Store, remote: str, branch: str) -> Synced:
    root = store.root
    fetched = 0
    cases: set[str] = set()
    for _ in range(TRIES):
        there = _fetched(root, remote, branch)
        if there:
            new, touched = _merged(store, there)
            fetched += new
            cases |= touched
        _checked(store, there)
        ahead = _ahead(root, there)
        if not ahead or _pushed(root, remote, branch):
            return Synced(remote, fetched, ahead, tuple(sorted(cases)))
    raise Refused(t("others keep pushing to {remote}: try again", remote=remote))


def _ahead(root: Path, there: str | None) -> int:
    """Return how many commits the remote lacks; there are none at all before the first one."""
    if git.commit_named(root, "HEAD") is None:
        return 0
    return git.count(root, f"{there}..HEAD" if there else "HEAD")


def _fetched(root: Path, remote: str, branch: str) -> str | None:
    """Return the newest commit of the remote's branch, ``None`` if there is no such branch yet."""
    try:
        if not git.run(root, "ls-remote", "--heads", remote, f"refs/heads/{branch}").strip():
            return None
        git.run(root, "fetch", "--quiet", remote, f"refs/heads/{branch}")
    except git.GitFailed as error:
        raise Refused(
            t("{remote} cannot be reached: {why}", remote=remote, why=_why(error))
        ) from error
    return git.commit_named(root, "FETCH_HEAD")


def _merged(store: Store, there: str) -> tuple[int, set[str]]:
    root = store.root
    before = git.commit_named(root, "HEAD")
    new = git.count(root, f"HEAD..{there}") if before else git.count(root, there)
    if not new:
        return 0, set()
    both = _joined(root, before, there) if before else None
    if before and both:
        _moved_to(root, before, both)
    else:
        _merged_by_git(root, there)
    return new, {Path(name).stem for name in _between(root, before, "HEAD")}


def _joined(root: Path, here: str, there: str) -> str | None:
    """Return a commit that has what both have; ``None`` if there is something to settle first.

    No file is touched. A git before 2.38 cannot do that: ``None`` too.
    """
    if not git.count(root, f"{there}..{here}"):
        return there
    if _is_mistaken(root, here, there):
        return None
    try:
        tree = git.run(root, "merge-tree", "--write-tree", here, there).split("\n")[0]
    except git.GitFailed:
        return None
    return git.run(root, "commit-tree", tree, "-p", here, "-p", there, "-m", t("sync")).strip()


def _is_mistaken(root: Path, here: str, there: str) -> bool:
    """Return whether git would take a case that is gone and another like it for one case.

    It would bring what happened to one debtor into the file of another. Of histories that have
    nothing in common that is not known.
    """
    fork = git.fork(root, (here, there))
    if not fork:
        return True
    options = ("--name-status", "--find-renames", "--diff-filter=R")
    found = [git.run(root, "diff", *options, fork, side, "--", "cases") for side in (here, there)]
    return any(not line.startswith("R100") for line in "".join(found).splitlines())


def _moved_to(root: Path, here: str, commit: str) -> None:
    """Go to a later commit. Cases and letters are replaced whole: git would write them in place."""
    parts = ("--name-only", "--no-renames", "-z", here, commit, "--", "cases", "letters")
    listed = git.run(root, "diff", "--relative", *parts).split("\0")
    names = [name for name in listed if _is_ours(root, name)]
    there = list(git.snapshot(root, commit, names)) if names else []
    texts = {name: content for name, is_link, content in there if not is_link}
    gone = set(names) - {name for name, _, _ in there}
    for name, content in texts.items():
        (root / name).parent.mkdir(exist_ok=True)
        files.put(root / name, content)
    for name in gone:
        (root / name).unlink(missing_ok=True)
    if texts or gone:
        git.stage(root, commit, [*texts, *gone])
    git.run(root, "merge", "--quiet", "--ff-only", commit)


def _is_ours(root: Path, name: str) -> bool:
    """Return whether a path is of a case or a letter, and leads to where it says."""
    folder, _, rest = name.partition("/")
    depth = {"cases": 0, "letters": 1}.get(folder)
    return rest.count("/") == depth and not (root / name).parent.is_symlink()


def _merged_by_git(root: Path, there: str) -> None:
    try:
        options = ("--no-edit", "--strategy-option=find-renames=100%", "-m", t("sync"))
        git.run(root, "merge", "--quiet", *options, there)
    except git.GitFailed as error:
        left = git.unmerged(root)
        if not left:
            raise
        for name in left:
            if name.startswith("cases/") and left[name] >= {2, 3} and not _is_marked(root / name):
                git.run(root, "merge", "--abort")
                raise Refused(
                    t("{path} could not be merged: try again ({why})", path=name, why=_why(error))
                ) from error
        raise Refused(
            t(
                "both sides changed the same in {paths}: keep one of the two there, delete the "
                "marks, and call dunctl sync again ({why})",
                paths=", ".join(left),
                why=_why(error),
            )
        ) from error


def _between(root: Path, before: str | None, after: str) -> list[str]:
    """Return the case files that differ between two commits, or that a commit has."""
    if before:
        listed = git.run(
            root, "diff", "--relative", "--name-only", "-z", before, after, "--", "cases"
        )
    else:
        listed = git.run(root, "ls-tree", "-r", "--name-only", "-z", after, "--", "cases")
    return [name for name in listed.split("\0") if name.endswith(".toml")]


def _checked(store: Store, there: str | None) -> None:
    """Refuse to push a case with an error in it."""
    problems: list[Problem] = []
    for name in _between(store.root, there, "HEAD"):
        if (store.root / name).exists():
            found = stores.read_path(store, store.root / name, name).problems
            problems += [problem for problem in found if problem.level == "error"]
    if problems:
        raise Refused(
            "\n".join([*map(str, problems), t("nothing was pushed: mend this and sync again")])
        )


def _pushed(root: Path, remote: str, branch: str) -> bool:
    """Push; returns whether nobody else was faster. Any other refusal is said."""
    try:
        known = git.setting(root, f"branch.{git.branch(root)}.merge")
        follow = [] if known else ["--set-upstream"]
        git.run(root, "push", "--quiet", *follow, remote, f"HEAD:refs/heads/{branch}")
    except git.GitFailed as error:
        if "fetch first" in str(error) or "non-fast-forward" in str(error):
            return False
        if "cannot lock ref" in str(error) or "incorrect old value" in str(error):
            return False
        raise Refused(
            t("{remote} does not take it: {why}", remote=remote, why=_why(error))
        ) from error
    return True


def _why(error: git.GitFailed) -> str:
    """Return the line of git's words that says why; for a lock the one that names the file."""
    lines = [line for line in str(error).splitlines() if not line.startswith("hint:")]
    locks = [line for line in lines if ".lock'" in line]
    return (locks or lines or [str(error)])[-1].strip()
