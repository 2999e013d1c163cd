"""From what is stored of a version to all that an environment has to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lambdatui.engine.debugging import Debugging, NoDebugger
from lambdatui.engine.environments.images import holder
from lambdatui.engine.environments.images.images import Images, extensions_of
from lambdatui.engine.environments.images.references import FORMS
from lambdatui.engine.environments.layers import merged, programs_of
from lambdatui.engine.environments.spec import Image, Program, RunSpec
from lambdatui.engine.runtimes.programs import NoProgram, Programs, Wanted
from lambdatui.engine.store.blobs import Blobs
from lambdatui.engine.store.versions import VersionRecord
from lambdatui.engine.wire.errors import ApiError, invalid_parameter


class Planning:
    """Lays out code, layers and images, and finds the program that runs them."""

    def __init__(
        self,
        blobs: Blobs,
        images: Images,
        programs: Programs,
        layers_folder: Path,
        *,
        tier: Callable[[], str],
        image_trouble: Callable[[], str],
        vpc_network: bool,
    ) -> None:
        self.programs = programs
        self.debugging = Debugging()
        self._blobs = blobs
        self._images = images
        self._layers_folder = layers_folder
        self._tier = tier
        self._image_trouble = image_trouble
        self._vpc_network = vpc_network

    def spec(self, record: VersionRecord, layer_shas: list[str]) -> RunSpec:
        """Everything an environment needs to know; unpacks code, so it runs in a thread."""
        config = record.config
        environment = config.get("Environment", {}).get("Variables", {})
        image = self._image(record) if record.package == "Image" else None
        if image is not None:
            code, opt, extensions = image.root, None, extensions_of(image.root)
            program = Program(image.argv)
            if extensions and not holder.supported():
                names, extensions = ", ".join(extensions), {}
                words = f"The extensions of an image cannot be started on such a machine: {names}."
                program = Program(image.argv, notice=words)
        else:
            code = self._blobs.unpacked(record.code_sha256)
            opt = merged([self._blobs.unpacked(sha) for sha in layer_shas], self._layers_folder)
            extensions = programs_of(opt)
            try:
                wanted = Wanted(config["Runtime"], config.get("Handler", ""), code, opt, environment)
                program = self.programs.choose(wanted)
            except NoProgram as problem:
                raise ApiError("InvalidRuntimeException", str(problem), 502) from None
        closed = not self._vpc_network and bool(config.get("VpcConfig", {}).get("SubnetIds"))
        if closed:
            program = without_network(program, "image" if image else self._tier())
        logs = config.get("LoggingConfig", {})
        spec = RunSpec(
            account=record.account,
            region=record.region,
            name=record.name,
            version=record.version,
            runtime=config.get("Runtime", ""),
            handler=config.get("Handler", ""),
            memory_mb=config.get("MemorySize", 128),
            timeout_s=config.get("Timeout", 3),
            code=code,
            role=config.get("Role", ""),
            program=program,
            environment=environment,
            layers=opt,
            extensions=extensions,
            log_group=logs.get("LogGroup") or f"/aws/lambda/{record.name}",
            log_json=logs.get("LogFormat") == "JSON",
            log_level=logs.get("ApplicationLogLevel"),
            system_log_level=logs.get("SystemLogLevel"),
            storage_mb=config.get("EphemeralStorage", {}).get("Size", 512),
            tenant_isolation="TenancyConfig" in config,
            no_network=closed,
            image=image,
        )
        try:
            return self.debugging.applied(spec)
        except NoDebugger as problem:
            raise ApiError("InvalidRuntimeException", str(problem), 502) from None

    def _image(self, record: VersionRecord) -> Image:
        """The image of a function, if there is one here and something that runs it."""
        image = self._images.image(record.code_sha256, record.config.get("ImageConfig", {}))
        if image is None:
            uri = record.config.get("ImageUri")
            raise ApiError("InvalidRuntimeException", f"{uri} is not on this machine. Name {FORMS}.", 502)
        if trouble := self._image_trouble():
            raise ApiError("InvalidRuntimeException", trouble, 502)
        return image


def refuse_what_cannot_run(record: VersionRecord) -> None:
    """Say plainly what one machine does not have, rather than run something else."""
    if "DurableConfig" in record.config:
        raise invalid_parameter("This engine cannot run durable functions: nothing keeps their checkpoints.")
    if "CapacityProviderConfig" in record.config:
        raise invalid_parameter(
            "This engine has no managed instances to run functions of a capacity provider."
        )


def without_network(program: Program, tier: str) -> Program:
    """Started afresh, in a network of its own; where that cannot be had, the function's log says so."""
    if tier == "strict":
        return replace(program, standby=None)
    who = "A container" if tier == "image" else f"The tier {tier}"
    words = f"{who} cannot close the network to a function in a VPC: it has this machine's."
    return replace(program, notice=f"{program.notice} {words}" if program.notice else words)
