package cache

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Sentinels of data cuts that a caller can test for with errors.Is.
var (
	// ErrCutExists means that the study already has a data cut with this name.
	ErrCutExists = errors.New("a data cut with this name already exists")
	// ErrNoCut means that the study has no data cut with this name.
	ErrNoCut = errors.New("no data cut with this name exists")
	// ErrBreaksCut means that a purge would remove states that a data cut requires.
	ErrBreaksCut = errors.New("data cuts require states to be purged")
)

// Manifest describes a data cut: a named version of a study's mirror that can be reopened and
// verified after any number of later syncs. The command writes it as JSON.
type Manifest struct {
	Name       string                `json:"name"`
	StudyKey   string                `json:"studyKey"`
	Version    imednet.MirrorVersion `json:"version"`
	ServerTime time.Time             `json:"serverTime,omitzero"` // of the run that stored the version
	MadeAt     time.Time             `json:"madeAt"`              // by the mirror's clock
	Program    string                `json:"program"`             // name and version of the program that created the cut
	Resources  []CutResource         `json:"resources"`
	// Missing lists the resources that the mirror did not hold.
	Missing []imednet.Resource `json:"missing,omitempty"`
}

// CutResource describes one resource in a data cut. SHA256 covers its rows in ascending order of
// id: the JSON of each row as the server sent it, followed by a line feed.
type CutResource struct {
	Resource imednet.Resource `json:"resource"`
	Rows     int64            `json:"rows"`
	SHA256   string           `json:"sha256"`
}

// CutOptions configures [CachedRecordsLoader.Cut].
type CutOptions struct {
	Name    string // required, unique in the study
	Program string // name and version of the program that creates the cut
}

// Cut names the current version of a study's mirror and returns its manifest.
// [CachedRecordsLoader.Purge] refuses to remove the states that the cut needs unless
// PurgeOptions.BreakCuts is set. Sync the study first: a cut contains what the mirror holds.
//
// Errors: [ErrNotSynced] and [ErrCutExists].
func (l *CachedRecordsLoader) Cut(ctx context.Context, studyKey string, opts CutOptions) (Manifest, error) {
	var m Manifest
	if err := argument.Named("cache.CachedRecordsLoader.Cut", "opts.Name", opts.Name); err != nil {
		return m, wrap("cut", studyKey, err)
	}
	err := l.locked(ctx, studyKey, func() (err error) {
		m, err = l.makeCut(ctx, studyKey, opts)
		return err
	})
	return m, wrap("cut", studyKey, err)
}

func (l *CachedRecordsLoader) makeCut(ctx context.Context, studyKey string, opts CutOptions) (Manifest, error) {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return Manifest{}, err
	}
	if st.phase != phaseWhole {
		return Manifest{}, ErrNotSynced
	}
	if _, err := l.manifest(ctx, st.id, opts.Name); !errors.Is(err, ErrNoCut) {
		if err == nil {
			err = fmt.Errorf("%w: %q", ErrCutExists, opts.Name)
		}
		return Manifest{}, err
	}
	m := Manifest{Name: opts.Name, StudyKey: studyKey, Version: st.version, MadeAt: l.cfg.clock.Now().UTC().Truncate(time.Second), Program: opts.Program}
	if m.ServerTime, err = l.seenAt(ctx, st.id, st.version); err != nil {
		return m, err
	}
	if m.Resources, m.Missing, err = l.content(ctx, studyKey, st.version); err != nil {
		return m, err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	return m, l.db.Write(ctx, studyKey, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO imednet_cut (study, name, version, made_at, manifest) VALUES (?, ?, ?, ?, ?)`,
			st.id, m.Name, int64(m.Version), m.MadeAt.UnixMicro(), string(text))
		return err
	})
}

// seenAt is the newest server time known at a version.
func (l *CachedRecordsLoader) seenAt(ctx context.Context, study int64, version imednet.MirrorVersion) (time.Time, error) {
	var at sql.NullInt64
	err := l.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT max(seen_at) FROM imednet_version WHERE study = ? AND version <= ?`, study, int64(version)).Scan(&at)
	})
	return fromMicros(at), err
}

