package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
)

// settings is what the configuration file holds. Keys are no part of it.
type settings struct {
	BaseURL        string        `yaml:"baseURL"`
	Timeout        time.Duration `yaml:"timeout"`
	LookAhead      *int          `yaml:"lookAhead"`
	DataDir        string        `yaml:"dataDir"`
	Database       string        `yaml:"database"`
	DatabaseWait   time.Duration `yaml:"databaseWait"`
	Cache          string        `yaml:"cache"`
	Ledger         string        `yaml:"ledger"`
	Triage         string        `yaml:"triage"`
	Configurations string        `yaml:"configurations"`
	Warehouse      string        `yaml:"warehouse"`
	WarehouseRAM   string        `yaml:"warehouseMemory"`
	WarehouseTemp  string        `yaml:"warehouseTemp"`
	Journal        string        `yaml:"journal"`
	Capabilities   string        `yaml:"capabilities"`
	Policy         string        `yaml:"policy"`
	IdentityKey    string        `yaml:"identityKey"`
	IdentityToken  string        `yaml:"identityToken"`

	IdentityTokenCommand []string      `yaml:"identityTokenCommand"`
	Heads                string        `yaml:"heads"`
	HeadsKey             string        `yaml:"headsKey"`
	HeadsEvery           time.Duration `yaml:"headsEvery"`
	VerifyEvery          time.Duration `yaml:"verifyEvery"`
	ClockTolerance       time.Duration `yaml:"clockTolerance"`

	Retention *retentionSettings     `yaml:"retention"`
	rules     imednet.RetentionRules // of Retention
}

// envConfigurations names the file of the configuration history.
const envConfigurations = "IMEDNET_CONFIG_DB_PATH"

// readSettings reads the file that was named, which must exist, or the default one, which need
// not, and fills in the defaults of all paths.
func readSettings(path string) (settings, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // only a missing data directory needs it
	}
	var s settings
	named := path != ""
	if !named && home != "" {
		path = filepath.Join(home, ".imednet", "config.yaml")
	}
	if path != "" {
		if err := s.load(path); err != nil && (named || !errors.Is(err, fs.ErrNotExist)) {
			return settings{}, err
		}
	}
	if s.DataDir == "" {
		if home == "" {
			return settings{}, usagef("there is no home directory; set dataDir in a file and name it with --config")
		}
		s.DataDir = filepath.Join(home, ".imednet")
	}
	s.Cache = cmp.Or(s.Cache, filepath.Join(s.DataDir, "cache", "records_cache.sqlite3"))
	s.Ledger = cmp.Or(s.Ledger, filepath.Join(s.DataDir, "pipeline_ledger.json"))
	s.Triage = cmp.Or(s.Triage, filepath.Join(s.DataDir, "triage.sqlite3"))
	s.Warehouse = cmp.Or(s.Warehouse, filepath.Join(s.DataDir, "warehouse.duckdb"))
	s.Journal = cmp.Or(s.Journal, filepath.Join(s.DataDir, "submissions.sqlite3"))
	s.Configurations = cmp.Or(os.Getenv(envConfigurations), s.Configurations, filepath.Join(s.DataDir, "config_versions.sqlite3"))
	return s, nil
}

