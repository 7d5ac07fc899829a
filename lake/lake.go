package lake

import (
	"context"
	"errors"
	"iter"

	"github.com/apache/iceberg-go/catalog"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/argument"
)

// DefaultFileBytes is the default size at which a data file ends.
const DefaultFileBytes = 16 << 20

// Sentinels that a caller can test for with errors.Is.
var (
	// ErrConflict means that other writers were faster every time. What they wrote stands, and
	// nothing was written twice.
	ErrConflict = errors.New("other writers committed first")
	// ErrFenced means that a writer with a greater token has taken over.
	ErrFenced = errors.New("a writer with a greater fencing token has taken over")
	// ErrOtherMirror means that the lake was written from another mirror of the study, whose versions
	// say nothing about this one's.
	ErrOtherMirror = errors.New("the lake was written from another mirror")
	// ErrNoStudy means that the lake holds no version of the study.
	ErrNoStudy = errors.New("the lake does not hold the study")
	// ErrNoVersion means that the lake holds no moment of the study with this version.
	ErrNoVersion = errors.New("the lake does not hold this version")
	// ErrNoTag means that the study has no data cut with this name.
	ErrNoTag = errors.New("no tag with this name exists")
	// ErrTagExists means that the study has a data cut with this name of another version.
	ErrTagExists = errors.New("a tag with this name already exists")
	// ErrUnsupportedColumn means that Iceberg has no type for a column.
	ErrUnsupportedColumn = errors.New("no type of Iceberg holds the column")
)

// Mirror is the mirror that a lake is written from. A [cache.CachedRecordsLoader] implements it.
type Mirror interface {
	LatestVersion(ctx context.Context, studyKey string) (imednet.MirrorVersion, error)
	AsOf(ctx context.Context, studyKey string, version imednet.MirrorVersion) (*cache.View, error)
	Changes(ctx context.Context, studyKey string, since imednet.MirrorVersion) iter.Seq2[cache.Change, error]
}

var _ Mirror = (*cache.CachedRecordsLoader)(nil)

// Lake writes the studies of a mirror as Iceberg tables. It holds no state between calls and is safe
// for concurrent use; several processes can write the same tables.
type Lake struct {
	mirror    Mirror
	catalog   catalog.Catalog
	fileBytes int64
	fence     int64
	progress  func(imednet.Progress)
}

// Option configures [New].
type Option func(*Lake) error

// WithFileBytes sets the size of a Parquet file at which it ends; the default is [DefaultFileBytes].
// A change of one record rewrites the file that holds it, which is in memory meanwhile.
func WithFileBytes(n int64) Option {
	return func(l *Lake) error {
		if n <= 0 {
			return argument.Invalid("lake.WithFileBytes", "n", "must be greater than zero")
		}
		l.fileBytes = n
		return nil
	}
}

// WithFence sets the fencing token of this writer, such as that of a lease (postgres.Lease). Every
// commit carries it. A table or study on which a greater token stands is [ErrFenced].
func WithFence(token int64) Option {
	return func(l *Lake) error {
		if token < 0 {
			return argument.Invalid("lake.WithFence", "token", "must not be negative")
		}
		l.fence = token
		return nil
	}
}

// WithProgress sets a function to which every run reports how many records it has mapped.
func WithProgress(report func(imednet.Progress)) Option {
	return func(l *Lake) error {
		l.progress = report
		return argument.Required("lake.WithProgress", "report", report)
	}
}

// New returns a lake over a catalog, such as that of [OpenCatalog]. A nil mirror gives one that can
// list, tag, expire and compact, but not sync. The error is an *[imednet.ValidationError].
func New(mirror Mirror, cat catalog.Catalog, opts ...Option) (*Lake, error) {
	if err := argument.Required("lake.New", "cat", cat); err != nil {
		return nil, err
	}
	l := &Lake{mirror: mirror, catalog: cat, fileBytes: DefaultFileBytes}
	if argument.Required("lake.New", "mirror", mirror) != nil {
		l.mirror = nil
	}
	if err := argument.Options("lake.New", l, opts); err != nil {
		return nil, err
	}
	return l, nil
}

func failure(op, studyKey, place string, err error, hint string) error {
	if err == nil {
		return nil
	}
	var inner *imednet.Error
	if errors.As(err, &inner) && inner.Package == "lake" {
		return err
	}
	return &imednet.Error{Package: "lake", Op: op, StudyKey: studyKey, Place: place, Err: err, Hint: hint}
}
