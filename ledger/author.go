package ledger

import "github.com/imednetgo/imednet/internal/argument"

// Author is who ran something: what the caller says, kept as claimed with every run.
type Author struct {
	User    string `json:"user,omitempty"`
	Host    string `json:"host,omitempty"`
	Process string `json:"process,omitempty"` // such as the program's name and process id
}

// WithAuthor records with every run, and in the entry it leaves, who ran it; default: nobody.
func WithAuthor(a Author) Option {
	return func(l *ExtractionStateLedger) error {
		l.author = &a
		return a.check("ledger.WithAuthor")
	}
}

// WithStoreAuthor records who calls RestoreBackup.
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
