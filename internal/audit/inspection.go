package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/imednetgo/imednet/internal/fsync"
)

// Inspection is a copy of an audited store for people and programs that have neither the store nor
// this library: a folder with the log as one JSON object a line, a page to read, a script that checks
// both, and a manifest with the hashes of all of them.
type Inspection struct {
	dir      string
	chain    Chain
	manifest Manifest
}

// Manifest says what an inspection copy holds. How its log is hashed stands in the script alone: whoever rewrites a
// copy rewrites its manifest too, and a script that was kept elsewhere must know what to compare.
type Manifest struct {
	Store string            `json:"store"` // "triage", "configurations" or "submissions"
	Heads []string          `json:"heads"` // as they stand in the log
	Files map[string]string `json:"files"` // name → SHA-256
}

// Chain says how the lines of a log are hashed.
type Chain struct {
	Store    string   `json:"store"` // as the manifest names it
	Head     string   `json:"head"`  // begins the lines of heads
	File     string   `json:"file"`
	Domain   string   `json:"domain"`
	Fields   []string `json:"fields"` // hashed, in order
	Group    string   `json:"group"`  // the member that chains are apart by; empty: one chain
	Previous string   `json:"previous"`
	Hash     string   `json:"hash"`
	Bodies   string   `json:"bodies,omitempty"`   // the file whose members body have the SHA-256 commit_id
	Attached string   `json:"attached,omitempty"` // begins the names of the files that the details of lines list, by SHA-256
	Key      []string `json:"key,omitempty"`      // the members that say which row a line is about
	Fixed    []string `json:"fixed,omitempty"`    // the hashes that no later line of a row changes
	Rows     []Rows   `json:"rows,omitempty"`     // what the lines are about, as it is now
}

// Rows says how the rows of a file are hashed into the lines of a log. Every row has a line, and every
// key of the log a row.
type Rows struct {
	File   string            `json:"file"`
	Hashes map[string]Hashed `json:"hashes"` // the member of a line → what it is the hash of
}

// Hashed are the members of a row that a hash covers.
type Hashed struct {
	Domain string   `json:"domain"`
	Fields []string `json:"fields"` // in order
}

//go:embed check.py
var checkScript string

// script is the script for copies of one kind of store.
func (c Chain) script() (string, error) {
	text, err := json.Marshal(c) // whose lists and texts are also Python's
	return strings.Replace(checkScript, "chain = {}", "chain = "+string(text), 1), err
}

// NewInspection makes the folder, which must not exist.
func NewInspection(dir string, chain Chain) (*Inspection, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	return &Inspection{dir, chain, Manifest{Store: chain.Store, Heads: []string{}, Files: map[string]string{}}}, nil
}

// Head notes the end of a log.
func (i *Inspection) Head(line string) { i.manifest.Heads = append(i.manifest.Heads, line) }

// inspectionFile hashes what is written to it.
type inspectionFile struct {
	*bufio.Writer
	file *os.File
	sum  hash.Hash
	done func(sum string)
}

// Create makes a file of the copy.
func (i *Inspection) Create(name string) (io.WriteCloser, error) {
	f, err := os.OpenFile(filepath.Join(i.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	return &inspectionFile{bufio.NewWriter(io.MultiWriter(f, sum)), f, sum, func(sum string) { i.manifest.Files[name] = sum }}, nil
}

// Close makes the file durable and notes its hash.
func (f *inspectionFile) Close() error {
	err := errors.Join(f.Flush(), f.file.Sync(), f.file.Close())
	f.done(hex.EncodeToString(f.sum.Sum(nil)))
	return err
}

// Lines writes a file of one JSON object a line.
func (i *Inspection) Lines(name string, each func(write func(any) error) error) error {
	f, err := i.Create(name)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(f)
	encoder.SetEscapeHTML(false)
	return errors.Join(each(encoder.Encode), f.Close())
}

// Sheet is a table that people read.
type Sheet struct {
	Title   string // "" where it is the only one
	Columns []string
	Rows    [][]string
}

var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title>
<style>body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}th,td{border:1px solid #595959;padding:.3em .6em;text-align:left;vertical-align:top}</style>
</head><body><h1>{{.Title}}</h1>
<p>Check this copy with: <code>python3 check.py .</code>, and give it the heads that you kept elsewhere.</p>
<ul>{{range .Heads}}<li><code>{{.}}</code></li>{{end}}</ul>
{{range .Sheets}}{{with .Title}}<h2>{{.}}</h2>
{{end}}<table><thead><tr>{{range .Columns}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</tbody></table>
{{end}}</body></html>
`))

// Finish writes the page, the script and the manifest, and makes the folder durable.
func (i *Inspection) Finish(title string, sheets ...Sheet) error {
	shown := struct {
		Title  string
		Heads  []string
		Sheets []Sheet
	}{title, i.manifest.Heads, sheets}
	script, err := i.chain.script()
	if err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) error{
		"index.html": func(w io.Writer) error { return page.Execute(w, shown) },
		"check.py":   func(w io.Writer) error { _, err := io.WriteString(w, script); return err },
	} {
		f, err := i.Create(name)
		if err != nil {
			return err
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text) // whose bytes are also Python's
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(i.manifest); err != nil {
		return err
	}
	name := filepath.Join(i.dir, "manifest.json")
	if err := os.WriteFile(name, text.Bytes(), 0o600); err != nil {
		return err
	}
	return errors.Join(fsync.File(name), fsync.Dir(i.dir))
}
