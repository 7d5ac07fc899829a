package main

import (
	"bytes"
	"compress/flate"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet/extraction"
)

// writeResult writes what a run gives as the JSON of an extraction.ExtractionResult, one row a line. The
// longest list, that of laboratory results, is written as it comes; the others wait compressed, a
// twentieth of their size, until it ends. Nothing is put on disk.
func writeResult(w io.Writer, run *extraction.Run) error {
	result := newResultWriter(w)
	for subject, err := range run.Subjects() {
		if err != nil {
			return err
		}
		if err := result.add(subject); err != nil {
			return err
		}
	}
	return result.end()
}

// resultLists are the members for domains.
var resultLists = map[extraction.Domain]string{
	extraction.AE: "adverseEvents", extraction.PD: "protocolDeviations", extraction.DD: "deviceDeficiencies",
	extraction.ADSL: "adslRecords", extraction.ADAE: "adaeRecords", extraction.ADLB: "adlbRecords",
}

const (
	rejectedList = "validationErrors"
	findingList  = "findings"
)

type resultWriter struct {
	w     io.Writer
	lists map[string]*waitingList
	first int // rows of the list that is written as it comes
}

// waitingList is the compressed text of a list.
type waitingList struct {
	text bytes.Buffer
	z    *flate.Writer
	rows int
}

func newResultWriter(w io.Writer) *resultWriter {
	return &resultWriter{w: w, lists: map[string]*waitingList{}}
}

func (r *resultWriter) add(s extraction.SubjectRows) error {
	for _, row := range s.Rows {
		if err := r.put(resultLists[row.Domain], row); err != nil {
			return err
		}
	}
	for _, row := range s.Rejected {
		if err := r.put(rejectedList, row); err != nil {
			return err
		}
	}
	for _, finding := range s.Findings {
		if err := r.put(findingList, finding); err != nil {
			return err
		}
	}
	return nil
}

func (r *resultWriter) put(list string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if list == resultLists[extraction.ADLB] {
		start := "{\"" + list + "\": ["
		err = writeElement(r.w, start, r.first, text)
		r.first++
		return err
	}
	l := r.lists[list]
	if l == nil {
		l = &waitingList{}
		if l.z, err = flate.NewWriter(&l.text, flate.BestSpeed); err != nil {
			return err
		}
		r.lists[list] = l
	}
	err = writeElement(l.z, "", l.rows, text)
	l.rows++
	return err
}

// writeElement writes an element of an array; before the first of them stands start.
func writeElement(w io.Writer, start string, i int, text []byte) error {
	if i > 0 {
		start = ","
	}
	_, err := w.Write(append(append([]byte(start), '\n'), text...))
	return err
}

// end writes the lists that waited.
func (r *resultWriter) end() error {
	start := "\n]"
	if r.first == 0 {
		start = "{\"" + resultLists[extraction.ADLB] + "\": []"
	}
	if _, err := io.WriteString(r.w, start); err != nil {
		return err
	}
	names := []string{}
	for _, domain := range extraction.Domains()[:5] {
		names = append(names, resultLists[domain])
	}
	for _, name := range append(names, rejectedList, findingList) {
		if err := r.endList(name); err != nil {
			return err
		}
	}
	_, err := io.WriteString(r.w, "\n}\n")
	return err
}

func (r *resultWriter) endList(name string) error {
	if _, err := io.WriteString(r.w, ",\n\""+name+"\": ["); err != nil {
		return err
	}
	if l := r.lists[name]; l != nil {
		if err := l.z.Close(); err != nil {
			return err
		}
		if _, err := io.Copy(r.w, flate.NewReader(&l.text)); err != nil {
			return err
		}
		if _, err := io.WriteString(r.w, "\n"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(r.w, "]")
	return err
}
