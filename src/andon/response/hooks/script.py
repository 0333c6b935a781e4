"""The text of Andon's hooks: POSIX sh that calls the gate and the hook that was there before."""

from __future__ import annotations

#: What tells our files from those of others, whatever their version.
MARK = "andon-hook 5d0c9f4a7be1"
VERSION = 2
#: The hooks of a clone, and the gate each of them asks. Git runs no pre-commit for a merge without conflicts.
CLIENT = {
    "pre-commit": "pre-commit",
    "pre-merge-commit": "pre-commit",
    "commit-msg": "commit-msg",
    "pre-push": "pre-push",
    "reference-transaction": "reference-transaction",
}
#: The hook of a repository that is pushed to.
SERVER = {"pre-receive": "pre-receive"}
#: The ending of a hook that was there before.
KEPT = ".andon-kept"
#: The ending that the pre-commit framework gives to a hook that was there before.
LEGACY = ".legacy"

_HEAD = """\
#!/bin/sh
# {mark} version {version}: {name}
# Written by `andon hooks install`, which replaces it as a whole. Taken out by `andon hooks uninstall`.

python={python}
start={start}
case $0 in */*) here=${{0%/*}} ;; *) here=. ;; esac
kept=$here/{name}{ending}
"""

#: The framework runs what it moved away, and stops when that runs the framework again.
_NO_CIRCLE = """\
[ -z "${PRE_COMMIT_RUNNING_LEGACY:-}" ] || kept=
"""

_COMMON = """
theirs() {{
    [ -n "$kept" ] && [ -f "$kept" ] && [ -x "$kept" ] || return 0
    "$kept" "$@"
}}

ask() {{
    if [ -n "$python" ] && [ -x "$python" ] && [ -r "$start" ]; then
        "$python" -I -S "$start" {words} "$@"
    elif command -v andon >/dev/null 2>&1; then
        andon {words} "$@"
    else
        echo "andon: the gate cannot be asked: Andon is not${{python:+ at $python}}, and not on PATH" >&2
        echo "  way out: install it again, then: andon hooks install; or for good: rm '$0'" >&2
        return 3
    fi
}}
"""

#: For hooks of a commit. Replaying old commits, a rebase meets old settings that cannot be read: what cannot
#: be decided is told and does not stop it. A rule that says no does; the push is checked again.
_COMMIT = """
theirs "$@" || exit
ask "$@" </dev/null
code=$?
case $code in 0 | 1 | 130) exit $code ;; esac
dir=${GIT_DIR:-.git}
[ -d "$dir" ] || dir=$(git rev-parse --git-dir)
if [ -d "$dir/rebase-merge" ] || [ -d "$dir/rebase-apply" ]; then
    echo "andon: a rebase is in progress: what cannot be decided does not stop it." \
        "The push is checked." >&2
    exit 0
fi
exit $code
"""

#: For hooks that git tells on standard input what is sent. Ours comes first: the other may send something.
_SENT = """
given=$(cat)
if [ -n "$given" ]; then
    printf '%s\\n' "$given" | ask "$@" || exit
    [ -z "$kept" ] || printf '%s\\n' "$given" | theirs "$@"
else
    theirs "$@" </dev/null
fi
"""

#: References of another repository that one fetch has judged at once: git tells of each alone, and each
#: starts a process. The rest waits in a file and is judged together, before any branch moves here.
_AT_ONCE = 5

