/* Response streaming: what handlers see as `awslambda` and as their response stream. */
'use strict';

const { Writable } = require('stream');
const { RuntimeError, toBody } = require('./errors.js');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';

/** Marks a handler (event, responseStream, context) as one that streams. */
function streamifyResponse(handler, options) {
  handler[STREAMING] = 'response';
  if (options && typeof options.highWaterMark === 'number') handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
  return handler;
}

function isStreaming(handler) {
  const mode = handler[STREAMING];
  if (mode === undefined || mode === null || mode === false) return false;
  if (mode === 'response') return true;
  throw new RuntimeError('MalformedStreamingHandler', 'Only response streaming is supported.');
}

/** Puts status, headers and cookies before the body: JSON, eight NUL bytes, body. */
class HttpResponseStream {
  static from(stream, prelude) {
    stream.setContentType(PRELUDE_TYPE);
    const text = JSON.stringify(prelude);
    stream._onBeforeFirstWrite = (write) => {
      write(text);
      write(new Uint8Array(8));
    };
    return stream;
  }
}

/** The stream a handler writes its response to: one chunked POST that begins with the first byte. */
class ResponseStream extends Writable {
  #api;
  #invocation;
  #transfer; // the POST, once begun
  #contentType = 'application/octet-stream';

  constructor(api, invocation, highWaterMark) {
    super({ highWaterMark: highWaterMark || 16384 });
    this.#api = api;
    this.#invocation = invocation;
  }

  get begun() {
    return this.#transfer !== undefined;
  }

  setContentType(contentType) {
    if (this.begun) throw new RuntimeError('InvalidStreamingOperation', 'Cannot set content-type, too late.');
    this.#contentType = contentType;
  }

  /** Objects are streamed as JSON. */
  write(chunk, ...rest) {
    const plain = typeof chunk === 'string' || chunk instanceof Uint8Array;
    return super.write(plain ? chunk : JSON.stringify(chunk), ...rest);
  }

  _write(chunk, _encoding, done) {
    this.#begin();
    if (chunk.length) this.#transfer.write(chunk, done);
    else done();
  }

  _final(done) {
    this.#begin();
    this.#transfer.end().then(() => done());
  }

  /** Ends a response that has begun with the error in its trailers; resolves when it has arrived. */
  fail(error) {
    const body = toBody(error);
    const ended = this.#transfer.end({
      'Lambda-Runtime-Function-Error-Type': body.errorType,
      'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(body)).toString('base64'),
    });
    this.destroy();
    return ended;
  }

  #begin() {
    if (this.begun) return;
    this.#transfer = this.#api.stream(this.#invocation, this.#contentType);
    if (typeof this._onBeforeFirstWrite !== 'function') return;
    this._onBeforeFirstWrite((chunk) => this.#transfer.write(Buffer.from(chunk), () => {}));
  }
}

module.exports = { HIGH_WATER_MARK, HttpResponseStream, ResponseStream, isStreaming, streamifyResponse };
