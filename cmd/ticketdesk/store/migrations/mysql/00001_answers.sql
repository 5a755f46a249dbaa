-- +goose Up
CREATE TABLE answers (
    name      VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    body      LONGBLOB     NOT NULL,
    stored_at DATETIME(6)  NOT NULL,
    INDEX answers_stored_at (stored_at)
);

-- Its one row is held by whoever adds answers.
CREATE TABLE answers_turn (
    id    INT NOT NULL PRIMARY KEY,
    taken BIGINT NOT NULL
);
INSERT INTO answers_turn (id, taken) VALUES (1, 0);

-- +goose Down
DROP TABLE answers_turn;
DROP TABLE answers;
