# frozen_string_literal: true

require 'socket.so' # the classes; socket.rb around them costs as much again and is loaded when a handler wants it

module LambdaRuntime
  # The Runtime API over one socket.
  class RuntimeApi
    PREFIX = '/2018-06-01/runtime'
    CLOSED_HERE = [Errno::EBADF, Errno::ENOTCONN].freeze # what a socket says whose descriptor the handler took

    def initialize(address)
      @host, _, port = address.rpartition(':')
      @port = Integer(port)
      @unsent = [] # requests that leave together with the next one
    end

    # Sends what is still to be sent, in one write, and waits for the next event: headers and body.
    def next
      @unsent << request('GET', '/invocation/next')
      flush
    end

    # Keeps an answer to an event; it leaves with `next` or `flush`.
    def answer(event, kind, body, headers)
      name = event.headers['lambda-runtime-invocation-id'] # newer Runtime APIs want it back
      headers = headers.merge('Lambda-Runtime-Invocation-Id' => name) if name
      @unsent << request('POST', "/invocation/#{event.id}/#{kind}", headers, body)
    end

    def init_error(body, headers)
      @unsent << request('POST', '/init/error', headers, body)
      flush
    end

    # Sends what is still to be sent and gives the answer to the last of it.
    def flush
      exchange
    rescue EOFError, SystemCallError => e
      closed_by_peer unless CLOSED_HERE.include?(e.class)
      reconnect
    rescue IOError # closed by the handler
      reconnect
    end

    private

    # The Runtime API closes after an answer that is too large: it has all that it wanted. Else it went away.
    def closed_by_peer
      exit!(1) unless @served
      @unsent.select! { |head,| head.start_with?('GET') }
    end

    def reconnect
      @socket = nil
      flush unless @unsent.empty?
    end

    def exchange
      connect unless @socket && !@socket.closed?
      @socket.write(*@unsent.flatten)
      answer = nil
      @unsent.size.times { answer = read }
      @unsent.clear
      answer
    end

    def connect
      @served = false
      @socket = TCPSocket.new(@host, @port)
      @socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
      @socket.binmode
    end

    def read
      head = @socket.gets("\r\n\r\n") || raise(EOFError)
      headers = head.force_encoding(Encoding::UTF_8).lines.drop(1).to_h do |line|
        name, _, value = line.partition(':')
        [name.downcase, value.strip]
      end
      @served = true
      length = headers.fetch('content-length', 0).to_i
      [headers, length.zero? ? '' : @socket.read(length)]
    end

    def request(method, path, headers = {}, body = nil)
      headers = headers.merge('Content-Length' => body.bytesize) if body
      lines = headers.map { |name, value| "#{name}: #{value.to_s.gsub(/[^\x20-\x7e]/, '?')}\r\n" }.join
      ["#{method} #{PREFIX}#{path} HTTP/1.1\r\nHost: #{@host}:#{@port}\r\n#{lines}\r\n", *body]
    end
  end
end
