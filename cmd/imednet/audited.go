package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// The kinds of audited stores, as kept heads and metrics have them.
const (
	kindLedger         = "ledger"
	kindTriage         = "triage"
	kindConfigurations = "configurations"
	kindSubmissions    = "submissions"
	kindMirror         = "mirror" // the tombstones of its purges
)

// storePaths are paths that the command line names instead of those of the settings; "" if it names none.
type storePaths struct{ ledger, mirror string }

// auditedStore is a store of the settings with a log that is proved. Each of its functions opens the store
// to read it, and closes it.
type auditedStore struct {
	heads.Store
	verify func(context.Context) error
	// follows is verify with heads that were kept elsewhere.
	follows func(context.Context, []imednet.KeptHead) error
}

// auditedStores lists those that there are: a file that does not exist has no log, nor has a store that the database
// does not have.
func (a *app) auditedStores(ctx context.Context, named storePaths) (stores []auditedStore, err error) {
	inDatabase := a.settings.Database != ""
	for _, s := range []struct {
		name      string
		path      string
		elsewhere bool // not in a file
		listed    func(ctx context.Context) (auditedStore, error)
	}{
		{"ledger", cmp.Or(named.ledger, a.settings.Ledger), inDatabase && named.ledger == "", func(ctx context.Context) (auditedStore, error) { return a.auditedLedger(ctx, named.ledger) }},
		{"triage", a.settings.Triage, inDatabase, a.auditedTriage},
		{"versioning", a.settings.Configurations, inDatabase, a.auditedHistory},
		{"journal", a.settings.Journal, inDatabase, a.auditedJournal},
		{"mirror", cmp.Or(named.mirror, a.settings.Cache), inDatabase && named.mirror == "", func(ctx context.Context) (auditedStore, error) { return a.auditedMirror(ctx, named.mirror) }},
	} {
		there, err := a.isThere(ctx, s.elsewhere, s.name, s.path)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		store, err := s.listed(ctx)
		if err != nil {
			return nil, err
		}
		stores = append(stores, store)
	}
	return stores, nil
}

// isThere reports whether a store is in the database, or its file exists. A file that cannot be looked at is said when it
// is opened.
func (a *app) isThere(ctx context.Context, inDatabase bool, name, path string) (there bool, err error) {
	if inDatabase {
		_, there, err = a.has(ctx, name)
		return there, err
	}
	_, err = os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist), nil
}

// storeNames are the names of the stores of the settings, by kind, whether they are there or not.
func (a *app) storeNames(ctx context.Context, named storePaths) (map[string]string, error) {
	names := map[string]string{}
	for kind, paths := range map[string][2]string{
		kindLedger: {named.ledger, a.settings.Ledger}, kindTriage: {"", a.settings.Triage}, kindConfigurations: {"", a.settings.Configurations},
		kindSubmissions: {"", a.settings.Journal}, kindMirror: {named.mirror, a.settings.Cache},
	} {
		name, err := a.storeName(ctx, paths[0], paths[1])
		if err != nil {
			return nil, err
		}
		names[kind] = name
	}
	return names, nil
}

// storeName tells a store apart from others of its kind: the path of its file, or the schema of the
// database.
func (a *app) storeName(ctx context.Context, named, path string) (string, error) {
	if !a.inDatabase(named) {
		return filepath.Abs(cmp.Or(named, path))
	}
	db, err := a.database(ctx)
	if err != nil {
		return "", err
	}
	return "schema " + db.Schema(), nil
}

func (a *app) audited(ctx context.Context, kind, named, path string, headsOf func(context.Context) ([]string, error), follows func(context.Context, []imednet.KeptHead) error) (auditedStore, error) {
	name, err := a.storeName(ctx, named, path)
	return auditedStore{heads.Store{Kind: kind, Name: name, Heads: headsOf}, func(ctx context.Context) error { return follows(ctx, nil) }, follows}, err
}

