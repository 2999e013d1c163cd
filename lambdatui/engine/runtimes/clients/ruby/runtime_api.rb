# frozen_string_literal: true

require 'socket.so' # the classes; socket.rb around them costs as much again and is loaded when a handler wants it

module LambdaRuntime
  # The Runtime API over one socket.
  class RuntimeApi
    PREFIX = '/2018-06-01/runtime'
    CLOSED_HERE = [IOError, Errno::EBADF, Errno::ENOTCONN].freeze
    CLOSED_THERE = [EOFError, SystemCallError].freeze

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
      retries = 1
      begin
        exchange
      rescue EOFError
        exit!(1)
      rescue *CLOSED_HERE # by the handler: make another connection and ask again
        @socket = nil
        exit!(1) if (retries -= 1).negative?
        retry
      rescue *CLOSED_THERE
        exit!(1)
      end
    end

    private

    def exchange
      connect unless @socket && !@socket.closed?
      @socket.write(*@unsent.flatten)
      answer = nil
      @unsent.size.times { answer = read }
      @unsent.clear
      answer
    end

    def connect
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
