package lake_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/lake"
)

// restCatalog serves a catalog in SQLite by the REST protocol of Iceberg, as far as a lake speaks it. It refuses what
// the reference implementation refuses: a tag has no number of snapshots to keep.
type restCatalog struct {
	catalog.Catalog
	t *testing.T
	// lose is asked after each commit whether the answer gets lost.
	lose func() bool
}

// serveREST starts a catalog and returns its URL.
func serveREST(t *testing.T) (*restCatalog, string) {
	t.Helper()
	dir := t.TempDir()
	cat, closeCatalog, err := lake.OpenCatalog(t.Context(), "sqlite://"+filepath.Join(dir, "catalog.sqlite3"), lake.CatalogOptions{Warehouse: filepath.Join(dir, "lake")})
	require.NoError(t, err)
	s := &restCatalog{cat, t, func() bool { return false }}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/config", func(w http.ResponseWriter, _ *http.Request) {
		s.answer(w, map[string]any{"defaults": map[string]string{}, "overrides": map[string]string{}}, nil)
	})
	mux.HandleFunc("POST /v1/namespaces", s.createNamespace)
	mux.HandleFunc("GET /v1/namespaces/{namespace}", s.loadNamespace)
	mux.HandleFunc("HEAD /v1/namespaces/{namespace}", s.loadNamespace)
	mux.HandleFunc("POST /v1/namespaces/{namespace}/tables", s.createTable)
	mux.HandleFunc("GET /v1/namespaces/{namespace}/tables", s.listTables)
	mux.HandleFunc("GET /v1/namespaces/{namespace}/tables/{table}", s.loadTable)
	mux.HandleFunc("POST /v1/namespaces/{namespace}/tables/{table}", s.commit)
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, closeCatalog())
	})
	return s, server.URL
}

func identOf(r *http.Request) table.Identifier {
	return table.Identifier{r.PathValue("namespace"), r.PathValue("table")}
}

// answer writes a result, or an error as the protocol has it.
func (s *restCatalog) answer(w http.ResponseWriter, result any, err error) {
	code := http.StatusOK
	switch {
	case err == nil:
	case errors.Is(err, catalog.ErrNoSuchNamespace), errors.Is(err, catalog.ErrNoSuchTable):
		code = http.StatusNotFound
	case errors.Is(err, catalog.ErrNamespaceAlreadyExists), errors.Is(err, catalog.ErrTableAlreadyExists), errors.Is(err, table.ErrCommitFailed):
		code = http.StatusConflict
	default:
		code = http.StatusBadRequest
	}
	if err != nil {
		result = map[string]any{"error": map[string]any{"message": err.Error(), "type": "Exception", "code": code}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(result) // a client that went away
}

func (s *restCatalog) createNamespace(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Namespace  table.Identifier   `json:"namespace"`
		Properties iceberg.Properties `json:"properties"`
	}
	err := json.NewDecoder(r.Body).Decode(&ask)
	if err == nil {
		err = s.CreateNamespace(r.Context(), ask.Namespace, ask.Properties)
	}
	s.answer(w, map[string]any{"namespace": ask.Namespace}, err)
}

func (s *restCatalog) loadNamespace(w http.ResponseWriter, r *http.Request) {
	props, err := s.LoadNamespaceProperties(r.Context(), table.Identifier{r.PathValue("namespace")})
	s.answer(w, map[string]any{"namespace": []string{r.PathValue("namespace")}, "properties": props}, err)
}

func (s *restCatalog) listTables(w http.ResponseWriter, r *http.Request) {
	held := []map[string]any{}
	for id, err := range s.ListTables(r.Context(), table.Identifier{r.PathValue("namespace")}) {
		if err != nil {
			s.answer(w, nil, err)
			return
		}
		held = append(held, map[string]any{"namespace": id[:1], "name": id[1]})
	}
	s.answer(w, map[string]any{"identifiers": held}, nil)
}

func loaded(tbl *table.Table) map[string]any {
	return map[string]any{"metadata-location": tbl.MetadataLocation(), "metadata": tbl.Metadata(), "config": map[string]string{}}
}

func (s *restCatalog) createTable(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Name       string             `json:"name"`
		Schema     *iceberg.Schema    `json:"schema"`
		Properties iceberg.Properties `json:"properties"`
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		s.answer(w, nil, err)
		return
	}
	tbl, err := s.CreateTable(r.Context(), table.Identifier{r.PathValue("namespace"), ask.Name}, ask.Schema, catalog.WithProperties(ask.Properties))
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	s.answer(w, loaded(tbl), nil)
}

func (s *restCatalog) loadTable(w http.ResponseWriter, r *http.Request) {
	tbl, err := s.LoadTable(r.Context(), identOf(r))
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	s.answer(w, loaded(tbl), nil)
}

