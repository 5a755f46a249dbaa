-- +goose Up
CREATE TABLE authors (
	id   INTEGER PRIMARY KEY AUTOINCREMENT,
	name VARCHAR(100) NOT NULL UNIQUE
);
CREATE TABLE books (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	author_id  BIGINT NOT NULL,
	title      VARCHAR(100) NOT NULL,
	pages      BIGINT NOT NULL,
	rating     DOUBLE PRECISION NOT NULL DEFAULT 0,
	in_print   BOOLEAN NOT NULL DEFAULT TRUE,
	cover      BLOB,
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	deleted_at DATETIME NULL,
	CONSTRAINT fk_books_author FOREIGN KEY (author_id) REFERENCES authors (id),
	CONSTRAINT chk_books_pages CHECK (pages > 0)
);

-- +goose Down
DROP TABLE books;
DROP TABLE authors;
