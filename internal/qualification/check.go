package qualification

import (
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// CheckOptions say what a bundle is compared with besides itself.
type CheckOptions struct {
	Head string // that was kept elsewhere; "" has none
	// Keys are of those who may sign. With them a bundle must be signed by one of them.
	Keys       []ed25519.PublicKey
	Executable string // the file of the program that checks; "" does not compare it
	// Scenarios are those of the program that checks. A bundle that it made has all of them, those that need
	// a pilot study all or none; nil does not compare them.
	Scenarios []Scenario
	// Here demands that the bundle was made by this program on this machine.
	Here bool
}

// Verdict says whether a bundle is evidence of a qualification, and of what.
type Verdict struct {
	Qualified bool     `json:"qualified"`
	Problems  []string `json:"problems"`
	Head      string   `json:"head,omitempty"`
	Signer    *Signer  `json:"signer,omitempty"`
	// Proven means that one of the keys given signed; a signature alone proves only that nothing was altered.
	Proven    bool             `json:"proven"`
	Executor  imednet.Identity `json:"executor"`
	StartedAt time.Time        `json:"startedAt"`
	Program   string           `json:"program,omitempty"`
	Machine   Machine          `json:"machine"`
	Summary   string           `json:"summary,omitempty"`
	// Elsewhere says how this program and machine differ from those of the bundle.
	Elsewhere []string `json:"elsewhere"`
}

// Check reads a bundle and decides. An error means that it could not be read, not that it is bad.
func Check(dir string, o CheckOptions) (*Verdict, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	c := &checker{dir: dir, verdict: &Verdict{Problems: []string{}, Elsewhere: []string{}}}
	if !info.IsDir() {
		c.problem("%q is not a directory", filepath.Base(dir))
		return c.verdict, nil
	}
	if err := c.read(); err != nil {
		return nil, err
	}
	if manifest := c.manifest(); manifest != nil {
		c.files(manifest)
		c.signature(manifest, o)
		c.head(o)
		if report := c.report(); report != nil {
			c.judge(report)
			if err := c.derive(manifest, report, o); err != nil {
				return nil, err
			}
		}
	}
	c.verdict.Qualified = len(c.verdict.Problems) == 0
	return c.verdict, nil
}

// checker reads every file of a bundle once.
type checker struct {
	dir     string
	content map[string][]byte // of the regular files
	folders []string
	verdict *Verdict
}

func (c *checker) problem(format string, args ...any) {
	c.verdict.Problems = append(c.verdict.Problems, fmt.Sprintf(format, args...))
}

// largest is more than any file of a bundle has.
const largest = 64 << 20

func (c *checker) read() error {
	c.content = map[string][]byte{}
	return filepath.WalkDir(c.dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || file == c.dir {
			return err
		}
		relative, err := filepath.Rel(c.dir, file)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		info, err := d.Info()
		switch {
		case err != nil:
			return err
		case d.IsDir():
			c.folders = append(c.folders, name)
		case !d.Type().IsRegular():
			c.problem("%q is not a regular file", name)
		case info.Size() > largest:
			c.problem("%q is larger than any file of a bundle", name)
		default:
			c.content[name], err = os.ReadFile(file)
		}
		return err
	})
}

func (c *checker) manifest() *Manifest {
	text, exists := c.content[manifestFile]
	if !exists {
		c.problem("there is no %s: the run did not come to its end, or the manifest was removed", manifestFile)
		return nil
	}
	c.verdict.Head = headOf(text)
	var m Manifest
	if err := readDocument(text, &m); err != nil {
		c.problem("%s %v", manifestFile, err)
		return nil
	}
	if m.Format != format {
		c.problem("%s is of another format than %s", manifestFile, format)
		return nil
	}
	return &m
}

// files compares what is there with what the manifest lists, in both directions.
func (c *checker) files(m *Manifest) {
	expected, folders := map[string]bool{manifestFile: true, signatureFile: m.Signer != nil}, map[string]bool{}
	for i, f := range m.Files {
		if i > 0 && m.Files[i-1].Path >= f.Path {
			c.problem("%s is not in order at %q", manifestFile, f.Path)
		}
		expected[f.Path] = true
		for folder := path.Dir(f.Path); folder != "."; folder = path.Dir(folder) {
			folders[folder] = true
		}
		text, exists := c.content[f.Path]
		switch {
		case !exists:
			c.problem("%q is missing", f.Path)
		case int64(len(text)) != f.Bytes || hashOf(text) != f.SHA256:
			c.problem("%q was altered", f.Path)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.content)) {
		if !expected[name] {
			c.problem("%q was added", name)
		}
	}
	for _, folder := range c.folders {
		if !folders[folder] {
			c.problem("the directory %q was added", folder)
		}
	}
}

