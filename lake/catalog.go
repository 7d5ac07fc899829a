package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/rest"
	icebergsql "github.com/apache/iceberg-go/catalog/sql"
	iceio "github.com/apache/iceberg-go/io"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3" // the driver of SQLite catalogs

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/transit"
)

// CatalogOptions configures [OpenCatalog].
type CatalogOptions struct {
	// Warehouse is the place of the tables' files: a directory, or a URL such as s3://bucket/prefix.
	// A REST catalog may have a place of its own; the others need one.
	Warehouse string
	// Name is the name of the catalog in a database, which several can share; the default is "lake".
	Name string
	// Properties are passed to the catalog and to what reads and writes files, such as s3.endpoint,
	// s3.access-key-id or token.
	Properties map[string]string
	// Existing opens a catalog that is there or is [ErrNoCatalog]; neither a file, a schema nor tables are made. It
	// has no effect on a REST catalog, which is a server's.
	Existing bool
	// ReadOnly is Existing, and the database refuses to be changed.
	ReadOnly bool
	// Wait is how long a call waits for a PostgreSQL server that went away; 0 means [DefaultWait].
	Wait time.Duration
	// WaitToOpen makes [OpenCatalog] wait too, for a PostgreSQL server that cannot be reached, where it fails at once
	// otherwise. It is called with what is wrong before the waiting begins.
	WaitToOpen func(problem error)
}

// ErrNoCatalog means that no lake was ever written to a catalog.
var ErrNoCatalog = errors.New("there is no catalog here: no lake was written to it")

// DefaultCatalogName is the default of [CatalogOptions].Name.
const DefaultCatalogName = "lake"

// OpenCatalog opens the catalog at a URL: postgres://… (tables in the schema of search_path),
// sqlite:///path (a new file has mode 0600, in new directories of mode 0700) or https://… of a REST
// catalog; http://… is for one on this computer. The caller must call close. The error is
// [ErrNoCatalog] if it is not there and must be; none repeats a password of the URL.
//
// A PostgreSQL server that restarts, and a connection that is lost, are waited out for [CatalogOptions].Wait, and each
// commit is made once nevertheless; beyond that a call fails with [ErrUnreachable] or [ErrUnknownOutcome].
func OpenCatalog(ctx context.Context, catalogURL string, opts CatalogOptions) (cat catalog.Catalog, closeCatalog func() error, err error) {
	const function = "lake.OpenCatalog"
	if err := argument.Named(function, "catalogURL", catalogURL); err != nil {
		return nil, nil, err
	}
	if opts.Name == "" {
		opts.Name = DefaultCatalogName
	}
	if opts.Wait == 0 {
		opts.Wait = DefaultWait
	}
	if opts.Wait < 0 {
		return nil, nil, argument.Invalid(function, "Wait", "must not be negative")
	}
	opts.Existing = opts.Existing || opts.ReadOnly
	scheme, rest, _ := strings.Cut(catalogURL, "://")
	if scheme == "http" || scheme == "https" {
		return openREST(ctx, catalogURL, opts)
	}
	props, err := opts.properties(function)
	if err != nil {
		return nil, nil, err
	}
	switch scheme {
	case "postgres", "postgresql":
		return openPostgres(ctx, catalogURL, opts, props)
	case "sqlite":
		return openSQLite(ctx, rest, opts, props)
	}
	return nil, nil, argument.Invalid(function, "catalogURL", "must begin with postgres://, sqlite:// or https://")
}

func (o CatalogOptions) properties(function string) (iceberg.Properties, error) {
	props := iceberg.Properties{}
	for name, value := range o.Properties {
		props[name] = value
	}
	if err := argument.Named(function, "Warehouse", o.Warehouse); err != nil {
		return nil, err
	}
	if err := o.checkStorage(function); err != nil {
		return nil, err
	}
	props["warehouse"] = o.Warehouse
	if strings.Contains(o.Warehouse, "://") {
		return props, nil
	}
	dir, err := filepath.Abs(o.Warehouse)
	if err != nil {
		return nil, err
	}
	props["warehouse"] = (&url.URL{Scheme: "file", Path: filepath.ToSlash(dir)}).String()
	return props, nil
}

