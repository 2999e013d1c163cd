/* The event loop of an environment: one event after the other, and what becomes of errors nobody caught. */
'use strict';

const { buildContext } = require('./context.js');
const errors = require('./errors.js');
const logs = require('./logs.js');
const { HIGH_WATER_MARK, ResponseStream, isStreaming } = require('./streaming.js');

const CALLBACKS_REMOVED =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to ' +
  'modify this function to use a supported handler signature to use Node.js 24 or later. For more information see ' +
  'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';
const NEVER_SETTLED =
  'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that ' +
  'was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes';

class Runtime {
  handler;
  #api;
  #invocation; // the event in work; none while starting and while waiting
  #serving = false;
  #stream; // the response stream of the event in work
  #ending = false;
  #whenIdle; // what to do when nothing is left in Node's own event loop

  constructor(api) {
    this.#api = api;
    process.on('uncaughtException', (error) => this.#crash('Uncaught Exception', error, 129));
    process.on('unhandledRejection', (reason) => {
      const error = new errors.RuntimeError('UnhandledPromiseRejection', errors.toText(reason));
      error.reason = reason;
      this.#crash('Unhandled Promise Rejection', error, 128);
    });
    process.on('beforeExit', () => {
      const act = this.#whenIdle;
      this.#whenIdle = undefined;
      if (act) act();
    });
  }

  /** Runs until the Runtime API goes away. */
  async serve() {
    let run;
    try {
      run = this.#manner();
    } catch (error) {
      await this.failInit(error);
      return;
    }
    this.#serving = true;
    for (;;) {
      const { headers, body } = await this.#api.next();
      const invocation = { id: headers['lambda-runtime-aws-request-id'], headers };
      this.#begin(invocation);
      await run.call(this, invocation, body);
      this.#invocation = undefined;
      this.#whenIdle = undefined;
    }
  }

  async failInit(error) {
    logs.failure('Uncaught Exception', error);
    const body = errors.toBody(error);
    await this.#api.initError(toBytes(body), { 'Lambda-Runtime-Function-Error-Type': body.errorType });
    process.exit(129);
  }

  /** How this handler is run; from nodejs24.x on there are no callbacks, and nothing waits for Node's event loop. */
  #manner() {
    const [, major] = /nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV || '') || [];
    const modern = Number(major) >= 24;
    if (isStreaming(this.handler)) return modern ? this.#streamed : this.#streamedAndWaited;
    if (!modern) return this.#withCallbacks;
    if (this.handler.length >= 3) throw new errors.RuntimeError('CallbackHandlerDeprecated', CALLBACKS_REMOVED);
    return this.#awaited;
  }

  #begin(invocation) {
    this.#invocation = invocation;
    const trace = invocation.headers['lambda-runtime-trace-id'];
    if (trace) process.env._X_AMZN_TRACE_ID = trace;
    else delete process.env._X_AMZN_TRACE_ID;
    logs.begin(invocation.id, invocation.headers['lambda-runtime-aws-tenant-id']);
  }

  /** From Node.js 24 on: what the handler returns, awaited. */
  async #awaited(invocation, body) {
    try {
      const returned = this.handler(parse(body), buildContext(invocation));
      const result = await Promise.race([returned, this.#neverSettled()]);
      this.#succeed(invocation, result);
    } catch (error) {
      this.#fail(invocation, error);
    }
  }

  /** Until Node.js 22: a promise, the callback, or context.done, succeed and fail; the first of them counts. */
  #withCallbacks(invocation, body) {
    return new Promise((finished) => {
      let open = true;
      let waits = true; // callbackWaitsForEmptyEventLoop
      const once = (act) => (...values) => {
        if (!open) return;
        open = false;
        this.#whenIdle = undefined;
        act(...values);
      };
      const settle = (error, result) => {
        if (error === undefined || error === null) this.#succeed(invocation, result);
        else this.#fail(invocation, error);
        finished();
      };
      const succeed = once((result) => settle(null, result));
      const fail = once((error) => settle(error === undefined || error === null ? 'handled' : error));
      const callback = once((error, result) => {
        if (!waits || (error !== undefined && error !== null)) settle(error, result);
        else this.#whenIdle = () => setImmediate(settle, null, result);
      });
      const context = buildContext(invocation, {
        get callbackWaitsForEmptyEventLoop() {
          return waits;
        },
        set callbackWaitsForEmptyEventLoop(value) {
          waits = value;
        },
        succeed,
        fail,
        done: once(settle),
      });
      const asynchronous = this.handler.constructor && this.handler.constructor.name === 'AsyncFunction';
      this.#whenIdle = once(() => settle(asynchronous ? new errors.RuntimeError('NodeJsExit', NEVER_SETTLED) : null));
      try {
        const result = this.handler(parse(body), context, callback);
        if (result && typeof result.then === 'function') result.then(succeed, fail);
      } catch (error) {
        callback(error);
      }
    });
  }

  /** Until Node.js 22 the next event is asked for when the event loop is empty, unless the handler says otherwise. */
  async #streamedAndWaited(invocation, body) {
    const context = { callbackWaitsForEmptyEventLoop: true };
    await this.#streamed(invocation, body, context);
    if (context.callbackWaitsForEmptyEventLoop) await new Promise((resolve) => (this.#whenIdle = resolve));
  }

  async #streamed(invocation, body, context = {}) {
    const stream = new ResponseStream(this.#api, invocation, this.handler[HIGH_WATER_MARK]);
    const failed = new Promise((_resolve, reject) => stream.on('error', reject));
    failed.catch(() => {}); // seen below while the handler runs, no concern of ours afterwards
    this.#stream = stream;
    try {
      const returned = this.handler(parse(body), stream, buildContext(invocation, context));
      if (!returned || typeof returned.then !== 'function') throw new Error('Streaming does not support non-async handlers.');
      const result = await Promise.race([returned, failed, this.#neverSettled()]);
      if (result !== undefined) console.warn('Streaming handlers ignore return values.');
      await Promise.race([finish(stream), failed]);
    } catch (error) {
      logs.failure('Invoke Error', error);
      await this.#abandon(invocation, error);
    }
    this.#stream = undefined;
  }

  /** Rejects when Node's event loop runs empty: what the handler waits for will never come. */
  #neverSettled() {
    return new Promise((_resolve, reject) => {
      this.#whenIdle = () => reject(new errors.RuntimeError('NodeJsExit', NEVER_SETTLED));
    });
  }

  #succeed(invocation, result) {
    try {
      const text = JSON.stringify(result);
      this.#api.answer(invocation, 'response', Buffer.from(text === undefined ? 'null' : text), {
        'Content-Type': 'application/json',
      });
    } catch (error) {
      this.#fail(invocation, new errors.RuntimeError('MarshalError', `Unable to marshal response: ${error && error.message}`));
    }
  }

  #fail(invocation, error) {
    logs.failure('Invoke Error', error);
    this.#post(invocation, error);
  }

  #post(invocation, error) {
    const body = errors.toBody(error);
    this.#api.answer(invocation, 'error', toBytes(body), {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Function-Error-Type': body.errorType,
    });
  }

  /** Reports an error for a streamed response: in its trailers when it has begun, else as any other. */
  async #abandon(invocation, error) {
    if (this.#stream && this.#stream.begun) {
      if (!this.#stream.writableFinished) await this.#stream.fail(error);
      return;
    }
    this.#post(invocation, error);
  }

  /** An error nobody caught ends the process, after the event (or the start) that it hit has been answered. */
  async #crash(title, error, status) {
    if (this.#ending) return;
    this.#ending = true;
    logs.failure(title, error);
    if (this.#invocation) {
      await this.#abandon(this.#invocation, error);
      await this.#api.flush();
    } else if (!this.#serving) {
      const body = errors.toBody(error);
      await this.#api.initError(toBytes(body), { 'Lambda-Runtime-Function-Error-Type': body.errorType });
    }
    process.exit(status);
  }
}

/** A handler may return before its stream has sent everything, but it must have ended it. */
function finish(stream) {
  if (stream.writableFinished) return Promise.resolve();
  if (!stream.writableEnded) return Promise.reject(new Error('Response stream is not finished.'));
  return new Promise((resolve) => stream.once('finish', resolve));
}

function parse(body) {
  return JSON.parse(body.toString());
}

function toBytes(value) {
  return Buffer.from(JSON.stringify(value));
}

module.exports = { Runtime };
