"""Bring a store and its remote together: fetch, merge, check, push; never by force."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from dunctl.errors import Refused
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


def sync(store: Store, tell: Callable[[str], object]) -> Synced:
    """Fetch, merge, check and push; what else is committed for that is told at once.

    Raises ``Refused`` and says what to do; nothing is lost.
    """
    root = store.root
    if not git.is_repository(root):
        raise Refused(t("this store is not in git: git init, then git remote add origin URL"))
    with files.locked(root):
        try:
            drivers.register(root)
            _finish(root)
            if drivers.settled(root):
                tell(drivers.SUBJECT)
            _begin_anew(root)
            _refuse_uncommitted(root)
            return _synced(store, *_remote(root))
        except git.GitFailed as error:
            raise Refused(t("git says: {why}", why=error)) from error


def _finish(root: Path) -> None:
    """Finish a merge whose contradictions have been settled."""
    if git.commit_named(root, "MERGE_HEAD") is None:
        return
    changed = git.uncommitted(root, ".")
    for name in changed:
        if _is_marked(root / name):
            raise Refused(
                t(
                    "{path} still has both sides of a key: keep one, delete the marks, and "
                    "call dunctl sync again",
                    path=name,
                )
            )
    git.run(root, "add", "--update", "--", ".")
    there = [name for name in changed if os.path.lexists(root / name)]
    if there:
        git.run(root, "add", "--", *there)
    git.run(root, "commit", "--quiet", "--no-edit")


def _begin_anew(root: Path) -> None:
    """Take back what a sync that was killed had put in place: nobody has written that.

    It is just what a merge with what was fetched last gives.
    """
    changed = git.uncommitted(root, ".")
    here, fetched = git.commit_named(root, "HEAD"), git.commit_named(root, "FETCH_HEAD")
    if not (changed and here and fetched):
        return
    both = git.merged(root, here, fetched)
    if both is None or not all(_is_known(root, name, here, both.tree) for name in changed):
        return
    git.stage(root, here, changed)
    for name in changed:
        files.bring(root / name, _in(root, here, name))


def _is_known(root: Path, name: str, *trees: str) -> bool:
    """Return whether a file, and what of it is staged, are as one of the trees has them."""
    known = [_in(root, tree, name) for tree in trees]
    staged = git.content(root, "", name)
    return _content(root, name) in known and (staged is None or staged.encode() in known)


def _content(root: Path, name: str) -> bytes | None:
    """Return what is in a plain file; nothing if it is not there or no plain file."""
    path = root / name
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _in(root: Path, tree: str, name: str) -> bytes | None:
    return next(
        (content for _, link, content in git.snapshot(root, tree, [name]) if not link), None
    )


def _refuse_uncommitted(root: Path) -> None:
    changed = git.uncommitted(root, ".")
    if changed:
        raise Refused(
            t(
                "{path} has changes that git does not have: look at git diff, then "
                "git add {path} and git commit",
                path=changed[0],
            )
        )


def _is_marked(path: Path) -> bool:
    try:
        return _has_marks(files.read_text(path))
    except (OSError, files.Unreadable):
        return False


def _has_marks(text: str) -> bool:
    return any(line.startswith(_MARKS) for line in text.splitlines())


def _remote(root: Path) -> tuple[str, str]:
    """Return the remote and its branch that this branch goes with."""
    branch = git.branch(root)
    if not branch:
        raise Refused(
            t(
                "no branch is checked out: git switch main, then git merge {commit}, so that "
                "what was written here comes along",
                commit=(git.commit_named(root, "HEAD") or "HEAD")[:7],
            )
        )
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
            t("{remote} cannot be reached: {why}", remote=remote, why=_why_not(str(error)))
        ) from error
    return git.commit_named(root, "FETCH_HEAD")


def _merged(store: Store, there: str) -> tuple[int, set[str]]:
    root = store.root
    before = git.commit_named(root, "HEAD")
    new = git.count(root, f"HEAD..{there}") if before else git.count(root, there)
    if not new:
        return 0, set()
    if before is None:
        _merged_by_git(root, there)
    elif not git.count(root, f"{there}..{before}"):
        _moved_to(root, before, there)
    else:
        both = None if _is_mistaken(root, before, there) else git.merged(root, before, there)
        if both is None:
            _merged_by_git(root, there)
        elif both.left:
            _wait_for_choice(root, before, there, both)
        else:
            parents = ("-p", before, "-p", there)
            commit = git.run(root, "commit-tree", both.tree, *parents, "-m", t("sync")).strip()
            _moved_to(root, before, commit)
    return new, {Path(name).stem for name in _between(root, before, "HEAD")}


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
    """Go to a later commit."""
    _put_whole(root, here, commit)
    git.run(root, "merge", "--quiet", "--ff-only", commit)


def _put_whole(root: Path, here: str, tree: str) -> None:
    """Bring cases and letters to what a tree has, whole: git would write them in place."""
    parts = ("--name-only", "--no-renames", "-z", here, tree, "--", "cases", "letters")
    listed = git.run(root, "diff", "--relative", *parts).split("\0")
    names = [name for name in listed if _is_ours(root, name)]
    there = list(git.snapshot(root, tree, names)) if names else []
    links = {name for name, is_link, _ in there if is_link}
    wanted = {name: content for name, _, content in there if name not in links}
    gone = dict.fromkeys(set(names) - links - wanted.keys())
    for name, content in {**wanted, **gone}.items():
        files.bring(root / name, content)
    if wanted or gone:
        git.stage(root, tree, [*wanted, *gone])


def _is_ours(root: Path, name: str) -> bool:
    """Return whether a path is of a case or a letter, and leads to where it says."""
    folder, _, rest = name.partition("/")
    depth = {"cases": 0, "letters": 1}.get(folder)
    return rest.count("/") == depth and not (root / name).parent.is_symlink()


def _wait_for_choice(root: Path, here: str, there: str, both: git.Both) -> None:
    """Put in place what both sides have, with marks where they contradict each other; refuse.

    A file comes whole or not at all, and git waits for a commit only when all are there: a sync
    that is killed meanwhile is begun anew by the next one.
    """
    inside = git.prefix(root)
    left = {name.removeprefix(inside): stages for name, stages in both.left.items()}
    shared = {name: {"2", "3"} <= {line[-1] for line in stages} for name, stages in left.items()}
    for name, both_have_it in shared.items():
        marked = _has_marks(git.content(root, both.tree, name) or "")
        if name.startswith("cases/") and both_have_it and not marked:
            raise _not_merged(name, both.said)
    _put_whole(root, here, both.tree)
    git.run(root, "read-tree", "-m", "-u", here, both.tree)
    git.await_merge(root, both, there, t("sync"))
    raise _contradiction(shared, both.said)


def _not_merged(name: str, said: str) -> Refused:
    return Refused(t("{path} could not be merged: try again ({why})", path=name, why=_why(said)))


def _contradiction(shared: Mapping[str, bool], said: str) -> Refused:
    """Return what to choose: by path, whether both sides still have the file."""
    marked = ", ".join(name for name, both_have_it in shared.items() if both_have_it)
    alone = ", ".join(name for name, both_have_it in shared.items() if not both_have_it)
    why, sentences = _why(said), []
    if marked:
        sentences.append(
            t(
                "both sides changed the same in {paths}: keep one of the two there, delete the "
                "marks, and call dunctl sync again ({why})",
                paths=marked,
                why=why,
            )
        )
    if alone:
        sentences.append(
            t(
                "one side took away or renamed {paths}, the other changed it: git rm what is to "
                "go, and call dunctl sync again; what is there then stays ({why})",
                paths=alone,
                why=why,
            )
        )
    return Refused("\n".join(sentences))


def _merged_by_git(root: Path, there: str) -> None:
    """Merge in place, where git cannot do it beside, or may do it for renamed cases only."""
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
                raise _not_merged(name, str(error)) from error
        shared = {name: stages >= {2, 3} for name, stages in left.items()}
        raise _contradiction(shared, str(error)) from error


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
    changed = [(store.root / name, name) for name in _between(store.root, there, "HEAD")]
    reads = stores.read_paths(store, [one for one in changed if one[0].exists()])
    problems = [one for read in reads for one in read.problems if one.level == "error"]
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
            t("{remote} does not take it: {why}", remote=remote, why=_why_not(str(error)))
        ) from error
    return True


_ALWAYS = (
    *("hint:", "To ", "error: failed to push", "fatal: Could not read from remote repository"),
    *("Please make sure you have the correct access rights", "and the repository exists"),
)
"""How the lines begin that git says of a remote whatever is wrong with it."""


def _why_not(said: str) -> str:
    """Return what git says of a remote that does not do it: the first words, and the last."""
    lines = [line.strip() for line in said.splitlines()]
    telling = [line for line in lines if line and not line.startswith(_ALWAYS)]
    return "; ".join(dict.fromkeys((telling[0], telling[-1]))) if telling else _why(said)


def _why(said: str) -> str:
    """Return the line of git's words that says why; for a lock the one that names the file."""
    lines = [line for line in said.splitlines() if not line.startswith("hint:")]
    locks = [line for line in lines if ".lock'" in line]
    return (locks or lines or [said])[-1].strip()
