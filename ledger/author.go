package ledger

import "github.com/imednetgo/imednet/internal/argument"

// Author identifies who ran something. It is stored with every run.
type Author struct {
	User    string `json:"user,omitempty"`
	Host    string `json:"host,omitempty"`
	Process string `json:"process,omitempty"` // such as the program's name and process id
	// Authenticated states how the user was identified, as [imednet.Identity] has it; empty if the user is
	// only claimed.
	Authenticated string `json:"authenticated,omitempty"`
}

// AuthorOption is an option of a ledger and of a store. See [WithAuthor].
type AuthorOption struct{ author Author }

// WithAuthor sets the author recorded by a ledger with every run and in the entry that it writes,
// and by a store with [FileStore.RestoreBackup]; the default is none.
func WithAuthor(a Author) AuthorOption { return AuthorOption{a} }

func (o AuthorOption) applyToLedger(l *ExtractionStateLedger) error {
	l.author = &o.author
	return o.author.check()
}

func (o AuthorOption) applyToStore(c *storeConfig) error {
	c.author = &o.author
	return o.author.check()
}

func (a Author) check() error {
	if a == (Author{}) {
		return argument.Invalid("ledger.WithAuthor", "author", "is empty")
	}
	return nil
}
