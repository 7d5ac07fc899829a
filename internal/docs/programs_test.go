package docs_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// serveDemo serves the study of `imednet demo`, sets the environment of its reader, and moves to an
// empty directory.
func serveDemo(t *testing.T) imednet.Client {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DEMO", Records: 300}))
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	t.Setenv(rest.EnvBaseURL, web.URL)
	t.Setenv(rest.EnvAPIKey, imednettest.APIKey)
	t.Setenv(rest.EnvSecurityKey, imednettest.SecurityKey)
	t.Chdir(t.TempDir())
	client, err := rest.FromEnv()
	require.NoError(t, err)
	return client
}

// countRecords is the program of the README.
func countRecords(ctx context.Context) error {
	client, err := rest.FromEnv() // IMEDNET_API_KEY, IMEDNET_SECURITY_KEY
	if err != nil {
		return err
	}
	mirror, err := cache.NewCachedRecordsLoader(ctx, client, "studies.sqlite3")
	if err != nil {
		return err
	}
	defer mirror.Close()
	if _, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		return err
	}
	records := map[string]int{}
	for record, err := range mirror.IterCachedRecords(ctx, "DEMO") {
		if err != nil {
			return err
		}
		records[record.FormKey.Or("no form")]++
	}
	_, err = fmt.Println(records)
	return err
}

func TestTheProgramOfTheReadme(t *testing.T) {
	serveDemo(t)
	require.NoError(t, countRecords(t.Context()))
}

// nightly is the program of the guide: a mirror brought up to date, tables, and safety data.
func nightly(ctx context.Context, client imednet.Client, dir string) error {
	mirror, err := cache.NewCachedRecordsLoader(ctx, client, filepath.Join(dir, "mirror.sqlite3"))
	if err != nil {
		return err
	}
	defer mirror.Close()
	report, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{})
	if err != nil {
		return err
	}
	if _, err := mirror.SyncStructure(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		return err
	}
	fmt.Println("received", report.Received, "held", report.After.Active)
	if err := writeTables(ctx, mirror, filepath.Join(dir, "tables")); err != nil {
		return err
	}
	return extractSafety(ctx, mirror, filepath.Join(dir, "safety.json"))
}

// writeTables writes a Parquet table for every form.
func writeTables(ctx context.Context, mirror *cache.CachedRecordsLoader, dir string) error {
	mapper, err := tables.NewRecordMapper(mirror)
	if err != nil {
		return err
	}
	writer, err := pipeline.New()
	if err != nil {
		return err
	}
	manifest, err := writer.WriteParquet(ctx, mapper, "DEMO", dir, pipeline.DataSetOptions{})
	if err != nil {
		return err
	}
	fmt.Println("rows", manifest.Report.Rows, "values that did not fit", manifest.Rejects.Rows)
	return nil
}

// extractSafety applies a study configuration.
func extractSafety(ctx context.Context, mirror *cache.CachedRecordsLoader, path string) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	configuration, err := imednet.ParseStudyConfiguration(document, imednet.ConfigurationOptions{})
	if err != nil {
		return err
	}
	structure, err := extraction.ReadStructure(ctx, mirror, configuration.StudyKey)
	if err != nil {
		return err
	}
	engine, err := extraction.NewEngine(configuration, extraction.WithStructure(structure))
	if err != nil {
		return err
	}
	result, err := engine.Extract(ctx, mirror, extraction.Options{})
	if err != nil {
		return err
	}
	for _, event := range result.AdverseEvents {
		if event.AESerious == imednet.Yes {
			fmt.Println("serious:", event.RecordID(), event.AEStartDate)
		}
	}
	return nil
}

func TestTheProgramOfTheGuide(t *testing.T) {
	client := serveDemo(t)
	safety := `{"studyKey":"DEMO","mappings":[
		{"domain":"AE","targetField":"aeTerm","sourceFormKey":"AE","sourceVariableName":"AETERM"},
		{"domain":"AE","targetField":"aeSeverity","sourceFormKey":"AE","sourceVariableName":"AESEV"},
		{"domain":"AE","targetField":"aeSerious","sourceFormKey":"AE","sourceVariableName":"AESER"},
		{"domain":"AE","targetField":"aeStartDate","sourceFormKey":"AE","sourceVariableName":"AESTDTC"}]}`
	require.NoError(t, os.WriteFile("safety.json", []byte(safety), 0o600))
	require.NoError(t, nightly(t.Context(), client, "."))
	require.FileExists(t, "tables/_records_manifest.json")
}