// checkStorage refuses a place that no file could be written to, before a catalog names it.
func (o CatalogOptions) checkStorage(function string) error {
	scheme, _, isURL := strings.Cut(o.Warehouse, "://")
	if isURL && !slices.Contains(iceio.GetRegisteredSchemes(), scheme) {
		return argument.Invalid(function, "Warehouse", "must be a directory, or the URL of a storage that this program knows, such as s3://bucket/prefix")
	}
	return o.checkPasswords(function)
}

// checkPasswords refuses URLs of storage with passwords, which would stand in errors and in the tables' metadata.
func (o CatalogOptions) checkPasswords(function string) error {
	urls := []string{o.Properties["s3.endpoint"]}
	if strings.Contains(o.Warehouse, "://") {
		urls = append(urls, o.Warehouse)
	}
	for _, text := range urls {
		if u, err := url.Parse(text); err != nil || u.User != nil {
			return argument.Invalid(function, "URL of the storage", "must be readable and without a password: credentials are properties, or of the environment")
		}
	}
	return nil
}

func openPostgres(ctx context.Context, databaseURL string, opts CatalogOptions, props iceberg.Properties) (catalog.Catalog, func() error, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, nil, argument.Invalid("lake.OpenCatalog", "catalogURL", "cannot be read; it goes postgres://user@host:port/database?sslmode=verify-full")
	}
	if !transit.Encrypted(config) {
		return nil, nil, argument.Invalid("lake.OpenCatalog", "catalogURL", "would not be encrypted: add sslmode=verify-full; only a Unix socket and this computer's own address go without")
	}
	transit.HearAnswers(config)
	markLost(config)
	config.ConnectTimeout = transit.Patience(config, opts.Wait)
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "imednet-lake"
	}
	if opts.ReadOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	db := stdlib.OpenDB(*config)
	p := patience{opts.Wait, imednet.SystemClock()}
	err = p.reach(ctx, db, opts.WaitToOpen)
	var cat catalog.Catalog
	closeCatalog := db.Close
	if err == nil {
		err = p.persistently(ctx, nil, func() (err error) {
			if opts.Existing {
				err = requireTables(ctx, db, `SELECT to_regclass('iceberg_tables') IS NOT NULL`, props)
			} else {
				err = makeSchema(ctx, db, config.RuntimeParams["search_path"])
			}
			cat, closeCatalog, err = openSQL(db, icebergsql.Postgres, opts.Name, props, err)
			return err
		})
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return &patientCatalog{cat, p}, closeCatalog, nil
}

// reach makes sure that a server can be reached.
func (p patience) reach(ctx context.Context, db *sql.DB, waitToOpen func(error)) error {
	if waitToOpen == nil {
		ctx = context.WithValue(ctx, hasty{}, true)
	}
	return p.persistently(ctx, waitToOpen, func() error { return db.PingContext(ctx) })
}

// makeSchema makes the schema that the URL names if it is not there.
func makeSchema(ctx context.Context, db *sql.DB, name string) error {
	if name == "" {
		return nil
	}
	var there bool
	err := db.QueryRowContext(ctx, `SELECT current_schema() IS NOT NULL`).Scan(&there)
	if err != nil || there {
		return err
	}
	_, err = db.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+pgx.Identifier{name}.Sanitize())
	return err
}

// requireTables is [ErrNoCatalog] unless a query says that the catalog's tables are there. They are not made then.
func requireTables(ctx context.Context, db *sql.DB, query string, props iceberg.Properties) error {
	props["init_catalog_tables"] = "false"
	var there bool
	if err := db.QueryRowContext(ctx, query).Scan(&there); err != nil || there {
		return err
	}
	return ErrNoCatalog
}

