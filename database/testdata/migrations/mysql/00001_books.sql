-- +goose Up
CREATE TABLE authors (
	id   BIGINT PRIMARY KEY AUTO_INCREMENT,
	name VARCHAR(100) NOT NULL UNIQUE
);
CREATE TABLE books (
	id         BIGINT PRIMARY KEY AUTO_INCREMENT,
	author_id  BIGINT NOT NULL,
	title      VARCHAR(100) NOT NULL,
	pages      BIGINT NOT NULL,
	rating     DOUBLE PRECISION NOT NULL DEFAULT 0,
	in_print   BOOLEAN NOT NULL DEFAULT TRUE,
	cover      BLOB,
	created_at DATETIME(6) NOT NULL,
	updated_at DATETIME(6) NOT NULL,
	deleted_at DATETIME(6) NULL,
	CONSTRAINT fk_books_author FOREIGN KEY (author_id) REFERENCES authors (id),
	CONSTRAINT chk_books_pages CHECK (pages > 0)
);

-- +goose Down
DROP TABLE books;
DROP TABLE authors;
