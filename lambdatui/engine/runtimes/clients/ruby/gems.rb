# frozen_string_literal: true

module LambdaRuntime
  # RubyGems costs most of Ruby's start time, so it comes only when somebody needs it.
  module Gems
    module_function

    def prepare(task_root)
      return unless defer? # started with gems

      bundles = Dir.glob(File.join(task_root, 'vendor/bundle/ruby/*'))
      ENV['GEM_PATH'] ||= bundles.join(':') unless bundles.empty?
      folders = [ENV.fetch('GEM_HOME', nil), *ENV.fetch('GEM_PATH', '').split(':')].compact
      require 'rubygems' if folders.any? { |folder| Dir.exist?(File.join(folder, 'specifications')) }
    end

    def defer?
      return false if defined?(::Gem)

      Object.autoload(:Gem, 'rubygems')
      true
    end

    def deferred?
      !Object.autoload?(:Gem).nil?
    end
  end
end

module Kernel
  alias require_before_lambda require
  private :require_before_lambda

  # A feature that is only a gem is found on second sight; Logger is given Lambda's format as soon as it is there.
  def require(name)
    loaded = begin
      require_before_lambda(name)
    rescue LoadError => e
      raise unless e.path == name && LambdaRuntime::Gems.deferred?

      require_before_lambda('rubygems')
      require(name)
    end
    LambdaRuntime::Logs.adopt_logger if loaded && name == 'logger'
    loaded
  end
  private :require
end