// openSQLite opens a file, or makes it private, which its log is then too. A writer takes its lock at the start of a
// transaction and waits for it.
func openSQLite(ctx context.Context, path string, opts CatalogOptions, props iceberg.Properties) (catalog.Catalog, func() error, error) {
	if err := argument.File("lake.OpenCatalog", "catalogURL", path); err != nil {
		return nil, nil, err
	}
	if err := findFile(path, opts.Existing); err != nil {
		return nil, nil, fmt.Errorf("the catalog could not be opened: %w", err)
	}
	how := "_journal_mode=WAL&_synchronous=FULL&_txlock=immediate"
	switch {
	case opts.ReadOnly:
		how = "mode=ro"
	case opts.Existing:
		how = "mode=rw&_synchronous=FULL&_txlock=immediate"
	}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "_busy_timeout=30000&" + how}).String()
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, nil, err
	}
	if opts.Existing {
		err = requireTables(ctx, db, `SELECT count(*) > 0 FROM sqlite_master WHERE name = 'iceberg_tables'`, props)
	}
	cat, closeCatalog, err := openSQL(db, icebergsql.SQLite, opts.Name, props, err)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return cat, closeCatalog, nil
}

// findFile makes a file private, or is [ErrNoCatalog] if one must be there. The error has no path, which is of the URL.
func findFile(path string, existing bool) (err error) {
	if existing {
		if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return ErrNoCatalog
		}
	} else {
		err = makePrivate(path)
	}
	if place := (*fs.PathError)(nil); errors.As(err, &place) {
		return place.Err
	}
	return err
}

// openSQL opens a catalog in a database, unless something was wrong with it.
func openSQL(db *sql.DB, dialect icebergsql.SupportedDialect, name string, props iceberg.Properties, wrong error) (catalog.Catalog, func() error, error) {
	var cat *icebergsql.Catalog
	if wrong == nil {
		cat, wrong = icebergsql.NewCatalog(name, db, dialect, props)
	}
	if wrong != nil {
		return nil, nil, fmt.Errorf("the catalog could not be opened: %w", wrong)
	}
	return cat, func() error { return errors.Join(cat.Close(), db.Close()) }, nil
}

func openREST(ctx context.Context, catalogURL string, opts CatalogOptions) (catalog.Catalog, func() error, error) {
	if err := errors.Join(checkREST(catalogURL), opts.checkPasswords("lake.OpenCatalog")); err != nil {
		return nil, nil, err
	}
	props := iceberg.Properties(opts.Properties)
	restOptions := []rest.Option{rest.WithAdditionalProps(props), rest.WithTransportFactory(discreetTransport)}
	if opts.Warehouse != "" {
		restOptions = append(restOptions, rest.WithWarehouseLocation(opts.Warehouse))
	}
	if token := props.Get("token", ""); token != "" {
		restOptions = append(restOptions, rest.WithOAuthToken(token))
	}
	if credential := props.Get("credential", ""); credential != "" {
		restOptions = append(restOptions, rest.WithCredential(credential))
	}
	cat, err := rest.NewCatalog(ctx, opts.Name, catalogURL, restOptions...)
	if err != nil {
		if failed := (*url.Error)(nil); errors.As(err, &failed) {
			err = failed.Err // without the URL
		}
		return nil, nil, fmt.Errorf("the catalog could not be opened: %w", err)
	}
	return cat, func() error { return closeIfCloser(cat) }, nil
}

// checkREST refuses a URL that cannot be read, of which url.Parse would repeat the password, and one by which tokens
// and the bounds of columns would travel in the clear.
func checkREST(catalogURL string) error {
	const function = "lake.OpenCatalog"
	u, err := url.Parse(catalogURL)
	if err != nil || u.Hostname() == "" {
		return argument.Invalid(function, "catalogURL", "cannot be read; it goes https://host/path")
	}
	if u.RawQuery != "" {
		return argument.Invalid(function, "catalogURL", "of a REST catalog has no query, which errors would repeat: what the catalog needs is a property")
	}
	if u.Scheme == "http" && !transit.Local(u.Hostname()) {
		return argument.Invalid(function, "catalogURL", "would not be encrypted: begin with https://; only this computer's own address goes without")
	}
	return nil
}

func closeIfCloser(cat catalog.Catalog) error {
	if c, ok := cat.(catalog.Closer); ok {
		return c.Close()
	}
	return nil
}
