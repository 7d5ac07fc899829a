// Package decode measures how fast a page of records is read, beside scanning the same bytes
// with the same scanner and doing nothing: the limit for anything that checks its JSON.
//
//	go test -bench . ./bench/decode
package decode

import (
	"bytes"
	stdjson "encoding/json"
	"io"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// page is the data of a full page: 500 records as a JSON list.
func page(b *testing.B) []byte {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600})
	var rows [][]byte
	for _, id := range study.RecordIDs()[:500] {
		rec, _ := study.Record(id)
		rows = append(rows, rec.Raw)
	}
	return append(append([]byte{'['}, bytes.Join(rows, []byte{','})...), ']')
}

// rows yields the rows of a page one by one.
func rows(b *testing.B, data []byte, each func(jsontext.Value)) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		b.Fatal(err)
	}
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			b.Fatal(err)
		}
		each(raw)
	}
}

func run(b *testing.B, read func(data []byte) int) {
	data := page(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if n := read(data); n != 500 {
			b.Fatalf("%d rows", n)
		}
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkScan is the limit: every token is checked once, nothing is kept.
func BenchmarkScan(b *testing.B) {
	run(b, func(data []byte) int {
		dec := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		n := 0
		for {
			t, err := dec.ReadToken()
			if err == io.EOF {
				return n
			}
			if err != nil {
				b.Fatal(err)
			}
			if t.Kind() == '}' && dec.StackDepth() == 1 {
				n++
			}
		}
	})
}

// BenchmarkValues skips over the rows value by value: the limit for reading rows without looking
// into them.
func BenchmarkValues(b *testing.B) {
	run(b, func(data []byte) (n int) {
		rows(b, data, func(jsontext.Value) { n++ })
		return n
	})
}

// BenchmarkDecode is what rest does: typed fields, the raw row and its unknown members.
func BenchmarkDecode(b *testing.B) {
	run(b, func(data []byte) (n int) {
		rows(b, data, func(raw jsontext.Value) {
			if _, err := imednet.Decode[imednet.Record](raw); err != nil {
				b.Fatal(err)
			}
			n++
		})
		return n
	})
}

// BenchmarkDecodeAndMisfits adds the watch for drift that a client with a logger does.
func BenchmarkDecodeAndMisfits(b *testing.B) {
	run(b, func(data []byte) (n int) {
		rows(b, data, func(raw jsontext.Value) {
			rec, err := imednet.Decode[imednet.Record](raw)
			if err != nil || len(imednet.Misfits(&rec)) > 0 {
				b.Fatal("misfit")
			}
			n++
		})
		return n
	})
}

// BenchmarkMaps is the usual way: encoding/json into maps, which loses number text, key order and
// keys that differ in case only.
func BenchmarkMaps(b *testing.B) {
	run(b, func(data []byte) int {
		var list []map[string]any
		if err := stdjson.Unmarshal(data, &list); err != nil {
			b.Fatal(err)
		}
		return len(list)
	})
}
