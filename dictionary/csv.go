package dictionary

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxCell is the longest cell that is read. The longest of a real export has 9,212 bytes.
const maxCell = 16 << 20

// maxColumns and maxRows are the most of a file that are read. A real export has 55 columns and 1,989 rows at most; a
// cell that is one comma takes many times its size in memory.
const (
	maxColumns = 1_000
	maxRows    = 250_000
)

// maxMarkup is how many tags and attributes the rules of an export may have, counted by the characters that each of them has one
// of. An element of four characters takes some 200 bytes in memory. The rules of a real export have about 100,000.
const maxMarkup = 4_000_000

// maxCommas is the most cells of a file, of which one of a single character takes some 50 bytes. The questions of a real export are 76,000
// cells.
const maxCommas = 20_000_000

// Table is one CSV file of an export, cell by cell. Writing it reproduces the bytes that were read,
// except for changed rows.
type Table struct {
	File   string   // name as found, such as FORMS.csv
	Header []string // as written
	Rows   []Row

	head    string // everything before the first data row: byte order mark, header, blank lines
	newline string // of the header's line, for rows that are written anew
}

// Row is one record of a Table.
type Row struct {
	Number int      // number of the data row, from 1; blank lines are not counted
	Cells  []string // as written, without quotes; a row may have fewer or more cells than the header

	raw     string // the row and its line end, and blank lines behind it
	changed bool
}

// cell returns the cell of a column and whether the row has one.
func (r *Row) cell(column int) (string, bool) {
	if column < 0 || column >= len(r.Cells) {
		return "", false
	}
	return r.Cells[column], true
}

// SetCell changes a cell. The row is then rewritten with its other cells unchanged; missing cells
// up to the column become blank.
func (t *Table) SetCell(row, column int, text string) {
	r := &t.Rows[row]
	for len(r.Cells) <= column {
		r.Cells, r.changed = append(r.Cells, ""), true
	}
	if r.Cells[column] != text {
		r.Cells[column], r.changed = text, true
	}
}

// AppendTo appends the file to b.
func (t *Table) AppendTo(b []byte) []byte {
	b = append(b, t.head...)
	for i := range t.Rows {
		r := &t.Rows[i]
		if !r.changed {
			b = append(b, r.raw...)
			continue
		}
		b = append(appendRow(b, r.Cells), t.newline...)
	}
	return b
}

// appendRow writes cells with commas between them. A row of one blank cell has quotes, since a blank line is no row.
func appendRow(b []byte, cells []string) []byte {
	if len(cells) == 1 && cells[0] == "" {
		return append(b, `""`...)
	}
	for c, text := range cells {
		if c > 0 {
			b = append(b, ',')
		}
		b = appendCell(b, text)
	}
	return b
}

