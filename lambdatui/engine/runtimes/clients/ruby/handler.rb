# frozen_string_literal: true

module LambdaRuntime
  # From a handler's name to what is called: "file.method", "folder/file.Module::Class.method".
  class Handler
    FORMS = 'must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD where FILENAME corresponds with an existing ' \
            'Ruby source file FILENAME.rb, CLASS is an optional module/class namespace and METHOD is a callable ' \
            'method. If using CLASS, METHOD must be a class-level method.'

    def initialize(task_root, name)
      file, *owner, @method = name.split('.')
      raise ArgumentError, "Invalid handler #{name.split('.')}, #{FORMS}" if @method.nil? || owner.size > 1

      path = File.join(task_root, "#{file}.rb")
      require(File.file?(path) ? path : file)
      @owner = owner.first
    end

    def call(event, context)
      receiver = @owner ? Object.const_get(@owner) : TOPLEVEL_BINDING.receiver
      receiver.__send__(@method, event: event, context: context)
    end
  end
end
