package formats

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// document is what docs/formats.md and the pages beside it say, section by section.
type document struct {
	t        *testing.T
	sections []*section
}

// section is a heading with its table, if any, and the lines of text around it.
type section struct {
	page    string // "mirror" for docs/formats/mirror.md
	heading string // without # and backticks: "Table imednet_study"
	header  []string
	rows    [][]string
	text    []string
	checked bool
}

func readDocument(t *testing.T) *document {
	root := filepath.Join("..", "..", "docs")
	pages, err := filepath.Glob(filepath.Join(root, "formats", "*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	d := &document{t: t}
	for _, path := range append(pages, filepath.Join(root, "formats.md")) {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		d.parse(strings.TrimSuffix(filepath.Base(path), ".md"), string(content))
	}
	return d
}

func (d *document) parse(page, content string) {
	current := &section{page: page}
	inCode := false
	for line := range strings.Lines(content) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			inCode = !inCode
		case inCode:
			current.text = append(current.text, line)
		case strings.HasPrefix(line, "#"):
			current = &section{page: page, heading: plain(strings.TrimLeft(line, "#"))}
			d.sections = append(d.sections, current)
		case strings.HasPrefix(line, "|"):
			current.addRow(d.t, line)
		default:
			current.text = append(current.text, line)
		}
	}
}

// addRow takes a line of a table. A section has one table at most, so that its name is enough to
// find it.
func (s *section) addRow(t *testing.T, line string) {
	line = strings.ReplaceAll(line, `\|`, "\x00")
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", "|"))
	}
	switch {
	case s.header == nil:
		s.header = cells
	case strings.Trim(strings.Join(cells, ""), "- :") == "":
	default:
		require.Len(t, cells, len(s.header), "%s: %q has another number of cells than its header", s, line)
		s.rows = append(s.rows, cells)
	}
}

func (s *section) String() string { return s.page + ", " + s.heading }

// plain removes what only marks text up.
func plain(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "`", ""))
}

// line returns what follows a word at the beginning of a line of the section, "" without one.
func (s *section) line(word string) string {
	for _, l := range s.text {
		if rest, ok := strings.CutPrefix(l, word+":"); ok {
			return strings.TrimSuffix(plain(rest), ".")
		}
	}
	return ""
}

// column returns the cells of a column.
func (s *section) column(name string) []string {
	i := slices.Index(s.header, name)
	var cells []string
	for _, row := range s.rows {
		if i >= 0 {
			cells = append(cells, plain(row[i]))
		}
	}
	return cells
}

// find returns the section of a page with this heading, and notes that it was checked.
func (d *document) find(page, heading string) *section {
	for _, s := range d.sections {
		if s.page == page && s.heading == heading {
			s.checked = true
			return s
		}
	}
	d.t.Errorf("docs: page %s has no section %q", page, heading)
	return &section{page: page, heading: heading}
}

// fact is one row of a table that a test has found out: a column, a member, a value.
type fact struct{ name, typ string }

// compare holds a table of the document against facts, both ways, in order.
func (d *document) compare(s *section, facts []fact) {
	d.t.Helper()
	if len(s.header) == 0 {
		d.t.Errorf("%s: has no table; it should list %v", s, facts)
		return
	}
	said := map[string]string{}
	var order, real []string
	for _, row := range s.rows {
		name := plain(row[0])
		if _, twice := said[name]; twice {
			d.t.Errorf("%s: %s stands there twice", s, name)
		}
		said[name] = plain(row[1])
		order = append(order, name)
	}
	for _, f := range facts {
		real = append(real, f.name)
		switch typ, known := said[f.name]; {
		case !known:
			d.t.Errorf("%s: %s (%s) exists and is not described", s, f.name, f.typ)
		case f.typ != "" && typ != f.typ:
			d.t.Errorf("%s: %s is described as %q and is %q", s, f.name, typ, f.typ)
		}
		delete(said, f.name)
	}
	for name := range said {
		d.t.Errorf("%s: %s is described and does not exist", s, name)
	}
	if len(said) == 0 && len(order) == len(real) && !slices.Equal(order, real) {
		d.t.Errorf("%s: the order is %v", s, real)
	}
}

// compareSets is compare for facts without an order, which may come more than once.
func (d *document) compareSets(s *section, facts []fact) {
	d.t.Helper()
	seen := map[fact]bool{}
	var once []fact
	for _, name := range append(s.column(s.first()), "") {
		for _, f := range facts {
			if !seen[f] && (f.name == name || name == "") {
				seen[f] = true
				once = append(once, f)
			}
		}
	}
	d.compare(s, once)
}

// first is the name of the table's first column.
func (s *section) first() string {
	if len(s.header) == 0 {
		return ""
	}
	return s.header[0]
}

// checkAll demands that every table was held against something real.
func (d *document) checkAll() {
	for _, s := range d.sections {
		if len(s.header) > 0 && !s.checked && !slices.Contains(unchecked, s.first()) {
			d.t.Errorf("%s: nothing checks its table", s)
		}
	}
}

// unchecked are the first words of tables that explain and describe nothing that can be read back; that of
// actions is held by the command's tests.
var unchecked = []string{"page", "form", "word", "proof", "action"}
