-- Functions, their versions and aliases, and everything that hangs on them.

CREATE TABLE functions (
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    name     TEXT NOT NULL,
    numbered INTEGER NOT NULL DEFAULT 0,     -- the last version number given out; never used again
    PRIMARY KEY (account, region, name)
) WITHOUT ROWID;

CREATE TABLE versions (
    account       TEXT NOT NULL,
    region        TEXT NOT NULL,
    name          TEXT NOT NULL,
    number        INTEGER NOT NULL,          -- 0 is $LATEST
    config        TEXT NOT NULL,             -- JSON, members as AWS names them
    description   TEXT NOT NULL,
    code_sha256   TEXT NOT NULL,             -- base64, as AWS shows it; names the blob of a zip
    code_size     INTEGER NOT NULL,
    fingerprint   TEXT NOT NULL,             -- of code and configuration: tells whether a publish is new
    revision_id   TEXT NOT NULL,
    state         TEXT NOT NULL,
    state_reason  TEXT,
    state_code    TEXT,
    update_status TEXT,
    update_reason TEXT,
    update_code   TEXT,
    modified      TEXT NOT NULL,
    PRIMARY KEY (account, region, name, number),
    FOREIGN KEY (account, region, name) REFERENCES functions ON DELETE CASCADE
);
CREATE INDEX versions_by_code ON versions (code_sha256);
CREATE INDEX versions_unsettled ON versions (state, update_status)
    WHERE state = 'Pending' OR update_status = 'InProgress';

CREATE TABLE aliases (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    name        TEXT NOT NULL,               -- of the function
    alias       TEXT NOT NULL,
    version     TEXT NOT NULL,
    description TEXT NOT NULL,
    weights     TEXT NOT NULL,               -- JSON {version: weight}
    revision_id TEXT NOT NULL,
    PRIMARY KEY (account, region, name, alias),
    FOREIGN KEY (account, region, name) REFERENCES functions ON DELETE CASCADE
) WITHOUT ROWID;

-- One document per function, kind and qualifier: concurrency, policies, URLs, event invoke configs, …
CREATE TABLE facets (
    account   TEXT NOT NULL,
    region    TEXT NOT NULL,
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    qualifier TEXT NOT NULL,                 -- $LATEST, a version, an alias, or '' for the function itself
    document  TEXT NOT NULL,                 -- JSON
    PRIMARY KEY (account, region, name, kind, qualifier),
    FOREIGN KEY (account, region, name) REFERENCES functions ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX facets_by_kind ON facets (kind, account, region);

-- Documents that stand by themselves: event source mappings, code signing configs, capacity providers, …
CREATE TABLE documents (
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    owner    TEXT NOT NULL,                  -- what it belongs to: the kind's own choice, for look-ups
    document TEXT NOT NULL,                  -- JSON
    PRIMARY KEY (account, region, kind, id)
) WITHOUT ROWID;
CREATE INDEX documents_by_owner ON documents (account, region, kind, owner);

CREATE TABLE layers (
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    name        TEXT NOT NULL,
    number      INTEGER NOT NULL,
    code_sha256 TEXT NOT NULL,
    code_size   INTEGER NOT NULL,
    document    TEXT NOT NULL,               -- JSON, what PublishLayerVersion was given
    policy      TEXT,                        -- JSON
    deleted     INTEGER NOT NULL DEFAULT 0,  -- functions that use a deleted version keep it
    PRIMARY KEY (account, region, name, number)
);
CREATE INDEX layers_by_code ON layers (code_sha256);

CREATE TABLE tags (
    arn  TEXT NOT NULL PRIMARY KEY,
    tags TEXT NOT NULL                       -- JSON {key: value}
) WITHOUT ROWID;
