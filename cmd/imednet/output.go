package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/term"

	"github.com/imednetgo/imednet"
)

// writeJSON writes one document and a line break. What marshals itself is written byte for byte.
func (a *app) writeJSON(v any) error {
	if m, ok := v.(json.Marshaler); ok {
		text, err := m.MarshalJSON()
		if err != nil {
			return err
		}
		_, err = a.out.Write(append(text, '\n'))
		return err
	}
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// listing says how rows are listed: in columns, and with --json as the server sent them or as they are stored.
type listing[T any] struct {
	columns []column[T]
	encode  func(T) (jsontext.Value, error)
}

// writeRows writes rows while they are read, in the form that was asked for; with --json, an array of the
// rows as they are. It returns how many there were.
func writeRows[T any](a *app, o listOptions, rows iter.Seq2[T, error], l listing[T]) (int64, error) {
	if a.json {
		return writeArray(a.out, rows, l.encode)
	}
	return list(a, o, l.columns, rows)
}

// inTable reports whether rows are listed as a table; other forms have rows alone.
func (a *app) inTable(o listOptions) bool { return !a.json && o.format == "table" }

// counted writes how many rows a table had, if it was written without an error.
func (a *app) counted(err error, o listOptions, n int64, what string) error {
	if err != nil || !a.inTable(o) {
		return err
	}
	return a.printf("%d %s\n", n, what)
}

// noteLeftOut says on standard error what a listing that has rows alone left out.
func (a *app) noteLeftOut(err error, deleted int64) error {
	if err == nil && deleted > 0 {
		_, err = fmt.Fprintf(a.errOut, "%d deleted records left out; --include-deleted lists them\n", deleted)
	}
	return err
}

// noteUnclear says on standard error what conditions on answers could not decide.
func (a *app) noteUnclear(err error, unclear int64) error {
	if err == nil && unclear > 0 {
		_, err = fmt.Fprintf(a.errOut, "%d records left out because an answer is ambiguous: %s\n", unclear, whyUnclear)
	}
	return err
}

// noteDoubtful says on standard error how many of the records that were left out as deleted may not be.
func (a *app) noteDoubtful(err error, doubtful int64) error {
	if err == nil && doubtful > 0 {
		_, err = fmt.Fprintf(a.errOut, "%d of the records left out as deleted have a deletion flag that %s\n", doubtful, whyDoubtful)
	}
	return err
}

// printDoubtful says below a report how many of the records that it counts as deleted may not be.
func (a *app) printDoubtful(doubtful int64) error {
	if doubtful == 0 {
		return nil
	}
	return a.printf("%d of the deleted have a deletion flag that %s.\n", doubtful, whyDoubtful)
}

const whyDoubtful = "is neither true nor false: ask the operator of the server"

const whyUnclear = "several spellings of the variable have one, and none is the variable's own"

// orFirst prefers the error that came first.
func orFirst(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// writeArray writes rows while they are read. An error before the first one leaves nothing behind;
// after a later one the bracket stays open, so that nobody takes a part for the whole.
func writeArray[T any](w io.Writer, rows iter.Seq2[T, error], encode func(T) (jsontext.Value, error)) (n int64, err error) {
	separator := "[\n"
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		text, err := encode(row)
		if err != nil {
			return n, err
		}
		if _, err := io.WriteString(w, separator+string(text)); err != nil {
			return n, err
		}
		separator = ",\n"
		n++
	}
	end := "\n]\n"
	if n == 0 {
		end = "[\n]\n"
	}
	_, err = io.WriteString(w, end)
	return n, err
}

// terminalWidth is the number of columns of the terminal that w is; false when it is none.
func terminalWidth(w io.Writer) (int, bool) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	return width, err == nil && width > 0
}

func number[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// The cell of a member of a row: empty when the row has none.

func textCell(o imednet.Opt[string]) string { return o.Or("") }

func timeCell(o imednet.Opt[imednet.Time]) string {
	if t, ok := o.Get(); ok {
		return t.String()
	}
	return ""
}

// clockCell shows an instant as the API's times are shown, in UTC and without parts of a second.
func clockCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}

// clockText is clockCell of an instant that isoTime wrote.
func clockText(iso string) string {
	t, err := imednet.ParseInstant(iso)
	if err != nil {
		return iso
	}
	return clockCell(t)
}

func flagCell(o imednet.Opt[bool], text string) string {
	if o.Or(false) {
		return text
	}
	return ""
}

// writeLine writes a value on one line, for streams of events.
func (a *app) writeLine(v any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
