-- Asynchronous events that were accepted and are not done.

CREATE TABLE events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account        TEXT NOT NULL,
    region         TEXT NOT NULL,
    function       TEXT NOT NULL,
    qualifier      TEXT,                     -- as invoked; resolved at every attempt
    request_id     TEXT NOT NULL,            -- the same for every attempt
    payload        BLOB NOT NULL,
    client_context TEXT,                     -- base64, as it came
    trace_id       TEXT,
    tenant_id      TEXT,
    accepted       REAL NOT NULL,            -- seconds since 1970 on the engine's clock, as next_at
    next_at        REAL NOT NULL,
    attempts       INTEGER NOT NULL DEFAULT 0,   -- that ended, by success or function error
    postponements  INTEGER NOT NULL DEFAULT 0,   -- by throttles and system errors: they use up no attempt
    history        TEXT NOT NULL DEFAULT '[]'    -- JSON: what each attempt came to
);
CREATE INDEX events_due ON events (next_at);
