# frozen_string_literal: true

module LambdaRuntime
  # Errors as Lambda shows them, and paths as they read on Lambda.
  module Errors
    FRAMES = 100
    # What Lambda lets out as the type of an error; the others are a UserException to its own records.
    PUBLIC = %w[
      ArgumentError NoMethodError Exception StandardError NameError LoadError SystemExit SystemStackError
    ].freeze

    @replacements = []

    module_function

    # From now on the folders that stand for /var/task and /var/runtime are shown under those names.
    def hide_paths(task_root, runtime_folder)
      @own = runtime_folder
      @replacements = { task_root => '/var/task', runtime_folder => '/var/runtime' }.flat_map do |path, name|
        spellings(path).reject { |spelling| spelling == name || spelling.size < 2 }.map { |found| ["#{found}/", "#{name}/"] }
      end
    end

    def spellings(path)
      [path.chomp('/'), File.realpath(path)].uniq
    rescue SystemCallError
      [path.chomp('/')]
    end

    def shown(text)
      @replacements.reduce(text) { |changed, (path, name)| changed.include?(path) ? changed.gsub(path, name) : changed }
    end

    # The error object a caller gets; kind is Function or Init.
    def body(error, kind = 'Function')
      {
        errorMessage: shown(utf8(message(error))),
        errorType: "#{kind}<#{error.class}>",
        stackTrace: trace(error)
      }
    end

    def header_type(error, kind = 'Function')
      PUBLIC.include?(error.class.to_s) ? "#{kind}<#{error.class}>" : "#{kind}<UserException>"
    end

    # The frames of the handler, without ours below it.
    def trace(error)
      frames = (error.backtrace || []).take_while { |line| !line.start_with?("#{@own}/handler.rb", "#{@own}/runtime.rb") }
      frames.reject { |line| line.start_with?(@own) }.first(FRAMES).map { |line| shown(utf8(line)) }
    end

    def message(error)
      error.message.to_s
    rescue Exception => e # a message can be a method that fails
      "#{error.class} (its message cannot be read: #{e.class})"
    end

    # JSON knows only valid UTF-8.
    def utf8(text)
      text = text.dup.force_encoding(Encoding::UTF_8) if text.encoding == Encoding::BINARY
      text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub
    end
  end
end
