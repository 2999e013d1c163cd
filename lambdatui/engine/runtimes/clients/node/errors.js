/* Errors as Lambda shows them: bodies for callers, one line of JSON for logs, paths as they read on Lambda. */
'use strict';

const fs = require('fs');
const { pathToFileURL } = require('url');
const { isNativeError } = require('util').types;

/** An error of the runtime itself; its name is what callers see as errorType. */
class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    Object.defineProperty(this, 'name', { value: `Runtime.${name}`, enumerable: false });
    const frames = this.stack.indexOf('\n    at ');
    this.stack = `${this.name}: ${message}${frames < 0 ? '' : this.stack.slice(frames)}`;
  }
}

let replacements = [];

/** From now on the folders that stand for /var/task and /var/runtime are shown under those names. */
function hidePaths(taskRoot, runtimeFolder) {
  replacements = [
    ...spellings(taskRoot).map((path) => [path, '/var/task']),
    ...spellings(runtimeFolder).map((path) => [path, '/var/runtime']),
  ].filter(([path, name]) => path.length > 1 && path !== name);
}

function spellings(path) {
  const found = [path.replace(/\/+$/, '')];
  try {
    found.push(fs.realpathSync(path));
  } catch {
    // a folder that does not exist has no other name
  }
  return [...new Set(found.flatMap((name) => [name, pathToFileURL(name).pathname]))];
}

function shown(text) {
  for (const [path, name] of replacements) {
    if (!text.includes(path)) continue;
    text = text.split(`${path}/`).join(`${name}/`).split(`'${path}'`).join(`'${name}'`);
  }
  return text;
}

function isError(value) {
  return isNativeError(value) || ['name', 'message', 'stack'].every((key) => value && typeof value[key] === 'string');
}

/** The error object a caller gets. Throwing handlers can throw anything, even what cannot be read. */
function toBody(error) {
  try {
    if (!isError(error)) return { errorType: typeof error, errorMessage: shown(error.toString()), trace: [] };
    return {
      errorType: String(error.name),
      errorMessage: shown(String(error.message)),
      trace: shown(String(error.stack)).split('\n'),
    };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, ' +
        'name, and stack',
      trace: [],
    };
  }
}

/** The error as the log shows it in text format: a tab, then JSON with whatever else the error carries. */
function toLine(error) {
  try {
    return `\t${shown(JSON.stringify(error, (_key, value) => (value instanceof Error ? withDetails(value) : value)))}`;
  } catch {
    return `\t${JSON.stringify(toBody(error))}`;
  }
}

function withDetails(error) {
  const details = { errorType: error.name, errorMessage: error.message, code: error.code, ...error };
  if (typeof error.stack === 'string') details.stack = error.stack.split('\n');
  return details;
}

function toError(value) {
  return value instanceof Error ? value : new Error(toText(value));
}

/** Symbols, and objects without toString, can be thrown as well. */
function toText(value) {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

module.exports = { RuntimeError, hidePaths, shown, toBody, toError, toLine, toText };
