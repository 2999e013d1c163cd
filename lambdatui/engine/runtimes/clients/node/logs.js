/*
 * console as on Lambda: a record carries time, request id and level, as text or JSON. console.dir, table and
 * process.stdout.write stay as they are.
 */
'use strict';

const fs = require('fs');
const { format } = require('util');
const errors = require('./errors.js');

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const METHODS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' };
const FRAME = 0xa55a0000; // then two bits of format and three of level
const FRAME_FORMATS = { JSON: 0b10, TEXT: 0b11 };

let requestId;
let tenantId;
let json = false;
let write;

/** Replaces console's methods by what the environment asks for. */
function install() {
  const { AWS_LAMBDA_LOG_FORMAT: wanted = '', AWS_LAMBDA_LOG_LEVEL: lowest = '' } = process.env;
  json = wanted.toUpperCase() === 'JSON';
  const from = json ? Math.max(0, LEVELS.indexOf(lowest.toUpperCase())) : 0;
  write = writer();
  for (const stream of [process.stdout, process.stderr]) writeAtOnce(stream);
  for (const [method, level] of Object.entries(METHODS)) {
    const silent = LEVELS.indexOf(level) < from;
    console[method] = silent ? () => {} : (...values) => write(level, json ? jsonRecord(level, values) : textRecord(level, values));
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

function writer() {
  const descriptor = process.env._LAMBDA_TELEMETRY_LOG_FD;
  delete process.env._LAMBDA_TELEMETRY_LOG_FD;
  if (descriptor) return (level, record) => frame(Number(descriptor), level, record);
  return (_level, record) => process.stdout.write(`${record.replace(/\n/g, '\r')}\n`);
}

function frame(descriptor, level, record) {
  const text = Buffer.from(record);
  const head = Buffer.alloc(16);
  const kind = json ? FRAME_FORMATS.JSON : FRAME_FORMATS.TEXT;
  head.writeUInt32BE((FRAME | ((LEVELS.indexOf(level) + 1) << 2) | kind) >>> 0, 0);
  head.writeUInt32BE(text.length, 4);
  head.writeBigInt64BE(BigInt(Date.now()) * 1000n, 8);
  const bytes = Buffer.concat([head, text]);
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(descriptor, bytes, done);
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
