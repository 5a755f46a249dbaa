-- +goose Up
CREATE TABLE scratch (id INTEGER NOT NULL PRIMARY KEY);

-- +goose Down
DROP TABLE scratch;