// appendCell quotes a cell exactly when a real export does: when it holds a blank, tab, line break,
// comma, quote or backslash.
func appendCell(b []byte, text string) []byte {
	if !strings.ContainsAny(text, " \t\r\n,\"\\") {
		return append(b, text...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(text, `"`, `""`)...)
	return append(b, '"')
}

// scanTable reads a file as Python's csv module does: blank lines are skipped, a quote inside an
// unquoted cell is literal, text behind a closing quote is appended, and CR, LF and CRLF all end a row.
// Only the header is kept if nothing but the findings is wanted.
func scanTable(file, data string, find *findings, headerOnly bool) *Table {
	t := &Table{File: file, newline: "\n"}
	if !utf8.ValidString(data) || strings.IndexByte(data, 0) >= 0 { // of UTF-16 without a mark every second byte is 0
		find.badText(file, data)
		return t
	}
	if problem := tooMuch(file, data); problem != "" {
		find.add(Finding{Code: TableTooLarge, Severity: Error, File: file, Message: problem})
		return t
	}
	s := &csvScanner{data: data, find: find, table: t}
	if strings.HasPrefix(data, "\ufeff") {
		s.pos = len("\ufeff")
	}
	s.skipBlankLines()
	start := s.pos
	if s.pos < len(data) {
		t.Header = slices.Clone(s.row())
		t.newline = lineEnd(data[start:s.pos])
		s.skipBlankLines()
	} else {
		find.add(emptyFile(file))
	}
	t.head = data[:s.pos]
	var rows gathered[Row]
	for s.pos < len(data) {
		from := s.pos
		s.number++
		var cells []string
		if s.number > maxRows {
			s.leave("the file has more than 250,000 rows")
		} else {
			cells = s.row()
		}
		s.skipBlankLines()
		if !headerOnly {
			rows.add(Row{Number: s.number, Cells: slices.Clone(cells), raw: data[from:s.pos]})
		}
	}
	t.Rows = rows.after(nil)
	return t
}

// tooMuch says what a file has too much of to be read at all; "" for nothing.
func tooMuch(file, data string) string {
	switch {
	case strings.Count(data, ",") > maxCommas:
		return "the file has more than 20,000,000 commas"
	case file == RulesFile && strings.Count(data, "<")+strings.Count(data, "=") > maxMarkup:
		return "the file has more than 4,000,000 of the characters < and =, of which logic has one for each tag and attribute"
	}
	return ""
}

// lineEnd returns how a line ends, \n where it does not.
func lineEnd(line string) string {
	switch {
	case strings.HasSuffix(line, "\r\n"):
		return "\r\n"
	case strings.HasSuffix(line, "\r"):
		return "\r"
	}
	return "\n"
}

// csvScanner walks the rows of one file. Cells share its memory, except for those with quotes inside.
type csvScanner struct {
	data   string
	pos    int
	number int
	table  *Table
	find   *findings
	cells  []string // of the row

	behindQuotes, firstBehindQuote int // how many of the row's cells have text behind a quote, and the finding of the first
}

func (s *csvScanner) skipBlankLines() {
	for s.pos < len(s.data) && (s.data[s.pos] == '\n' || s.data[s.pos] == '\r') {
		s.pos++
	}
}

// row reads the cells up to the end of the line. They are valid until the next call.
func (s *csvScanner) row() []string {
	s.cells, s.behindQuotes = s.cells[:0], 0
	defer s.sayHowManyBehindQuotes()
	for {
		text := s.cell()
		if len(text) > maxCell {
			s.note(CellTooLong, "the cell is longer than 16 MiB and was cut")
			text = text[:maxCell]
		}
		if len(s.cells) == maxColumns {
			s.leave("a row has more than 1,000 cells")
			return s.cells
		}
		s.cells = append(s.cells, text)
		if s.pos >= len(s.data) {
			return s.cells
		}
		c := s.data[s.pos]
		s.pos++
		if c == ',' {
			continue
		}
		if c == '\r' && s.pos < len(s.data) && s.data[s.pos] == '\n' {
			s.pos++
		}
		return s.cells
	}
}

// cell reads one cell and stops at the comma, line break or end behind it.
func (s *csvScanner) cell() string {
	if s.pos >= len(s.data) || s.data[s.pos] != '"' {
		return s.unquoted()
	}
	s.pos++
	var quoted strings.Builder // what stands before the last quote inside the cell
	for {
		end := strings.IndexByte(s.data[s.pos:], '"')
		if end < 0 {
			s.note(QuoteOpen, "the file ends inside a quoted cell")
			part := s.data[s.pos:]
			s.pos = len(s.data)
			return joined(&quoted, part)
		}
		part := s.data[s.pos : s.pos+end]
		s.pos += end + 1
		if s.pos < len(s.data) && s.data[s.pos] == '"' {
			quoted.WriteString(part + `"`)
			s.pos++
			continue
		}
		rest := s.unquoted()
		if rest != "" {
			s.noteBehindQuote()
			part += rest
		}
		return joined(&quoted, part)
	}
}

// joined leaves a part of the file where it is if nothing stands before it.
func joined(before *strings.Builder, part string) string {
	if before.Len() == 0 {
		return part
	}
	before.WriteString(part)
	return before.String()
}

func (s *csvScanner) unquoted() string {
	from := s.pos
	end := strings.IndexAny(s.data[from:], ",\r\n")
	if end < 0 {
		end = len(s.data) - from
	}
	s.pos = from + end
	return s.data[from:s.pos]
}

// leave reads no more of the file, which is kept as it is.
func (s *csvScanner) leave(message string) {
	s.note(TableTooLarge, message)
	s.pos = len(s.data)
}

// noteBehindQuote reports text behind a closing quote once for a row: every cell may have some.
func (s *csvScanner) noteBehindQuote() {
	if s.behindQuotes == 0 {
		s.firstBehindQuote = len(s.find.list)
		s.note(TextBehindQuote, "text follows a closing quote; it was taken as part of the cell")
	}
	s.behindQuotes++
}

func (s *csvScanner) sayHowManyBehindQuotes() {
	if s.behindQuotes > 1 {
		s.find.list[s.firstBehindQuote].Message += fmt.Sprintf(", as it was in %d more of the row", s.behindQuotes-1)
	}
}

func (s *csvScanner) note(code Code, message string) {
	column := ""
	if len(s.cells) < len(s.table.Header) {
		column = s.table.Header[len(s.cells)]
	}
	severity := Warning
	if code == CellTooLong || code == TableTooLarge {
		severity = Error // what is cut, or not read, is lost
	}
	s.find.add(Finding{Code: code, Severity: severity, File: s.table.File, Row: s.number, Column: column, Message: message})
}
