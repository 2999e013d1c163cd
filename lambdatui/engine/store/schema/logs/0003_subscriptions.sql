-- Who is sent the events of a log group as they come.

CREATE TABLE subscriptions (
    id           INTEGER PRIMARY KEY,
    group_id     INTEGER NOT NULL REFERENCES log_groups ON DELETE CASCADE,
    name         TEXT NOT NULL,
    pattern      TEXT NOT NULL,
    destination  TEXT NOT NULL,              -- ARN of a function, perhaps qualified
    distribution TEXT NOT NULL,
    created      INTEGER NOT NULL,           -- milliseconds since 1970
    UNIQUE (group_id, name)
);
