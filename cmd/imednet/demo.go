package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

type demoOptions struct {
	listen, dir, study string
	faults             string
	capabilities       string
	export, checks     string
	records            int
	seed               uint64
}

func newDemo(a *app) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:     "demo",
		GroupID: groupHelp,
		Short:   "Serve a synthetic study on this computer",
		Long: `Serve a synthetic study, or a directory of NDJSON files, as an iMednet server on this
computer, and print the variables to export so that the other commands use it. Nothing
is stored: what is submitted to it is lost when it ends. A job ends when it is polled. It
shows results, which the API does not promise: "otherJobs": {} in the file of --faults has
none.

--faults simulates a difficult server: a JSON file with the failures to play
(statuses, lost responses, damaged pages, limits, jobs, permissions, certificates,
unreachable addresses, and behaviour that the API leaves open), as described in the
manual of package imednettest.

--capabilities makes the server behave as the one that "imednet probe" examined, as far
as that was settled.

--export writes the study's design export, with invented choices, required fields and
edit checks, in the place of no other file; --checks runs the edit checks of an export
over every record that is submitted, which may be the same directory.`,
		Example: "  imednet demo\n  imednet demo --records 100000 --study BIG\n  imednet demo --data ./study --listen 127.0.0.1:8080\n  imednet demo --faults faults.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.demo(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback `address`; port 0 means a free one")
	cmd.Flags().StringVar(&o.dir, "data", "", "serve the NDJSON files of this `directory`")
	cmd.Flags().StringVar(&o.study, "study", "DEMO", "`key` of the synthetic study")
	cmd.Flags().IntVar(&o.records, "records", 2000, "approximate number of records to generate")
	cmd.Flags().Uint64Var(&o.seed, "seed", 0, "seed; another one gives a different study of the same kind")
	cmd.Flags().StringVar(&o.faults, "faults", "", "play the failures of this JSON `file`")
	cmd.Flags().StringVar(&o.capabilities, "capabilities", "", "behave like the server that this `file` of \"imednet probe\" describes")
	cmd.Flags().StringVar(&o.export, "export", "", "write the study's design export to this `directory`")
	cmd.Flags().StringVar(&o.checks, "checks", "", "run the edit checks of the design export at this `path` over submitted records")
	cmd.MarkFlagsMutuallyExclusive("capabilities", "faults")
	cmd.MarkFlagsMutuallyExclusive("data", "study")
	cmd.MarkFlagsMutuallyExclusive("data", "records")
	cmd.MarkFlagsMutuallyExclusive("data", "seed")
	return cmd
}

func (a *app) demo(ctx context.Context, o demoOptions) error {
	study, err := o.load()
	if err != nil {
		return err
	}
	study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
	if err := o.design(ctx, a, study); err != nil {
		return err
	}
	scenario, err := o.scenario()
	if err != nil {
		return err
	}
	served := imednettest.NewServer(study)
	if err := served.Check(scenario); err != nil {
		return usagef("--faults %s: %v", o.faults, err)
	}
	served.Play(scenario)
	listener, err := o.open(ctx)
	if err != nil {
		return err
	}
	listening, err := scenario.Connection.Listen(listener)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	authority, forget, err := keepAuthority(listening.Authority)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer forget()
	server := &http.Server{Handler: served, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)} // failures are what a demo is asked for
	if err := a.announce(study.Key(), listening.BaseURL, authority); err != nil {
		return errors.Join(err, listener.Close())
	}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listening); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil // an interrupt is how a demo ends
}

// scenario reads how the server is to fail.
func (o demoOptions) scenario() (imednettest.Scenario, error) {
	if o.capabilities != "" {
		return o.examined()
	}
	if o.faults == "" {
		return imednettest.Scenario{}, nil
	}
	file, err := os.Open(o.faults)
	if err != nil {
		return imednettest.Scenario{}, err
	}
	defer file.Close()
	scenario, err := imednettest.ReadScenario(file)
	if err != nil {
		return scenario, usagef("--faults %s: %v", o.faults, err)
	}
	return scenario, nil
}

// examined is the behaviour of the server that was examined.
func (o demoOptions) examined() (imednettest.Scenario, error) {
	known, err := readCapabilities(o.capabilities)
	if err != nil {
		return imednettest.Scenario{}, err
	}
	scenario, err := imednettest.ScenarioOf(known)
	if err != nil {
		return scenario, usagef("--capabilities %s: %v", o.capabilities, err)
	}
	return scenario, nil
}

// keepAuthority writes the certificate that a client of a demo with TLS must trust to a file, until the
// demo ends.
func keepAuthority(certificate []byte) (path string, forget func(), err error) {
	if certificate == nil {
		return "", func() {}, nil
	}
	dir, err := os.MkdirTemp("", "imednet-demo-")
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, "authority.pem")
	return path, func() { os.RemoveAll(dir) }, os.WriteFile(path, certificate, 0o600)
}

func (o demoOptions) load() (*imednettest.Study, error) {
	if o.dir != "" {
		return imednettest.LoadDir(o.dir)
	}
	if o.records < 1 || o.study == "" {
		return nil, usagef("--records must be at least 1 and --study not empty")
	}
	return imednettest.Generate(imednettest.GenerateOptions{StudyKey: o.study, Records: o.records, Seed: o.seed}), nil
}

// design writes the study's design export, and lets the server run the edit checks of one.
func (o demoOptions) design(ctx context.Context, a *app, study *imednettest.Study) error {
	if o.export != "" {
		if err := os.MkdirAll(o.export, 0o755); err != nil {
			return err
		}
		files := study.DesignExport()
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if err := mayReplaceEqual(filepath.Join(o.export, name), files[name]); err != nil {
				return err
			}
		}
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(o.export, name), data, 0o644); err != nil {
				return err
			}
		}
	}
	if o.checks == "" {
		return nil
	}
	d, err := dictionaryOptions{study: study.Key()}.dictionary(ctx, a, o.checks)
	if err != nil {
		return err
	}
	checker, err := dictionary.NewChecker(d)
	if err != nil {
		return err
	}
	study.EnforceChecks(checker)
	return nil
}

// open listens on a loopback address only: the demo's keys are no secret.
func (o demoOptions) open(ctx context.Context) (net.Listener, error) {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return nil, usagef("--listen must be an address such as 127.0.0.1:8080")
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, usagef("--listen must be an address of this computer, such as 127.0.0.1:8080, because the keys of the demo are public")
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
}

func (a *app) announce(study, url, authority string) error {
	if a.json {
		announced := map[string]string{"study": study, "baseURL": url, "apiKey": imednettest.APIKey, "securityKey": imednettest.SecurityKey}
		if authority != "" {
			announced["authority"] = authority
		}
		return a.writeJSON(announced)
	}
	if authority != "" {
		authority = "  export SSL_CERT_FILE=" + authority + "\n"
	}
	_, err := fmt.Fprintf(a.out, `Serving study %s. Run this in another terminal:

  export IMEDNET_BASE_URL=%s
  export IMEDNET_API_KEY=%s
  export IMEDNET_SECURITY_KEY=%s
%s  imednet queries counts %s

Press Ctrl+C to stop.
`, study, url, imednettest.APIKey, imednettest.SecurityKey, authority, study)
	return err
}