func (s *restCatalog) commit(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Requirements table.Requirements `json:"requirements"`
		Updates      []json.RawMessage  `json:"updates"`
	}
	err := json.NewDecoder(r.Body).Decode(&ask)
	var updates table.Updates
	for _, raw := range ask.Updates {
		if err == nil {
			err = checkTag(raw)
		}
	}
	if err == nil {
		raw, _ := json.Marshal(ask.Updates)
		err = json.Unmarshal(raw, &updates)
	}
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	meta, location, err := s.CommitTable(r.Context(), identOf(r), ask.Requirements, updates)
	if err == nil && s.lose() {
		panic(http.ErrAbortHandler)
	}
	s.answer(w, map[string]any{"metadata-location": location, "metadata": meta}, err)
}

// checkTag refuses a tag with a policy of branches, and a policy that is not positive.
func checkTag(update json.RawMessage) error {
	var ref struct {
		Type   string `json:"type"`
		Keep   *int   `json:"min-snapshots-to-keep"`
		Age    *int64 `json:"max-snapshot-age-ms"`
		RefAge *int64 `json:"max-ref-age-ms"`
	}
	if err := json.Unmarshal(update, &ref); err != nil {
		return err
	}
	if ref.Type == "tag" && (ref.Keep != nil || ref.Age != nil) || ref.RefAge != nil && *ref.RefAge <= 0 {
		return fmt.Errorf("a tag cannot have this policy: %s", update)
	}
	return nil
}

// TestARestCatalog runs syncs, two writers, tags, compactions and expiries over a catalog that is reached by URL,
// which loses answers of commits.
func TestARestCatalog(t *testing.T) {
	server, url := serveREST(t)
	w := worldOf(t, imednettest.Generate(imednettest.GenerateOptions{Records: 200}), url)
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	_, err := w.lake.Tag(ctx, study, "first", 0)
	require.NoError(t, err)
	rows := w.tagRows("first")
	other, _ := w.open()
	commits, lost := 0, 0
	server.lose = func() bool {
		if commits++; commits%7 != 0 {
			return false
		}
		lost++
		return true
	}
	done := make(chan error)
	for range 3 {
		w.meddle(10)
		w.pull()
		go func() { _, err := other.Sync(ctx, study, lake.SyncOptions{}); done <- err }()
		_, _ = w.lake.Sync(ctx, study, lake.SyncOptions{}) // of which one may lose, or not know
		<-done
		for range 10 {
			if _, err = w.lake.Sync(ctx, study, lake.SyncOptions{}); err == nil {
				break
			}
		}
		require.NoError(t, err)
		w.requireEqual(nil)
	}
	require.Positive(t, lost)
	server.lose = func() bool { return false }
	_, err = w.lake.Compact(ctx, study, lake.CompactPolicy{MinFiles: 2, MaxManifests: 1})
	require.NoError(t, err)
	w.requireEqual(nil)
	report, err := w.lake.Expire(ctx, study, lake.ExpirePolicy{Keep: time.Millisecond}, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 2, report.Kept, "the newest moment and the tagged one")
	w.requireEqual(nil)
	require.Equal(t, rows, w.tagRows("first"))
}

// TestNoErrorOfACatalogRepeatsTheRequest: servers and proxies may repeat what they were asked, with its token. What kind
// of error it is, is told.
func TestNoErrorOfACatalogRepeatsTheRequest(t *testing.T) {
	for _, form := range []string{
		`{"error": {"message": %[1]q, "type": "NotAuthorizedException", "code": 401}}`, `{"error": {"message": %[1]q, "type": %[1]q}}`, `{"message": %[1]q, "type": %[1]q}`,
		`{"error": "invalid_client", "error_description": %[1]q}`, `{"error": %[1]q}`, `%s`, `{"error": 1}`, ``,
	} {
		for _, status := range []int{400, 401, 403, 404, 409, 500, 503} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				said, err := httputil.DumpRequest(r, true)
				require.NoError(t, err)
				w.WriteHeader(status)
				if form != "" {
					fmt.Fprintf(w, form, string(said))
				}
			}))
			for _, property := range []string{"token", "credential"} {
				_, _, err := lake.OpenCatalog(t.Context(), server.URL, lake.CatalogOptions{Properties: map[string]string{
					property: "name:sesame", "header.X-Password": "sesame", "rest.signing-name": "x"}})
				require.Error(t, err)
				require.NotContains(t, err.Error(), "sesame")
				if strings.Contains(form, "NotAuthorized") && property == "token" {
					require.ErrorContains(t, err, fmt.Sprintf("NotAuthorizedException: the server answered with status %d", status))
				}
			}
			server.Close()
		}
	}
}
