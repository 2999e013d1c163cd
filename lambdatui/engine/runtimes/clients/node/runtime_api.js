/*
 * The Runtime API over one raw socket. Node's http module costs several times as much per event as the handler's
 * whole turn, and it would write head and body, and the next request, separately.
 */
'use strict';

const net = require('net');

const PREFIX = '/2018-06-01/runtime';
const NOTHING = Buffer.alloc(0);
const TRAILERS = 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body';

class RuntimeApi {
  #host;
  #port;
  #socket;
  #waiting = []; // requests sent and not answered, oldest first
  #served = false; // whether the connection ever brought an answer
  #unsent = []; // an answer that leaves together with the request for the next event
  #rest = NOTHING; // the beginning of a response head
  #message; // the response whose body is coming in

  constructor(address) {
    const colon = address.lastIndexOf(':');
    this.#host = address.slice(0, colon);
    this.#port = Number(address.slice(colon + 1));
  }

  /** Sends what is still to be sent and waits for the next event: {headers, body}. */
  next() {
    const answer = this.#request('GET', '/invocation/next');
    this.#flush();
    return answer;
  }

  /** Keeps an answer to an event; it leaves with `next` or `flush`. */
  answer(invocation, kind, body, headers = {}) {
    this.#request('POST', `/invocation/${invocation.id}/${kind}`, { ...echo(invocation), ...headers }, body);
  }

  initError(body, headers) {
    this.#request('POST', '/init/error', headers, body);
    return this.flush();
  }

  /** Sends what is still to be sent; resolves when all of it is answered. */
  flush() {
    this.#flush();
    return Promise.all(this.#waiting.map((request) => request.answered));
  }

  /** Begins a chunked response. */
  stream(invocation, contentType) {
    const socket = this.#connection();
    socket.write(
      head('POST', `/invocation/${invocation.id}/response`, this.#host, this.#port, {
        ...echo(invocation),
        'Content-Type': contentType,
        'Lambda-Runtime-Function-Response-Mode': 'streaming',
        'Transfer-Encoding': 'chunked',
        Trailer: TRAILERS,
      }),
    );
    return {
      write(chunk, done) {
        socket.cork();
        socket.write(`${chunk.length.toString(16)}\r\n`);
        socket.write(chunk);
        socket.write('\r\n', done);
        socket.uncork();
      },
      end: (trailers = {}) => {
        if (socket.destroyed) return Promise.resolve(); // there is nobody left to tell
        const answered = this.#expect([], false);
        socket.write(`0\r\n${lines(trailers)}\r\n`);
        socket.ref();
        return answered.finally(() => this.#waiting.length || socket.unref());
      },
    };
  }

  #request(method, path, headers = {}, body = NOTHING) {
    const sized = method === 'GET' ? headers : { ...headers, 'Content-Length': body.length };
    const parts = [head(method, path, this.#host, this.#port, sized), body];
    this.#unsent.push(...parts);
    return this.#expect(parts, method === 'GET');
  }

  #expect(parts, asks) {
    const request = { parts, asks };
    request.answered = new Promise((resolve) => (request.resolve = resolve));
    this.#waiting.push(request);
    return request.answered;
  }

  /** One write for everything that is ready: two would meet Nagle and delayed acknowledgements. */
  #flush() {
    const socket = this.#connection();
    socket.ref(); // waiting for the Runtime API keeps the process alive, a running handler alone does not
    socket.cork();
    for (const part of this.#unsent) if (part.length) socket.write(part);
    this.#unsent = [];
    socket.uncork();
  }

  #connection() {
    if (this.#socket) return this.#socket;
    const socket = net.connect({ host: this.#host, port: this.#port, noDelay: true });
    socket.setNoDelay(true); // the option is unknown to Node 16.0-16.16
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('end', () => this.#closed(socket, true));
    socket.on('error', () => this.#closed(socket, true));
    socket.on('close', () => this.#closed(socket, false));
    this.#socket = socket;
    this.#served = false;
    return socket;
  }

  /**
   * The handler has destroyed the socket: make another and ask again. Or the Runtime API has closed it, as it does
   * after an answer that is too large: it has all that it wanted, so only the request for the next event goes again.
   */
  #closed(socket, byPeer) {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    socket.destroy();
    if (byPeer && !this.#served) process.exit(1); // it went away
    this.#rest = NOTHING;
    this.#message = undefined;
    const again = byPeer ? this.#waiting.filter((request) => request.asks) : this.#waiting;
    for (const request of this.#waiting) if (!again.includes(request)) request.resolve();
    this.#waiting = again;
    if (again.length === 0) return;
    this.#unsent = again.flatMap((request) => request.parts);
    this.#flush();
  }

  #receive(chunk) {
    while (chunk.length) {
      chunk = this.#message ? this.#fill(chunk) : this.#begin(chunk);
      if (this.#message && this.#message.missing === 0) this.#deliver();
    }
  }

  #begin(chunk) {
    const bytes = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk;
    const end = bytes.indexOf('\r\n\r\n');
    this.#rest = end < 0 ? bytes : NOTHING;
    if (end < 0) return NOTHING;
    const headers = parse(bytes.toString('utf8', 0, end));
    const length = Number(headers['content-length'] || 0);
    this.#message = { headers, body: Buffer.allocUnsafe(length), missing: length };
    return bytes.subarray(end + 4);
  }

  #fill(chunk) {
    const message = this.#message;
    const count = chunk.copy(message.body, message.body.length - message.missing);
    message.missing -= count;
    return chunk.subarray(count);
  }

  #deliver() {
    const { headers, body } = this.#message;
    this.#message = undefined;
    this.#served = true;
    const request = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#socket.unref();
    if (request) request.resolve({ headers, body });
  }
}

/** Newer Runtime APIs name each delivery of an event and want the name back. */
function echo(invocation) {
  const name = invocation.headers['lambda-runtime-invocation-id'];
  return name ? { 'Lambda-Runtime-Invocation-Id': name } : {};
}

function head(method, path, host, port, headers) {
  return Buffer.from(`${method} ${PREFIX}${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n${lines(headers)}\r\n`, 'latin1');
}

function lines(headers) {
  let text = '';
  for (const [name, value] of Object.entries(headers)) text += `${name}: ${safe(value)}\r\n`;
  return text;
}

/** Header values are visible ASCII; an error type can be anything. */
function safe(value) {
  return String(value).replace(/[^\x20-\x7e]/g, '?');
}

function parse(text) {
  const headers = {};
  const rows = text.split('\r\n');
  for (let row = 1; row < rows.length; row++) {
    const colon = rows[row].indexOf(':');
    headers[rows[row].slice(0, colon).toLowerCase()] = rows[row].slice(colon + 1).trim();
  }
  return headers;
}

module.exports = { RuntimeApi };
