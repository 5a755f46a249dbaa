package database

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The dialects, as gorm names them and as the folders of Migrations are called.
const (
	dialectSQLite   = "sqlite"
	dialectPostgres = "postgres"
	dialectMySQL    = "mysql"
)

// target is a DATABASE_URL taken apart.
type target struct {
	dialect string
	// label names the database in messages: dialect, host and name, nothing
	// that is secret.
	label string
	// path is SQLite's file as the file system spells it; empty in memory.
	path string
	// uri is path as it stood in the address, still escaped.
	uri string
	// query holds the parameters of the address.
	query url.Values
	// server is the parsed address of Postgres and MySQL.
	server *url.URL
}

// memory reports a SQLite database without a file.
func (t target) memory() bool { return t.dialect == dialectSQLite && t.path == "" }

// parseURL takes a DATABASE_URL apart. Its errors say what to write instead
// and never repeat the address: where parsing fails, nobody knows which part
// of it is the password.
func parseURL(raw string) (target, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		raw = "file:holdfast.db"
	}
	if path, _, _ := strings.Cut(raw, "?"); path == ":memory:" {
		raw = "file:" + raw
	}
	scheme, rest, ok := strings.Cut(raw, ":")
	if !ok {
		return target{}, errors.New("has no scheme; write file:, sqlite:, postgres:// or mysql:// before it")
	}
	switch strings.ToLower(scheme) {
	case "file", "sqlite":
		return parseSQLite(rest)
	case "postgres", "postgresql":
		return parseServer(dialectPostgres, "5432", raw)
	case "mysql":
		return parseServer(dialectMySQL, "3306", raw)
	default:
		return target{}, errors.New("has a scheme nobody here speaks; use file:, sqlite:, postgres://, postgresql:// or mysql://")
	}
}

// parseSQLite reads what follows "file:" by the rules of SQLite's URI names
// (https://www.sqlite.org/uri.html): path, file:///path or //localhost/path.
func parseSQLite(rest string) (target, error) {
	rest, _, _ = strings.Cut(rest, "#")
	uri, rawQuery, _ := strings.Cut(rest, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return target{}, errors.New("has parameters that cannot be read; percent-encode what stands behind the question mark")
	}
	if after, ok := strings.CutPrefix(uri, "//"); ok {
		host, _, _ := strings.Cut(after, "/")
		if host != "" && host != "localhost" {
			return target{}, errors.New("names a host, and SQLite has none; write file:path or file:///path")
		}
		uri = strings.TrimPrefix(after, host)
	}
	path, err := url.PathUnescape(uri)
	if err != nil || strings.ContainsRune(path, 0) {
		return target{}, errors.New("has a path that cannot be read; write a percent sign in it as %25")
	}
	t := target{dialect: dialectSQLite, label: "sqlite file " + path, path: path, uri: uri, query: query}
	if path == "" || path == ":memory:" || query.Get("mode") == "memory" {
		t.label, t.path = "sqlite in memory", ""
	}
	return t, nil
}

// parseServer reads the address of a database server.
func parseServer(dialect, port, raw string) (target, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" {
		return target{}, errors.New("is not an address; write " + dialect +
			"://user:password@host:" + port + "/name and percent-encode @ : / # ? % in user and password")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return target{}, errors.New("has parameters that cannot be read; percent-encode what stands behind the question mark")
	}
	name := strings.TrimPrefix(u.Path, "/")
	switch {
	case u.Hostname() == "" && !query.Has("host"):
		return target{}, errors.New("names no host")
	case name == "" && !query.Has("dbname"):
		return target{}, errors.New("names no database; write it behind the host, as in " + dialect + "://host:" + port + "/name")
	case strings.Contains(name, "/"):
		return target{}, errors.New("names a database with a slash in it")
	case u.Fragment != "":
		return target{}, errors.New("has a # in it; write it as %23")
	}
	if u.Port() != "" {
		if n, err := strconv.Atoi(u.Port()); err != nil || n < 1 || n > 65535 {
			return target{}, errors.New("has a port outside 1 to 65535")
		}
		port = u.Port()
	}
	t := target{dialect: dialect, query: query, server: u}
	t.label = dialect + " at " + net.JoinHostPort(u.Hostname(), port) + "/" + name
	return t, nil
}

// pragma reports that the address sets this pragma itself, in either of the
// spellings that the driver knows.
func (t target) pragma(name string) bool {
	return t.query.Has("_"+name) || slices.ContainsFunc(t.query["_pragma"], func(v string) bool {
		v = strings.TrimSpace(strings.ToLower(v))
		rest, ok := strings.CutPrefix(v, name)
		return ok && (rest == "" || strings.ContainsAny(rest[:1], "(= "))
	})
}
