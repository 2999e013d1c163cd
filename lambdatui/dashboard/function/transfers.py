"""Code that goes up or down, once or whenever it is saved; it goes on when the screen is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widget import Widget

from lambdatui.dashboard.background import Background, Work, background_of
from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.model import TargetKind
from lambdatui.service.packing import pack
from lambdatui.service.watch import Redeploy, Watch

if TYPE_CHECKING:
    from textual.app import App

    from lambdatui.dashboard.function.code_tab import CodeTab
    from lambdatui.service.code import Package

WATCHING, UPLOADING, DOWNLOADING = "watching", "uploading", "downloading"


class GoingOn(Widget):
    """A line for each transfer of this function; nothing while there is none."""

    DEFAULT_CSS = "GoingOn { height: auto; max-height: 4; display: none; padding: 0 1; }"

    def __init__(self, function: str) -> None:
        super().__init__()
        self.function = function

    def on_mount(self) -> None:
        background_of(self.app).changed.subscribe(self, self._changed, immediate=True)
        self._draw()

    def on_unmount(self) -> None:
        background_of(self.app).changed.unsubscribe(self)

    def _changed(self, work: Work) -> None:
        if work.function == self.function:
            self._draw()

    def _draw(self) -> None:
        self.display = bool(background_of(self.app).of(self.function))
        self.refresh(layout=True)

    def render(self) -> Content:
        return Content("\n").join(map(_line, background_of(self.app).of(self.function)))


def is_seen(app: App[Any], function: str) -> bool:
    """Whether the person looks at these lines."""
    return any(each.function == function and each.size.height for each in app.screen.query(GoingOn))


def _line(work: Work) -> Content:
    key = "H" if work.endless else "s"
    sign, tone = (SIGNS.failed, "$fail") if work.wrong else (SIGNS.active, "$ok")
    said = (work.said, "$fail" if work.wrong else "")
    return Content.assemble(
        (f"{sign} ", tone), said, ("  ", ""), (key, "bold $accent"), (" stops it", "$muted")
    )


class Transfers:
    """What the code tab begins and stops."""

    def __init__(self, tab: CodeTab) -> None:
        self._tab = tab
        self._name = tab.subject.name
        self._code = tab.subject.service.code

    @property
    def _background(self) -> Background:
        return background_of(self._tab.app)

    def going(self, *, endless: bool) -> Work | None:
        """The watch, or the newest transfer, that goes on."""
        found = [work for work in self._background.of(self._name) if work.endless is endless]
        return found[-1] if found else None

    # -- up -----------------------------------------------------------------------------------

    def upload(self) -> None:
        """Ask for a folder, a file or a zip, and deploy it."""

        async def submit(values: Mapping[str, str]) -> str:
            source = _source(values)
            self._send(source, await asyncio.to_thread(pack, Path(source).expanduser()))
            return ""

        text = (
            f"The code of {self._name} ($LATEST) is replaced as a whole; published versions stay."
            " A folder is packed without .git, caches and links that lead out of it."
        )
        fields = (Field("from", "From", hint="path of a folder, a file or a zip"),)
        self._tab.open_dialog(Dialog("Deploy code", submit, text=text, fields=fields, verb="Deploy"))

    def _send(self, source: str, package: bytes) -> None:
        size = size_text(len(package))

        async def job(work: Work) -> str:
            tell = self._progress(work, f"uploading {source}")
            tell(0, len(package))
            await self._code.deploy(self._name, package, progress=tell)
            work.changes += 1
            return f"{self._name} runs {source} now ({size})."

        self._background.begin(Work(UPLOADING, self._name), job)

    def _progress(self, work: Work, what: str) -> Callable[[int, int], None]:
        background = self._background

        def progress(done: int, whole: int) -> None:
            if not whole:
                background.tell(work, f"{what}: {size_text(done)}", size_text(done))
            elif done < whole:
                share = f"{100 * done // whole} %"
                background.tell(work, f"{what}: {share} of {size_text(whole)}", share)
            else:
                waits = "; waiting for Lambda" if work.verb == UPLOADING else ""
                background.tell(work, f"{what}: all of {size_text(whole)}{waits}", "100 %")

        return progress

    # -- whenever it is saved -----------------------------------------------------------------

    def watch(self) -> None:
        """Ask for a folder and watch it; or stop the watch that goes on."""
        known = self.going(endless=True)
        if known is not None:
            self._background.stop(known)
            self._tab.notify(f"{self._name} is not redeployed any more; it keeps the code it has.")
            return
        target, remembered = self._tab.subject.service.target, self._tab.subject.drafts
        place = f"the folder of {self._name}"  # no function is called so: the drafts of forms stay apart

        async def submit(values: Mapping[str, str]) -> str:
            source = _source(values)
            await asyncio.to_thread(pack, Path(source).expanduser())
            remembered[place] = source
            self._begin_watch(source)
            return ""

        where = (
            f"AWS account {target.account} in {target.region}" if target.kind is TargetKind.AWS else "here"
        )
        text = (
            f"The code of {self._name} ($LATEST) {where} is replaced by the folder now, and again whenever a"
            " file in it is saved (.git, .venv and caches aside). This goes on when the screen is left."
        )
        hint = "path of a folder, a file or a zip"
        fields = (Field("from", "Watch", str(remembered.get(place, "")), hint),)
        dialog = Dialog(f"Watch a folder for {self._name}", submit, text=text, fields=fields, verb="Watch")
        self._tab.open_dialog(dialog)

    def _begin_watch(self, source: str) -> None:
        background = self._background

        async def job(work: Work) -> str:
            background.tell(work, f"watching {source}")
            await Watch(self._code, self._name, Path(source).expanduser(), told(work)).run()
            return ""

        def told(work: Work) -> Callable[[Redeploy], None]:
            def tell(redeploy: Redeploy) -> None:
                what, short = _redeployed(redeploy)
                work.changes += not redeploy.problem
                background.tell(work, f"watching {source} · {what}", short, wrong=bool(redeploy.problem))
                if not is_seen(app, self._name):
                    app.notify(
                        f"{self._name}: {what}",
                        severity="error" if redeploy.problem else "information",
                        timeout=3,
                        markup=False,
                    )

            return tell

        app = self._tab.app
        background.begin(Work(WATCHING, self._name, endless=True), job)

    # -- down ---------------------------------------------------------------------------------

    def download(self, held: Package | None) -> None:
        """Ask for a file, and save the package in it; fetched first, when it is not here yet."""

        async def submit(values: Mapping[str, str]) -> str:
            path = Path(values["file"]).expanduser()
            if path.exists():
                raise FieldError("file", f"{path} exists already; nothing was written.")
            if held is None:
                self._fetch(path)
                return ""
            try:
                await asyncio.to_thread(held.save, path)
            except OSError as error:
                raise FieldError("file", f"{path}: {error.strerror}.") from None
            return f"{path} written, {size_text(held.size)}."

        def done(sentence: str | None) -> None:
            if sentence:
                self._tab.notify(sentence, markup=False)

        fields = (Field("file", "File", f"{self._name}.zip"),)
        self._tab.app.push_screen(Dialog("Save the package", submit, fields=fields, verb="Save"), done)

    def _fetch(self, path: Path) -> None:
        async def job(work: Work) -> str:
            tell = self._progress(work, f"downloading to {path}")
            tell(0, 0)
            package = await self._code.download(self._name, progress=tell)
            try:
                await asyncio.to_thread(package.save, path)
                return f"{path} written, {size_text(package.size)}."
            except OSError as error:
                return f"{path} was not written: {error.strerror}."
            finally:
                package.close()

        self._background.begin(Work(DOWNLOADING, self._name), job)

    def stop(self) -> None:
        """Stop the transfer that goes on."""
        work = self.going(endless=False)
        if work is None:
            return
        self._background.stop(work)
        sent = work.verb == UPLOADING and work.short == "100 %"
        kept = "All of it was sent already: Lambda may still take it." if sent else "Nothing was changed."
        self._tab.notify(f"Stopped {work.verb}. {kept}", severity="warning")


def _redeployed(redeploy: Redeploy) -> tuple[str, str]:
    """In words, and in short."""
    when = _clock(redeploy.at)
    if redeploy.problem:
        return f"{when} not deployed: {redeploy.problem}", ""
    return f"{when} deployed {size_text(redeploy.size)} in {redeploy.seconds:.1f} s", f"{SIGNS.ok} {when}"


def _clock(when: datetime) -> str:
    return when.astimezone().strftime("%H:%M:%S")


def _source(values: Mapping[str, str]) -> str:
    if not values["from"]:
        raise FieldError("from", "Give the path of a folder, a file or a zip.")
    return values["from"]
