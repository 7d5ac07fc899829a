// Package docs reads the Markdown pages of this repository, so that what they show can be tested,
// and compiles and runs the Go programs that they quote (in its tests).
//
// What a fenced block promises depends on its mark:
//
//   - sh: commands that a reader types. All of a page run in one bash session; lines that begin with
//     "go " stand in .ci/run instead.
//   - sql: a statement for the warehouse that the session has made, run in its turn.
//   - text right behind one of these: its standard output. See Matches for what "…" stands for.
//   - go: an excerpt of a file that is compiled in this repository.
//   - json and yaml: valid ones.
//
// Any other mark (console, ini, python …) is shown and not run.
package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Block is a fenced block of a page.
type Block struct {
	Lang string // the word behind the opening fence
	Text string // the lines between the fences, each with its line break
	Line int    // the number of the opening fence's line, from 1
	// Follows says that only blank lines stand between this block and the one before it.
	Follows bool
}

// Blocks returns the fenced blocks of a page in their order. A fence that is never closed, or an
// opening fence without a mark, is an error: the block would be checked by nothing.
func Blocks(page string) ([]Block, error) {
	var blocks []Block
	var open *Block
	follows := false
	number := 0
	for line := range strings.Lines(page) {
		number++
		trimmed := strings.TrimSpace(line)
		lang, fence := strings.CutPrefix(trimmed, "```")
		switch {
		case open != nil && trimmed == "```":
			blocks = append(blocks, *open)
			open, follows = nil, true
		case open != nil:
			open.Text += strings.TrimRight(line, "\r\n") + "\n"
		case fence && lang == "":
			return nil, fmt.Errorf("line %d: the block has no mark", number)
		case fence:
			open = &Block{Lang: lang, Line: number, Follows: follows}
		case trimmed != "":
			follows = false
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block has no end", open.Line)
	}
	return blocks, nil
}

// Page is a Markdown page of the repository.
type Page struct {
	Path   string // slash-separated, from the repository's root
	Text   string
	Blocks []Block
}

// Pages reads the pages that tell a user what to do: README.md, CONTRIBUTING.md and those of docs.
func Pages(root string) ([]Page, error) {
	names := []string{"README.md", "CONTRIBUTING.md"}
	more, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		return nil, err
	}
	for _, path := range more {
		names = append(names, "docs/"+filepath.Base(path))
	}
	var pages []Page
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		blocks, err := Blocks(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		pages = append(pages, Page{name, string(text), blocks})
	}
	return pages, nil
}

// Matches reports whether an output is the one that a page shows. A line of "…" alone stands for any
// number of lines, "…" within a line for any text; blanks at the end of a line do not count.
func Matches(shown, output string) bool {
	var pattern strings.Builder
	pattern.WriteString(`^`)
	for line := range strings.Lines(shown) {
		line = strings.TrimRight(line, " \n")
		if strings.TrimSpace(line) == "…" {
			pattern.WriteString(`(?:[^\n]*\n)*?`)
			continue
		}
		parts := strings.Split(line, "…")
		for i, part := range parts {
			parts[i] = regexp.QuoteMeta(part)
		}
		pattern.WriteString(strings.Join(parts, `[^\n]*`) + `[ \t]*\n`)
	}
	pattern.WriteString(`$`)
	if output != "" && !strings.HasSuffix(output, "\n") {
		output += "\n"
	}
	return regexp.MustCompile(pattern.String()).MatchString(output)
}
