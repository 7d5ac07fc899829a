package ledger

import "github.com/imednetgo/imednet/internal/argument"

// Author identifies who ran something, as claimed by the caller. It is stored with every run.
type Author struct {
	User    string `json:"user,omitempty"`
	Host    string `json:"host,omitempty"`
	Process string `json:"process,omitempty"` // such as the program's name and process id
}

// WithAuthor sets the author recorded with every run and in the entry that it writes; the default
// is none.
func WithAuthor(a Author) Option {
	return func(l *ExtractionStateLedger) error {
		l.author = &a
		return a.check("ledger.WithAuthor")
	}
}

// WithStoreAuthor sets the author recorded by [FileStore.RestoreBackup].
func WithStoreAuthor(a Author) StoreOption {
	return func(c *storeConfig) error {
		c.author = &a
		return a.check("ledger.WithStoreAuthor")
	}
}

func (a Author) check(function string) error {
	if a == (Author{}) {
		return argument.Invalid(function, "author", "is empty")
	}
	return nil
}