func (a *app) auditedLedger(ctx context.Context, path string) (auditedStore, error) {
	open := func(ctx context.Context, do func(*ledger.ExtractionStateLedger) error) error {
		marks, _, err := a.ledger(ctx, path)
		if err != nil {
			return err
		}
		return do(marks)
	}
	return a.audited(ctx, kindLedger, path, a.settings.Ledger, func(ctx context.Context) (lines []string, err error) {
		err = open(ctx, func(l *ledger.ExtractionStateLedger) error {
			head, err := l.Head(ctx)
			lines = []string{head.String()}
			return err
		})
		return lines, err
	}, func(ctx context.Context, elsewhere []imednet.KeptHead) error {
		return open(ctx, func(l *ledger.ExtractionStateLedger) error {
			_, err := l.Verify(ctx, ledger.VerifyOptions{Kept: elsewhere})
			return err
		})
	})
}

func (a *app) auditedTriage(ctx context.Context) (auditedStore, error) {
	return a.audited(ctx, kindTriage, "", a.settings.Triage, func(ctx context.Context) (lines []string, err error) {
		err = a.withTriage(ctx, "", func(s *triage.TriageStore) error {
			head, err := s.Head(ctx)
			lines = []string{head.String()}
			return err
		}, triage.WithoutCheck())
		return lines, err
	}, func(ctx context.Context, elsewhere []imednet.KeptHead) error {
		return a.withTriage(ctx, "", func(s *triage.TriageStore) error {
			_, err := s.Verify(ctx, triage.VerifyOptions{Kept: elsewhere})
			return err
		}, triage.WithoutCheck())
	})
}

func (a *app) auditedHistory(ctx context.Context) (auditedStore, error) {
	return a.audited(ctx, kindConfigurations, "", a.settings.Configurations, func(ctx context.Context) (lines []string, err error) {
		err = a.withHistory(ctx, "", false, func(s *versioning.ConfigVersionStore) error {
			ends, err := s.Heads(ctx)
			for _, h := range ends {
				lines = append(lines, h.String())
			}
			return err
		})
		return lines, err
	}, func(ctx context.Context, elsewhere []imednet.KeptHead) error {
		return a.withHistory(ctx, "", false, func(s *versioning.ConfigVersionStore) error {
			_, err := s.Verify(ctx, versioning.VerifyOptions{Kept: elsewhere})
			return err
		})
	})
}

func (a *app) auditedJournal(ctx context.Context) (auditedStore, error) {
	return a.audited(ctx, kindSubmissions, "", a.settings.Journal, func(ctx context.Context) (lines []string, err error) {
		err = a.withJournal(ctx, "", func(kept submissions.Journal) error {
			end, ok := kept.(submissions.HeadVerifier)
			if !ok {
				return errors.ErrUnsupported
			}
			head, err := end.Head(ctx)
			lines = []string{head}
			return err
		}, sqlitejournal.ReadOnly())
		return lines, err
	}, func(ctx context.Context, elsewhere []imednet.KeptHead) error {
		return a.withJournal(ctx, "", func(kept submissions.Journal) error {
			_, err := verifyJournal(ctx, kept, "", elsewhere)
			return err
		}, sqlitejournal.ReadOnly())
	})
}

// auditedMirror is the mirror as a store of tombstones. Its data are verified by comparing them with the server.
func (a *app) auditedMirror(ctx context.Context, path string) (auditedStore, error) {
	return a.audited(ctx, kindMirror, path, a.settings.Cache, func(ctx context.Context) (lines []string, err error) {
		err = a.withMirror(ctx, path, func(m *cache.CachedRecordsLoader) error {
			head, err := m.PurgeHead(ctx)
			lines = []string{head.String()}
			return err
		})
		return lines, err
	}, func(ctx context.Context, elsewhere []imednet.KeptHead) error {
		return a.withMirror(ctx, path, func(m *cache.CachedRecordsLoader) error {
			_, err := m.VerifyPurges(ctx, cache.PurgeVerifyOptions{Kept: elsewhere})
			return err
		})
	})
}
