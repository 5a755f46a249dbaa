package retry

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// MaxBudgets is how many dependencies have a budget of their own. All further
// ones share the budget named [Overflow].
const MaxBudgets = 1000

// Overflow is the name of the budget that is shared beyond [MaxBudgets].
const Overflow = "overflow"

// Budget bounds the repetitions of calls to one dependency, so that an outage is
// not answered by a multiple of the usual load. It grants a repetition if with it
// those of the last RETRY_BUDGET_TTL are at most
//
//	RETRY_BUDGET_RATIO × first attempts + RETRY_BUDGET_MIN_PER_SEC × RETRY_BUDGET_TTL
//
// of that time (Finagle's retry budget). It is one caller's account: whoever asks
// [Service.Budget] keeps what it gets, and all accounts of a dependency draw
// from one stock. A success pays nothing in; what the caller's count of first
// attempts has grown by is paid in when it asks for a repetition.
//
// Its methods may be called concurrently. A nil *Budget never refuses.
type Budget struct {
	stock *stock
	seen  uint64 // first attempts paid in; guarded by stock.mu
	since int64  // the slice in which that was; guarded by stock.mu
}

// Take asks for one repetition. The caller has made requests first attempts in
// all so far, those that failed included; a number smaller than before pays
// nothing in. Ask last: what is granted is spent, whether it is used or not.
func (b *Budget) Take(requests uint64) bool {
	if b == nil {
		return true
	}
	b.stock.mu.Lock()
	defer b.stock.mu.Unlock()
	b.settle(requests)
	return b.stock.take()
}

// settle pays in what requests has grown by. When in the time between that was
// is not known, so it is spread evenly. The caller holds stock.mu.
func (b *Budget) settle(requests uint64) {
	now := b.stock.advance()
	if requests > b.seen {
		b.stock.deposit(requests-b.seen, b.since)
		b.seen = requests
	}
	b.since = now
}

// dependency is a stock with the account of Service.Do.
type dependency struct {
	stock    *stock
	requests atomic.Uint64 // first attempts made by Service.Do
	account  Budget
}

// take is Budget.Take with the service's own count.
func (d *dependency) take() bool { return d.account.Take(d.requests.Load()) }

// budgets are the dependencies by name. Reading takes no lock.
type budgets struct {
	limits budgetLimits
	log    *slog.Logger
	mu     sync.Mutex // held to write
	byName atomic.Pointer[map[string]*dependency]
}

func newBudgets(limits budgetLimits, log *slog.Logger) *budgets {
	b := &budgets{limits: limits, log: log}
	b.byName.Store(&map[string]*dependency{})
	return b
}

// get returns the dependency by that name, nil where there is no budget.
func (b *budgets) get(name string) *dependency {
	if name == "" || b.limits.off {
		return nil
	}
	if d, ok := (*b.byName.Load())[name]; ok {
		return d
	}
	return b.add(name)
}

func (b *budgets) add(name string) *dependency {
	d, spilled := b.make(name)
	if spilled {
		b.log.Warn("too many dependencies, further ones share a retry budget",
			slog.Int("limit", MaxBudgets), slog.String("dependency", name))
	}
	return d
}

// make returns the dependency by that name, and whether it is the first that
// there was no room for: to be logged without the lock, for a log handler may
// repeat calls.
func (b *budgets) make(name string) (d *dependency, spilled bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := *b.byName.Load()
	if len(known) >= MaxBudgets && known[name] == nil {
		name, spilled = Overflow, known[Overflow] == nil
	}
	if d, ok := known[name]; ok {
		return d, false
	}
	d = &dependency{stock: newStock(b.limits)}
	d.account.stock = d.stock
	more := maps.Clone(known)
	more[name] = d
	b.byName.Store(&more)
	return d, spilled
}

// Budget returns an account with the budget of the dependency by that name,
// which is made if need be. Ask once and keep it: a new account has counted no
// first attempts yet. It is nil for the empty name and with RETRY_BUDGET=off.
func (s *Service) Budget(name string) *Budget {
	d := s.budgets.get(name)
	if d == nil {
		return nil
	}
	return &Budget{stock: d.stock, since: d.stock.opened()}
}

// BudgetMetrics is the state of one budget.
type BudgetMetrics struct {
	Dependency string `json:"dependency"`
	Requests   uint64 `json:"requests"`  // first attempts paid in: as of the last time that a repetition was asked for
	Retries    uint64 `json:"retries"`   // repetitions granted
	Refused    uint64 `json:"refused"`   // repetitions refused
	Available  uint64 `json:"available"` // repetitions that would be granted now
}

// Budgets returns the state of every budget, sorted by name.
func (s *Service) Budgets() []BudgetMetrics {
	byName := *s.budgets.byName.Load()
	all := make([]BudgetMetrics, 0, len(byName))
	for name, d := range byName {
		m := d.metrics()
		m.Dependency = name
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b BudgetMetrics) int { return strings.Compare(a.Dependency, b.Dependency) })
	return all
}

func (d *dependency) metrics() BudgetMetrics {
	d.stock.mu.Lock()
	defer d.stock.mu.Unlock()
	d.account.settle(d.requests.Load())
	return BudgetMetrics{
		Requests: d.stock.requests, Retries: d.stock.granted, Refused: d.stock.refused,
		Available: uint64(max(0, d.stock.balance())),
	}
}
