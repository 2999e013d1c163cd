"""The engine's own API: what AWS has none for, as JSON under ``/_lambdatui/``.

Requests are signed like any other, whatever the service and region; session keys of functions are refused.
Times are seconds since 1970 on the engine's clock. Errors are ``{"message": sentence}`` with 400, 404 or 409.

``GET status``                  the engine: version, tier, environments, queue, clock, neighbours
``PUT leases/ID``, ``DELETE``   a dashboard keeps an engine alive that it started

Environments (``environments.py``; their times are real)

``GET environments``            every life: function, version, why it was born (first, scale-out, new version,
                                reset, provisioned), INIT time, state, memory now and peak, invocations, and
                                ``marks`` of when it was init, busy, idle, frozen, killed, ended; the tier and
                                what it holds; ``since``, ``wait_s``: only what changed after that ``stamp``
``POST environments/ID/kill``   end it at once
``POST environments/ID/freeze`` have it stand still and take nothing; again: let it go on
``POST environments/ID/cool``   the next invocation of its version is a cold start

Asynchronous events (``queue.py``)

``GET queue``                   events by number, a page at a time: ``state`` (waiting, failed, or done: the
                                latest), ``function``, ``after`` (the last number seen), ``limit`` (100, at
                                most 1000), ``settle_s``; counts of where events are (``flow``), functions
                                that are ``paused``; ``since`` and ``wait_s``: the answer comes once its
                                ``stamp`` is another (``looking.py``)
``GET event``                   the event of a ``request_id``, or how it ended; ``since``, ``wait_s``
``GET queue/ID``                one event with its payload, the last response and its history
``POST queue/ID/run``           attempt it now instead of when it is due
``POST queue/ID/replay``        accept it once more, as a new event; ``payload`` replaces its payload
``DELETE queue/ID``             drop it
``GET pauses``                  functions whose events are not begun
``PUT pauses``                  one more: ``function`` (a name). Its events are accepted and grow older, also
                                when the engine is started again
``DELETE pauses``               go on: with the ``function`` in the query, or with all
``GET deliveries``              messages to destinations and dead-letter queues: ``state``, ``after``, …
``GET deliveries/ID``           one of them, with its body
``POST deliveries/ID/run``      try again now, also what was given up
``DELETE deliveries/ID``        drop it
``GET sources``                 event source mappings at work: state, backlog, in flight, batches, last error,
                                iterator age, batches that block their shards (``stuck``); ``uuid``,
                                ``function``; ``since``, ``wait_s`` (UpdateEventSourceMapping pauses them)
``GET source-records``          of a mapping (``uuid``): the records that block shards, and those read last
``POST filter-test``            which clause of a filter ``patterns`` fails for a ``record`` of a ``source``

``GET flow``                    counts per function from arrival to end, and totals of the async metrics

An event shows ``attempts`` (those that ran) of ``of``, ``postponements`` (throttles and system errors use up
no attempt), ``next_due``, ``last_error``, its targets, and a ``history`` of what each attempt came to. One
that was given up has a ``condition``; the newest thousand of them are kept for replay.

Time (``clock.py``)

``GET clock``                   mode (real, xN, manual), time, next timer, next event or delivery
``GET schedules``               rules and schedules of EventBridge with their next time
``POST clock``                  ``mode``: change the speed; ``advance_s``: jump ahead; ``to: "next"``: jump
                                to the next due event, delivery or schedule; ``settle_s``: answer once all
                                that is now due has run and been delivered, or after so many real seconds

Debugging (``debug.py``)

``GET debug``                   functions under a debugger, with host and port
``PUT debug``                   put $LATEST of a ``function`` under debugpy or node --inspect: ``port`` (any
                                free one), ``wait`` (nothing runs before a debugger is there). It gets one
                                environment with its clock stopped: no timeout, no INIT budget, no freezing
``DELETE debug``                end it, with what runs in it: ``function`` in the query

Call backs (``callbacks.py``): callers that go on only when the function calls them back

``GET callbacks``               who waits, and the newest that were answered or missed
``POST callbacks``              begin to wait: ``kind`` (cloudformation, codepipeline, config), ``key`` (the
                                job's id or the result token), ``deadline_s``. For CloudFormation the answer
                                has the ``url`` to PUT to, which needs no signature: the event's ResponseURL.
                                PutJobSuccessResult, PutJobFailureResult and PutEvaluations are AWS operations
``GET callbacks/ID``            ``state`` (waiting, answered, missed), ``call``, ``answer``, ``deadline`` on
                                the engine's clock, ``refused`` (what S3 would not take); ``wait_s`` (max 60)
``DELETE callbacks/ID``         wait no more

Faults (``faults.py``; the kinds are in `lambdatui.engine.faults.KINDS`)

``GET faults``                  the kinds there are, the switches that are set, how often each fired;
                                ``since``, ``wait_s``
``PUT faults``                  set one: ``kind``, ``function`` (a name; all if left out), ``times`` (for good
                                if left out), ``seconds`` (slow-init, clock-skew, out-of-order),
                                ``megabytes`` (out-of-memory)
``DELETE faults``               take them back: all, or by ``kind`` and ``function`` in the query
"""
