package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/app/internal/listener"
	"github.com/holdfast-go/holdfast/config"
)

// Group is the fx value group that endpoints are collected from.
const Group = "admin.endpoints"

// writeTimeout bounds an answer: a profile of 30 s fits.
const writeTimeout = 60 * time.Second

// Endpoint is one page of the admin listener.
type Endpoint struct {
	// Path is a pattern of http.ServeMux without a method: "/metrics", "/breakers/{name}".
	Path string
	// Handler answers every method. It needs to check nothing: see the package comment.
	Handler http.Handler
	// Public answers those who may not read, and reach the port: what a probe
	// may know, of health. Without it they are refused.
	Public http.Handler
}

// Config says where the listener is and who may use it.
type Config struct {
	Addr  string        // host:port; port 0 picks a free one
	Token config.Secret // of those who write, or read from afar
	Env   config.Stage  // dev needs no token on a loopback address
}

// Validate refuses an address beyond loopback without a token.
func (c Config) Validate() error {
	if c.Token == "" && !Loopback(c.Addr) {
		return config.Fault{
			Name:    "ADMIN_TOKEN",
			Problem: fmt.Sprintf("is required because ADMIN_ADDR=%s is reachable from other machines", c.Addr),
			Example: "a long random text, or ADMIN_ADDR=127.0.0.1:9090",
		}
	}
	return nil
}

// Loopback tells whether an address, host:port, is reached from this machine
// only. A name other than localhost is taken to be reachable.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	return host == "localhost" || loopbackIP(host)
}

func loopbackIP(text string) bool {
	ip, err := netip.ParseAddr(text)
	return err == nil && ip.Unmap().IsLoopback()
}

// Server is the admin listener.
type Server struct {
	*listener.Server

	handler http.Handler
}

// New gives a server that does not listen yet. The error names an address that
// needs a token, and paths that cannot be served or are given twice.
func New(cfg Config, log *slog.Logger, endpoints ...Endpoint) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, e := range endpoints {
		if err := handle(mux, e, newGate(cfg)); err != nil {
			return nil, err
		}
	}
	if !slices.ContainsFunc(endpoints, func(e Endpoint) bool { return e.Path == "/" }) {
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			refuse(w, http.StatusNotFound, "there is no page %s", r.URL.EscapedPath())
		})
	}
	sameOrigin := http.NewCrossOriginProtection()
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "pages of other sites may not write here")
	}))
	s := &Server{handler: sameOrigin.Handler(mux)}
	s.Server = listener.New(listener.Config{
		Name:         "admin",
		Addr:         cfg.Addr,
		Setting:      "ADMIN_ADDR",
		Handler:      s.handler,
		WriteTimeout: writeTimeout,
		Base:         context.Background(), // outlives the drain: health answers until exit
		Log:          log.With(slog.String("module", "admin")),
	})
	return s, nil
}

// Handler is what the listener serves.
func (s *Server) Handler() http.Handler { return s.handler }

// handle mounts an endpoint. ServeMux panics for patterns it does not like.
func handle(mux *http.ServeMux, e Endpoint, g gate) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("admin endpoint %q: %v", e.Path, p)
		}
	}()
	if !strings.HasPrefix(e.Path, "/") {
		return fmt.Errorf("admin endpoint %q: the path must begin with a slash", e.Path)
	}
	if e.Handler == nil {
		return fmt.Errorf("admin endpoint %q: there is no handler", e.Path)
	}
	mux.Handle(e.Path, g.around(e.Handler, e.Public))
	return nil
}

// gate decides who may pass.
type gate struct {
	token      [sha256.Size]byte
	hasToken   bool
	openReads  bool
	openWrites bool
	host       string // of the address, as it was configured
}

func newGate(cfg Config) gate {
	local := Loopback(cfg.Addr)
	host, _, _ := net.SplitHostPort(cfg.Addr) // Validate has looked at it
	return gate{
		host:       host,
		token:      sha256.Sum256([]byte(cfg.Token.Reveal())),
		hasToken:   cfg.Token != "",
		openReads:  local,
		openWrites: local && cfg.Env == config.Dev,
	}
}

// around has public, if there is one, answer those who may not pass.
func (g gate) around(next, public http.Handler) http.Handler {
	if public == nil {
		next, public = unstored(next), unstored(http.HandlerFunc(g.turnAway))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.knows(r) || g.open(r.Method) && g.ours(r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		public.ServeHTTP(w, r)
	})
}

// unstored keeps what operators see out of caches.
func unstored(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

func (g gate) turnAway(w http.ResponseWriter, r *http.Request) {
	if g.open(r.Method) {
		refuse(w, http.StatusMisdirectedRequest, "this is not the host you are looking for: ask for localhost, or send the ADMIN_TOKEN")
		return
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	refuse(w, http.StatusUnauthorized, "%s", g.refusal())
}

func (g gate) open(method string) bool {
	if method == http.MethodGet || method == http.MethodHead {
		return g.openReads
	}
	return g.openWrites
}

// ours tells whether a Host header names this machine, or what ADMIN_ADDR does.
// A page of another site that has its name resolve to 127.0.0.1 sends its own
// name: without this, it could read what is open.
func (g gate) ours(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]") // without a port
	}
	return strings.EqualFold(name, "localhost") || strings.EqualFold(name, g.host) || loopbackIP(name)
}

// knows compares hashes, so that neither the token's text nor its length shows
// in the time it takes.
func (g gate) knows(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sent := sha256.Sum256([]byte(token))
	same := subtle.ConstantTimeCompare(sent[:], g.token[:]) == 1
	return same && g.hasToken && strings.EqualFold(scheme, "Bearer")
}

func (g gate) refusal() string {
	if !g.hasToken {
		return "this needs ADMIN_TOKEN to be set, and sent as Authorization: Bearer <token>"
	}
	return "send the ADMIN_TOKEN as Authorization: Bearer <token>"
}
