-- Log groups, their streams and events.

CREATE TABLE log_groups (
    id         INTEGER PRIMARY KEY,
    account    TEXT NOT NULL,
    region     TEXT NOT NULL,
    name       TEXT NOT NULL,
    created    INTEGER NOT NULL,             -- milliseconds since 1970, as every time here
    retention  INTEGER,                      -- days; NULL: for ever
    UNIQUE (account, region, name)
);

CREATE TABLE log_streams (
    id         INTEGER PRIMARY KEY,
    group_id   INTEGER NOT NULL REFERENCES log_groups ON DELETE CASCADE,
    name       TEXT NOT NULL,
    created    INTEGER NOT NULL,
    first      INTEGER,                      -- time of the oldest and the newest event
    last       INTEGER,
    ingested   INTEGER,                      -- when the last one arrived
    bytes      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (group_id, name)
);

-- The id is the order of writing.
CREATE TABLE log_events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id   INTEGER NOT NULL,
    stream_id  INTEGER NOT NULL REFERENCES log_streams ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    ingested   INTEGER NOT NULL,
    message    TEXT NOT NULL
);
CREATE INDEX log_events_of_stream ON log_events (stream_id, at, id);
CREATE INDEX log_events_of_group ON log_events (group_id, at, id);
