package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/rest"
	icebergsql "github.com/apache/iceberg-go/catalog/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3" // the driver of SQLite catalogs

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
}

// DefaultCatalogName is the default of [CatalogOptions].Name.
const DefaultCatalogName = "lake"

// OpenCatalog opens the catalog at a URL: postgres://… (tables in the schema of search_path),
// sqlite:///path (a new file has mode 0600, in new directories of mode 0700) or https://… of a REST
// catalog; http://… is for one on this computer. The caller must call close. The error repeats no password of the URL.
func OpenCatalog(ctx context.Context, catalogURL string, opts CatalogOptions) (cat catalog.Catalog, closeCatalog func() error, err error) {
	const function = "lake.OpenCatalog"
	if err := argument.Named(function, "catalogURL", catalogURL); err != nil {
		return nil, nil, err
	}
	if opts.Name == "" {
		opts.Name = DefaultCatalogName
	}
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
		return openPostgres(ctx, catalogURL, opts.Name, props)
	case "sqlite":
		return openSQLite(rest, opts.Name, props)
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

func openPostgres(ctx context.Context, databaseURL, name string, props iceberg.Properties) (catalog.Catalog, func() error, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, nil, argument.Invalid("lake.OpenCatalog", "catalogURL", "cannot be read; it goes postgres://user@host:port/database?sslmode=verify-full")
	}
	if !transit.Encrypted(config) {
		return nil, nil, argument.Invalid("lake.OpenCatalog", "catalogURL", "would not be encrypted: add sslmode=verify-full; only a Unix socket and this computer's own address go without")
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "imednet-lake"
	}
	db := stdlib.OpenDB(*config)
	if err := makeSchema(ctx, db, config.RuntimeParams["search_path"]); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("the catalog could not be opened: %w", err), db.Close())
	}
	return openSQL(db, icebergsql.Postgres, name, props)
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

// openSQLite opens a file, or makes it private, which its log is then too. A writer takes its lock at the start of a
// transaction and waits for it.
func openSQLite(path, name string, props iceberg.Properties) (catalog.Catalog, func() error, error) {
	if err := argument.File("lake.OpenCatalog", "catalogURL", path); err != nil {
		return nil, nil, err
	}
	if err := makePrivate(path); err != nil {
		if place := (*fs.PathError)(nil); errors.As(err, &place) {
			err = place.Err // without the path, which is of the URL
		}
		return nil, nil, fmt.Errorf("the catalog could not be opened: %w", err)
	}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "_busy_timeout=30000&_journal_mode=WAL&_synchronous=FULL&_txlock=immediate"}).String()
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, nil, err
	}
	return openSQL(db, icebergsql.SQLite, name, props)
}

func openSQL(db *sql.DB, dialect icebergsql.SupportedDialect, name string, props iceberg.Properties) (catalog.Catalog, func() error, error) {
	cat, err := icebergsql.NewCatalog(name, db, dialect, props)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("the catalog could not be opened: %w", err), db.Close())
	}
	return cat, func() error { return errors.Join(cat.Close(), db.Close()) }, nil
}

func openREST(ctx context.Context, catalogURL string, opts CatalogOptions) (catalog.Catalog, func() error, error) {
	if err := checkREST(catalogURL); err != nil {
		return nil, nil, err
	}
	props := iceberg.Properties(opts.Properties)
	restOptions := []rest.Option{rest.WithAdditionalProps(props)}
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