#: For the hook that runs whenever a reference moves. What cannot carry anything new leaves within the shell:
#: other states, removals, references that stay on this machine, and moves to what the repository has already,
#: so that no rebase and no way back from one waits for a gate, or is stopped by one.
_MOVED = """
[ "${1:-}" = prepared ] || { theirs "$@"; exit; }
given= lines= news= here= from=
while read -r old new ref; do
    given="$given$old $new $ref
"
    case $new in ref:* | "$old") continue ;; *[!0]*) ;; *) continue ;; esac
    case $ref in
        refs/stash | refs/bisect/* | refs/rewritten/* | refs/worktree/*) continue ;;
        refs/remotes/* | refs/prefetch/*) ;;
        refs/* | HEAD) here=1 ;;
        *) continue ;;
    esac
    lines="$lines$old $new $ref
"
    [ "$new" = "$news" ] || news="${news:+$news
}$new"
    from=$old
done
go_on() {
    [ -z "$kept" ] || printf '%s' "$given" | theirs prepared
    exit
}
[ -n "$lines" ] || go_on
dir=${GIT_DIR:-.git}
[ -d "$dir" ] || dir=$(git rev-parse --git-dir)
shared=$dir
if [ -f "$dir/commondir" ]; then
    read -r shared <"$dir/commondir"
    case $shared in /*) ;; *) shared=$dir/$shared ;; esac
fi
own=$shared/andon
if ! [ -s "$own/tainted" ] && ! [ -s "$own/banned" ] && ! [ -s "$own/fetched" ]; then
    tree= parent=
    [ ! -f "$own/passed" ] || read -r tree parent <"$own/passed"
    if [ -n "$parent" ] && [ "$parent" = "$from" ]; then
        told=$(GIT_NO_REPLACE_OBJECTS=1 git -c log.showSignature=false log -1 --no-color \\
            --format='%T %P%n%B' "$news" -- 2>/dev/null) || told=
        [ "$told" != "$(cat "$own/passed")" ] || go_on
    fi
    if new=$(printf '%s\\n' "$news" | GIT_NO_REPLACE_OBJECTS=1 git rev-list --objects --max-count=1 --stdin \\
        --not --exclude=refs/stash --exclude='refs/bisect/*' --exclude='refs/rewritten/*' \\
        --exclude='refs/worktree/*' --all 2>/dev/null) && [ -z "$new" ]; then
        go_on
    fi
fi
if [ -z "$here" ] && [ -f "$own/receipts" ]; then
    by= count=0
    [ ! -f "$own/fetching" ] || read -r by count <"$own/fetching"
    [ "$by" = "$PPID" ] || count=0
    echo "$PPID $((count + 1))" >"$own/fetching"
    if [ "$count" -ge {at_once} ]; then
        printf '%s' "$lines" >>"$own/fetched"
        go_on
    fi
fi
printf '%s' "$lines" | ask "$@" >&2
code=$?
case $code in 0) go_on ;; 1 | 130) exit $code ;; esac
if [ -z "$here" ]; then
    echo "andon: what was fetched could not be judged; the push is checked." >&2
    go_on
fi
for busy in rebase-merge rebase-apply sequencer; do
    if [ -d "$dir/$busy" ]; then
        echo "andon: old commits are being replayed: what cannot be decided does not stop it." \\
            "The push is checked." >&2
        go_on
    fi
done
echo "andon: the branch was not moved: what it would get could not be judged" >&2
exit $code
"""

_BODIES = {
    "pre-commit": _COMMIT,
    "commit-msg": _COMMIT,
    "reference-transaction": _MOVED.replace("{at_once}", str(_AT_ONCE)),
}


def script(name: str, *, python: str = "", start: str = "", keeps_framework: bool = False) -> str:
    """Return the hook's file.

    `python` and `start`: an interpreter and the program that starts Andon in it; "" leaves it to PATH.
    `keeps_framework`: True when the hook that was there before is one of the pre-commit framework.
    """
    gate = CLIENT.get(name) or SERVER[name]
    head = _HEAD.format(
        mark=MARK, version=VERSION, name=name, python=_quoted(python), start=_quoted(start), ending=KEPT
    )
    body = _BODIES.get(gate, _SENT)
    return head + (_NO_CIRCLE if keeps_framework else "") + _COMMON.format(words=f"gate {gate}") + body


def _quoted(text: str) -> str:
    """Return `text` as one word of a shell."""
    escaped = text.replace("'", "'\\''")
    return f"'{escaped}'"


def is_ours(content: bytes | None) -> bool:
    """True for a hook that some version of Andon wrote."""
    return content is not None and MARK.encode() in content[:200]


def version_of(content: bytes) -> int:
    """Return the version of one of our hooks; 0 when it does not say."""
    _, _, rest = content[:200].decode("utf-8", "replace").partition(f"{MARK} version ")
    digits = rest.partition(":")[0]
    return int(digits) if digits.isdecimal() else 0


def is_framework(content: bytes | None) -> bool:
    """True for a hook that the pre-commit framework wrote."""
    return content is not None and b"File generated by pre-commit" in content[:400]


def is_lefthook(content: bytes | None) -> bool:
    """True for a hook that lefthook wrote."""
    return content is not None and b"call_lefthook" in content


def has_windows_ends(content: bytes | None) -> bool:
    """True for a file whose first line ends as on Windows: its interpreter is not found elsewhere."""
    return content is not None and content.partition(b"\n")[0].endswith(b"\r")
