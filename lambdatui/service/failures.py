"""AWS's and botocore's exceptions become ours, with a sentence. Imported only once botocore is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore import exceptions as boto

from lambdatui.service import errors
from lambdatui.service.clean import clean_line, mask

_BY_CODE: dict[str, type[errors.ServiceError]] = {
    "ResourceNotFoundException": errors.NotFound,
    "ResourceConflictException": errors.Conflict,
    "ResourceInUseException": errors.Conflict,
    "ResourceAlreadyExistsException": errors.Conflict,
    "ResourceNotReadyException": errors.Conflict,
    "PreconditionFailedException": errors.Changed,
    "InvalidParameterValueException": errors.Invalid,
    "InvalidParameterException": errors.Invalid,
    "ValidationException": errors.Invalid,
    "InvalidRequestContentException": errors.Invalid,
    "UnsupportedMediaTypeException": errors.Invalid,
    "InvalidZipFileException": errors.Invalid,
    "InvalidRuntimeException": errors.Invalid,
    "RequestEntityTooLargeException": errors.TooLarge,
    "RequestTooLargeException": errors.TooLarge,
    "CodeStorageExceededException": errors.TooLarge,
    "TooManyRequestsException": errors.Throttled,
    "ThrottlingException": errors.Throttled,
    "Throttling": errors.Throttled,
    "RequestLimitExceeded": errors.Throttled,
    "LimitExceededException": errors.Throttled,
    "AccessDenied": errors.Denied,
    "AccessDeniedException": errors.Denied,
    "UnauthorizedOperation": errors.Denied,
    "ExpiredToken": errors.Expired,
    "ExpiredTokenException": errors.Expired,
    "RequestExpired": errors.Expired,
    "InvalidClientTokenId": errors.NoCredentials,
    "UnrecognizedClientException": errors.NoCredentials,
    "SignatureDoesNotMatch": errors.NoCredentials,
    "InvalidSignatureException": errors.NoCredentials,
    "IncompleteSignature": errors.NoCredentials,
    "MissingAuthenticationToken": errors.NoCredentials,
    "MissingAuthenticationTokenException": errors.NoCredentials,
    "UnknownOperationException": errors.Unsupported,
    "NotImplemented": errors.Unsupported,
    "NotImplementedException": errors.Unsupported,
}
_BY_STATUS: dict[int, type[errors.ServiceError]] = {
    400: errors.Invalid,
    401: errors.NoCredentials,
    403: errors.Denied,
    404: errors.NotFound,
    409: errors.Conflict,
    412: errors.Changed,
    413: errors.TooLarge,
    429: errors.Throttled,
    501: errors.Unsupported,
}
# {subject}: what the call was about; {where}: the target; {message}: AWS's own words.
_SENTENCES: dict[type[errors.ServiceError], str] = {
    errors.NotFound: "{subject} is not there: {message}",
    errors.Conflict: "{subject} cannot be changed like that now: {message}",
    errors.NotReady: "{subject} is still being created. Try again in a moment.",
    errors.Changed: "{subject} was changed by somebody else meanwhile. Refresh, look, and try again.",
    errors.Invalid: "{where} refused a value for {subject}: {message}",
    errors.TooLarge: "Too large for Lambda: {message}",
    errors.Throttled: "{where} is throttling {operation}: {message} Try again in a moment.",
    errors.Denied: "These credentials may not call {operation} on {subject}: {message}",
    errors.Expired: "The credentials for {where} have expired. Log in again (aws sso login), then refresh.",
    errors.NoCredentials: "{where} does not accept these credentials: {message}",
    errors.Unsupported: "{where} does not offer {operation}.",
    errors.ServiceError: "{where} failed at {operation}: {message}",
}
# What AWS says at length, said shortly; {detail} is what stands behind its first colon.
_PLAIN = (
    ("lready exist", "{subject} exists already."),
    ("An update is in progress", "{subject} is being changed right now. Try again in a moment."),
    ("Could not unzip uploaded file", "The package for {subject} is no zip file that Lambda can open."),
    ("Could not parse request body into json", "The payload for {subject} is not JSON: {detail}"),
    ("contains reserved keys", "Lambda sets these variables itself, choose other names: {detail}"),
    ("must be smaller than 6291456 bytes", "Too large: Lambda takes up to 6 MB at once."),
    ("must be smaller than 1048576 bytes", "Too large: an Event may have up to 1 MB."),
)


_NO_ADDRESS = ("Invalid endpoint", "Invalid IPv6 URL", "Port ")
"""How botocore and urllib begin to say that an endpoint is none."""


def translate(
    error: Exception, operation: str, params: Mapping[str, Any], where: str
) -> errors.ServiceError | None:
    """Our exception for one that came out of a client; None when it is a bug and should surface as such."""
    if isinstance(error, errors.ServiceError):
        return error
    if isinstance(error, boto.ClientError):
        return _answered(error, operation, params, where)
    return _unanswered(error, operation, params, where)


def _answered(
    error: boto.ClientError, operation: str, params: Mapping[str, Any], where: str
) -> errors.ServiceError:
    answer = error.response.get("Error", {})
    code = str(answer.get("Code", ""))
    message = clean_line(mask(str(answer.get("Message") or answer.get("message") or code)))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if not code or code.isdigit():  # nothing that AWS modelled: the endpoint has no such operation
        kind = (
            errors.Unsupported if status in (404, 405, 501) else _BY_STATUS.get(status, errors.ServiceError)
        )
        message = message[:200]
    else:
        kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or errors.ServiceError
    if code == "AccessDeniedException" and "expired" in message.lower():
        kind = errors.Expired
    if kind is errors.Conflict and message.rstrip(".").endswith("state: Pending"):
        kind = errors.NotReady
    subject = _subject(params)
    if message and message[-1] not in ".!?":
        message += "."
    if kind is errors.NotFound and (missing := _missing_version(params, message)):
        return kind(missing, code=code, aws_message=message)
    plain = next((sentence for words, sentence in _PLAIN if words in message), _SENTENCES[kind])
    text = plain.format(
        detail=message.partition(": ")[2] or message,
        subject=subject,
        where=where,
        operation=operation,
        message=message,
    )
    return kind(errors.sentence(text), code=code, aws_message=message)


def _unanswered(
    error: Exception, operation: str, params: Mapping[str, Any], where: str
) -> errors.ServiceError | None:
    """No answer from AWS at all: connections, credentials, and values that botocore itself refuses."""
    name, message = type(error).__name__, clean_line(mask(str(error)))

    def made(kind: type[errors.ServiceError], text: str) -> errors.ServiceError:
        return kind(errors.sentence(text), code=name, aws_message=message)

    match error:
        case boto.ReadTimeoutError():
            return made(errors.Unreachable, f"{where} did not answer {operation} in time.")
        case boto.SSLError():
            return made(errors.Unreachable, f"No trusted connection to {where}: {message}")
        case boto.HTTPClientError() | boto.ConnectionError():  # every kind of connection trouble
            return made(
                errors.Unreachable,
                f"{where} cannot be reached. Check the network and the endpoint, then retry.",
            )
        case boto.ProfileNotFound():
            return made(errors.NoCredentials, f"{message}. Its name is looked up in ~/.aws/config.")
        case boto.NoRegionError():
            return made(
                errors.NoCredentials,
                "No region is set. Give --region, or set one in the profile (aws configure).",
            )
        case boto.UnauthorizedSSOTokenError() | boto.SSOTokenLoadError() | boto.TokenRetrievalError():
            return made(
                errors.Expired, f"The SSO login for {where} has expired. Run aws sso login, then retry."
            )
        case boto.NoCredentialsError() | boto.PartialCredentialsError() | boto.NoAuthTokenError():
            return made(
                errors.NoCredentials,
                f"No AWS credentials for {where}. Log in (aws sso login, aws configure) or use --local.",
            )
        case boto.CredentialRetrievalError() | boto.ConfigParseError() | boto.InvalidConfigError():
            return made(errors.NoCredentials, f"The credentials for {where} could not be read: {message}")
        case boto.LoginError():
            return made(errors.Expired, f"The login for {where} has expired. Run aws login, then retry.")
        case boto.ParamValidationError() | boto.InvalidRegionError():
            return made(errors.Invalid, f"A value for {_subject(params)} is not valid: {message}")
        case ValueError() if message.startswith(_NO_ADDRESS):
            return made(errors.Invalid, f"{message}. An endpoint looks like http://127.0.0.1:4574.")
        case OSError():
            return made(errors.Unreachable, f"{where} cannot be reached: {message}")
        case boto.BotoCoreError():
            return made(errors.ServiceError, f"{where} failed at {operation}: {message}")
        case _:
            return None


def _missing_version(params: Mapping[str, Any], message: str) -> str:
    """When an alias was to point at a version that is not there, AWS says that of the function."""
    second = (params.get("RoutingConfig") or {}).get("AdditionalVersionWeights", ())
    wanted = [str(number) for number in (params.get("FunctionVersion", ""), *second)]
    missing = next((number for number in wanted if number and message.endswith(f":{number}.")), "")
    if not missing or not message.startswith("Function not found"):
        return ""
    return f"There is no version {clean_line(missing)} of {clean_line(str(params.get('FunctionName', '')))}."


def _subject(params: Mapping[str, Any]) -> str:
    """What a call was about, in words."""
    if group := params.get("logGroupName"):
        return f"log group {clean_line(str(group))}"
    function = clean_line(str(params.get("FunctionName", "")))
    if not function:
        return "this account"
    if alias := params.get("Name"):
        return f"alias {clean_line(str(alias))} of {function}"
    if qualifier := params.get("Qualifier"):
        return f"function {function}:{clean_line(str(qualifier))}"
    return f"function {function}"