func (s *settings) load(path string) error {
	text, err := readRegular("configuration", path)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text)) // JSON is YAML too
	decoder.KnownFields(true)
	err = decoder.Decode(s)
	if err != nil && !errors.Is(err, io.EOF) {
		// The decoder's text can quote the file, in which somebody may have put a key.
		return usagef("the configuration file %s cannot be read: only baseURL, timeout (such as 45s), lookAhead (1 to 16), dataDir, database, databaseWait (such as 5m), cache, ledger, triage, configurations, warehouse, warehouseMemory, warehouseTemp, journal, capabilities, policy, identityKey, identityToken, identityTokenCommand, heads, headsKey, headsEvery, verifyEvery, clockTolerance and retention (name, years, until, studies) are allowed; the API keys belong in the environment", path)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return usagef("the configuration file %s has more than one document", path)
	}
	if line, name := withoutValue(text); line > 0 {
		return usagef("the configuration file %s, line %d: %s has no value: remove it, or give it one", path, line, name)
	}
	if s.Timeout < 0 {
		return usagef("the configuration file %s: timeout is negative", path)
	}
	if s.LookAhead != nil && (*s.LookAhead < 1 || *s.LookAhead > rest.MaxLookAhead) {
		return usagef("the configuration file %s: lookAhead must be 1 to %d", path, rest.MaxLookAhead)
	}
	if s.rules, err = s.Retention.rules(text); err != nil {
		return usagef("the configuration file %s: retention: %v", path, err)
	}
	if s.HeadsEvery < 0 || s.VerifyEvery < 0 || s.ClockTolerance < 0 || s.DatabaseWait < 0 {
		return usagef("the configuration file %s: headsEvery, verifyEvery, clockTolerance or databaseWait is negative", path)
	}
	return nil
}

// withoutValue finds a member of a configuration file, of which all names are known, that has null or a blank text, and
// would count as left out: without its policy, everyone may everything. Sections speak for themselves.
func withoutValue(text []byte) (line int, name string) {
	var whole yaml.Node
	if err := yaml.Unmarshal(text, &whole); err != nil || len(whole.Content) == 0 {
		return 0, ""
	}
	members := whole.Content[0].Content
	for i := 0; i+1 < len(members); i += 2 {
		key, value := members[i], members[i+1]
		if key.Value != "retention" && value.Kind == yaml.ScalarNode && (value.Tag == "!!null" || imednet.IsBlank(value.Value)) {
			return key.Line, key.Value
		}
	}
	return 0, ""
}

// readRegular reads a file. A pipe would be waited for, and no signal ends that.
func readRegular(what, path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, usagef("the %s %s is not a regular file", what, path)
	}
	return os.ReadFile(path)
}

// client makes the client of the API from the environment and the settings.
func (a *app) client() (*rest.Client, error) {
	if os.Getenv(rest.EnvAPIKey) == "" || os.Getenv(rest.EnvSecurityKey) == "" {
		return nil, errNoKeys
	}
	var opts []rest.Option
	if a.settings.BaseURL != "" && os.Getenv(rest.EnvBaseURL) == "" {
		opts = append(opts, rest.WithBaseURL(a.settings.BaseURL))
	}
	if a.settings.Timeout > 0 && os.Getenv(rest.EnvTimeout) == "" {
		opts = append(opts, rest.WithTimeout(a.settings.Timeout))
	}
	if a.settings.LookAhead != nil {
		opts = append(opts, rest.WithLookAhead(*a.settings.LookAhead))
	}
	if a.settings.Capabilities != "" {
		known, err := readCapabilities(a.settings.Capabilities)
		if err != nil {
			return nil, err
		}
		opts = append(opts, rest.WithCapabilities(known))
	}
	client, err := rest.FromEnv(opts...)
	if err != nil {
		return nil, &usageError{err.Error(), "look at " + rest.EnvBaseURL + " and " + rest.EnvTimeout + ", or at baseURL and timeout in the configuration file"}
	}
	return client, nil
}

// readCapabilities reads the file that `imednet probe` wrote.
func readCapabilities(path string) (imednet.Capabilities, error) {
	file, err := os.Open(path)
	if err != nil {
		return imednet.Capabilities{}, usagef("the capabilities of the server: %v", err)
	}
	defer file.Close()
	known, err := imednet.ReadCapabilities(file)
	if err != nil {
		return imednet.Capabilities{}, usagef("the capabilities of the server in %s: %v", path, err)
	}
	return known, nil
}

// printf writes a line for people.
func (a *app) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(a.out, format, args...)
	return err
}
