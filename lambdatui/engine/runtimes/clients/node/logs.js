/*
 * console as on Lambda: a record carries time, request id and level, as text or JSON. console.dir, table and
 * process.stdout.write stay as they are.
 */
'use strict';

const { format } = require('util');
const errors = require('./errors.js');

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const METHODS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' };
const FOLD = Buffer.from([0xfe, 0xfe, 0x0a]); // joins the lines of one record; the engine unfolds them

let requestId;
let tenantId;
let json = false;

/** Replaces console's methods by what the environment asks for. */
function install() {
  const { AWS_LAMBDA_LOG_FORMAT: wanted = '', AWS_LAMBDA_LOG_LEVEL: lowest = '' } = process.env;
  json = wanted.toUpperCase() === 'JSON';
  const from = json ? Math.max(0, LEVELS.indexOf(lowest.toUpperCase())) : 0;
  for (const stream of [process.stdout, process.stderr]) writeAtOnce(stream);
  for (const [method, level] of Object.entries(METHODS)) {
    const silent = LEVELS.indexOf(level) < from;
    console[method] = silent ? () => {} : (...values) => write((json ? jsonRecord : textRecord)(level, values));
  }
}

/** Records belong to this event from now on. */
function begin(id, tenant) {
  requestId = id;
  tenantId = tenant;
}

/** Logs an error that ends an event or the process. */
function failure(title, error) {
  if (json) console.error(errors.toError(error));
  else console.error(title, errors.toLine(errors.toError(error)));
}

/** Node queues what a full pipe does not take; an answer must not overtake its logs, nor process.exit lose them. */
function writeAtOnce(stream) {
  if (stream._handle && stream._handle.setBlocking) stream._handle.setBlocking(true);
}

function write(record) {
  const [first, ...rest] = record.split('\n');
  if (rest.length === 0) process.stdout.write(`${first}\n`);
  else process.stdout.write(Buffer.concat([first, ...rest.flatMap((line) => [FOLD, line]), '\n'].map((part) => Buffer.from(part))));
}

function textRecord(level, values) {
  const text = format(...values);
  const shown = text.includes('\n    at ') ? errors.shown(text) : text; // a logged error shows its stack
  return `${new Date().toISOString()}\t${requestId}\t${level}\t${shown}`;
}

function jsonRecord(level, values) {
  const record = { timestamp: new Date().toISOString(), level, requestId };
  if (tenantId) record.tenantId = tenantId;
  if (values.length === 1) return jsonMessage(record, values[0]);
  record.message = format(...values);
  const error = values.slice(1).find((value) => value instanceof Error);
  return JSON.stringify(error ? Object.assign(record, described(error)) : record);
}

/** One value keeps its shape in the record, unless JSON has none for it. */
function jsonMessage(record, message) {
  try {
    return JSON.stringify({ ...record, message }, (_key, value) =>
      value instanceof Error ? { ...described(value), ...value } : value,
    );
  } catch {
    return JSON.stringify({ ...record, message: format(message) });
  }
}

function described(error) {
  return {
    errorType: (error.constructor && error.constructor.name) || 'UnknownError',
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? errors.shown(error.stack).split('\n') : error.stack,
  };
}

module.exports = { begin, failure, install };