// content counts and hashes every resource at a version.
func (l *CachedRecordsLoader) content(ctx context.Context, studyKey string, version imednet.MirrorVersion) (all []CutResource, missing []imednet.Resource, err error) {
	view, err := l.AsOf(ctx, studyKey, version)
	if err != nil {
		return nil, nil, err
	}
	sum := &summer{hash: sha256.New()}
	for rec, err := range view.Records(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, nil, err
		}
		sum.add(rec.Raw)
	}
	all = append(all, sum.of(imednet.Records))
	for _, name := range MirroredResources() {
		sum := &summer{hash: sha256.New()}
		err := l.eachRow(ctx, studyKey, name, version, imednet.ListOptions{IncludeInactive: name == imednet.Users}, func(payload []byte) (bool, error) {
			sum.add(payload)
			return true, nil
		})
		if errors.Is(err, ErrNotSynced) {
			missing = append(missing, name)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		all = append(all, sum.of(name))
	}
	return all, missing, nil
}

// summer counts and hashes rows.
type summer struct {
	rows int64
	hash hash.Hash
}

func (s *summer) add(payload jsontext.Value) {
	s.rows++
	_, _ = s.hash.Write(payload) // a hash never fails
	_, _ = s.hash.Write([]byte{'\n'})
}

func (s *summer) of(name imednet.Resource) CutResource {
	return CutResource{Resource: name, Rows: s.rows, SHA256: hex.EncodeToString(s.hash.Sum(nil))}
}

// Cuts returns the manifests of a study's data cuts, from oldest to newest.
func (l *CachedRecordsLoader) Cuts(ctx context.Context, studyKey string) ([]Manifest, error) {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return nil, wrap("cut", studyKey, err)
	}
	var texts [][]byte
	err = l.db.look(ctx, func(q querier) (err error) {
		texts, err = queryColumn[[]byte](ctx, q, `SELECT manifest FROM imednet_cut WHERE study = ? ORDER BY version, made_at, name`, st.id)
		return err
	})
	if err != nil {
		return nil, wrap("cut", studyKey, err)
	}
	var all []Manifest
	for _, text := range texts {
		var m Manifest
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, wrap("cut", studyKey, err)
		}
		all = append(all, m)
	}
	return all, nil
}

func (l *CachedRecordsLoader) manifest(ctx context.Context, study int64, name string) (m Manifest, err error) {
	var text []byte
	err = l.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT manifest FROM imednet_cut WHERE study = ? AND name = ?`, study, name).Scan(&text)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return m, fmt.Errorf("%w: %q", ErrNoCut, name)
	}
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

// OpenCut returns a view of a study as of a data cut, and the manifest of the cut.
func (l *CachedRecordsLoader) OpenCut(ctx context.Context, studyKey, name string) (*View, Manifest, error) {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return nil, Manifest{}, wrap("cut", studyKey, err)
	}
	m, err := l.manifest(ctx, st.id, name)
	if err != nil {
		return nil, m, wrap("cut", studyKey, err)
	}
	view, err := l.AsOf(ctx, studyKey, m.Version)
	return view, m, err
}

// CutReport is the result of [CachedRecordsLoader.VerifyCut].
type CutReport struct {
	Manifest Manifest
	Findings []string // differences; empty if the cut is verified
}

// OK reports whether the cut is verified.
func (r CutReport) OK() bool { return len(r.Findings) == 0 }

// String returns the line that the command prints.
func (r CutReport) String() string {
	return fmt.Sprintf("data cut %q of %s, version %d: %d resources compared, %d findings", r.Manifest.Name, r.Manifest.StudyKey, r.Manifest.Version,
		len(r.Manifest.Resources), len(r.Findings))
}

// VerifyCut counts and hashes a data cut again, reading only the file, and compares the result with
// a manifest: with kept, a copy stored elsewhere, if it is not nil, which also detects a manifest
// that was rewritten in the file; otherwise with the one in the file.
func (l *CachedRecordsLoader) VerifyCut(ctx context.Context, studyKey, name string, kept *Manifest) (CutReport, error) {
	_, m, err := l.OpenCut(ctx, studyKey, name)
	if err != nil {
		return CutReport{Manifest: m}, err
	}
	report := CutReport{Manifest: m}
	if kept != nil && !sameManifest(*kept, m) {
		report.Findings = append(report.Findings, "the manifest in the file is not the one that was kept")
		report.Manifest = *kept
	}
	now, _, err := l.content(ctx, studyKey, report.Manifest.Version)
	if err != nil {
		return report, wrap("verify cut", studyKey, err)
	}
	found := map[imednet.Resource]CutResource{}
	for _, one := range now {
		found[one.Resource] = one
	}
	for _, want := range report.Manifest.Resources {
		if got := found[want.Resource]; got != want {
			report.Findings = append(report.Findings, fmt.Sprintf("%s: %d rows with hash %s, where the cut has %d with %s", want.Resource, got.Rows, got.SHA256, want.Rows, want.SHA256))
		}
	}
	return report, nil
}

func sameManifest(a, b Manifest) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(x) == string(y)
}