// signature verifies the signature with the key beside it, which proves that nothing was altered since, and
// with the keys given, which proves who signed.
func (c *checker) signature(m *Manifest, o CheckOptions) {
	if m.Signer == nil {
		if len(o.Keys) > 0 {
			c.problem("the bundle is not signed")
		}
		return
	}
	c.verdict.Signer = m.Signer
	var s SignatureDocument
	text, exists := c.content[signatureFile]
	if !exists {
		c.problem("%q is missing", signatureFile)
		return
	}
	if err := readDocument(text, &s); err != nil || s.Format != format {
		c.problem("%s %v", signatureFile, errForm)
		return
	}
	covers := s.Signature.Hash == hashOf(c.content[manifestFile]) && s.Signature.KeyID == m.Signer.KeyID &&
		s.Signature.Meaning == m.Signer.Meaning && reflect.DeepEqual(s.Signature.Signer, m.Signer.Identity)
	if !covers || s.Signature.Verify(s.PublicKey) != nil {
		c.problem("%s is not of this bundle", signatureFile)
		return
	}
	c.verdict.Proven = slices.ContainsFunc(o.Keys, func(key ed25519.PublicKey) bool { return s.Signature.Verify(key) == nil })
	if len(o.Keys) > 0 && !c.verdict.Proven {
		c.problem("none of the keys given signed the bundle")
	}
}

func (c *checker) head(o CheckOptions) {
	if o.Head != "" && o.Head != c.verdict.Head {
		c.problem("the head is not the one that was kept: this is another bundle")
	}
}

func (c *checker) report() *Report {
	text, exists := c.content[reportFile]
	if !exists {
		return nil // which is a problem already
	}
	var r Report
	if err := readDocument(text, &r); err != nil || r.Format != format {
		c.problem("%s %v", reportFile, errForm)
		return nil
	}
	return &r
}

// judge says what failed, and derives again what the report concludes.
func (c *checker) judge(r *Report) {
	v := c.verdict
	v.Executor, v.StartedAt, v.Program, v.Machine, v.Summary = r.Executor, r.StartedAt, r.Program.String(), r.Machine, r.String()
	for _, d := range r.Deviations {
		c.problem("deviation %d, in %s: %s", d.Number, d.Result, d.What)
	}
	if len(r.Installation) == 0 || len(r.Operation) == 0 {
		c.problem("the report has no results")
	}
	for _, result := range r.results() {
		if result.Status != result.settle() || slices.ContainsFunc(result.Steps, func(s Step) bool { return !s.right() }) {
			c.problem("the status of %s does not follow from its steps", result.ID)
		}
	}
	if !slices.Equal(r.Deviations, deviations(r.results())) || (r.Outcome == Passed) != (len(r.Deviations) == 0) {
		c.problem("the deviations of %s do not follow from its results", reportFile)
	}
}

// madeHere reports whether the program that checks made the bundle, and says how it and its machine differ from those of
// the bundle.
func (c *checker) madeHere(r *Report, o CheckOptions) (same bool, err error) {
	if o.Executable != "" {
		program, err := thisProgram(o.Executable)
		if err != nil {
			return false, err
		}
		same = program.SHA256 == r.Program.SHA256
		if !same {
			c.elsewhere(o, "another program: the one that checks has the SHA-256 "+program.SHA256)
		} else if equal, err := sameDocument(program, r.Program); err != nil || !equal {
			c.problem("%s describes this program otherwise than it is", reportFile)
		}
	}
	if machine := thisMachine(); machine != r.Machine {
		c.elsewhere(o, fmt.Sprintf("another machine or system: the one that checks is %s, %s, kernel %s", machine.Host, machine.System, machine.Kernel))
	}
	return same, nil
}

func (c *checker) elsewhere(o CheckOptions, how string) {
	c.verdict.Elsewhere = append(c.verdict.Elsewhere, how)
	if o.Here {
		c.problem("made by %s", how)
	}
}

// String is the verdict in capitals, as a procedure would quote it.
func (v *Verdict) String() string {
	if v.Qualified {
		return "QUALIFIED"
	}
	return "NOT QUALIFIED"
}
