-- +goose Up
CREATE TABLE answers (
    name      TEXT        NOT NULL PRIMARY KEY,
    body      BYTEA       NOT NULL,
    stored_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX answers_stored_at ON answers (stored_at);

-- Its one row is held by whoever adds answers.
CREATE TABLE answers_turn (
    id    INTEGER NOT NULL PRIMARY KEY,
    taken BIGINT NOT NULL
);
INSERT INTO answers_turn (id, taken) VALUES (1, 0);

-- +goose Down
DROP TABLE answers_turn;
DROP TABLE answers;
