package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/wire"
)

const pageRows = 500

var decodeJobs = []job{
	{name: "scan a page's tokens", run: pages(scanTokens)},
	{name: "decode a page", limit: "scan a page's tokens", streams: true, run: pages(decodeRows)},
	{name: "make the test server's rows", run: makeRows},
	{name: "list from the test server in memory", limit: "make the test server's rows", run: listInMemory},
}

// pages reads one page of records again and again.
func pages(read func(page []byte) (rows int64, err error)) func(*work) error {
	return func(w *work) error {
		var raw [][]byte
		for record := range records(newStudy(max(min(w.Rows, pageRows), 1))) {
			raw = append(raw, record.Raw)
		}
		page := fmt.Appendf(nil, `{"pagination":{"totalElements":%d},"data":[%s]}`, len(raw), bytes.Join(raw, []byte{','}))
		return w.measure(func() (rows int64, err error) {
			for rows < int64(w.Rows) && err == nil {
				var n int64
				n, err = read(page)
				rows += n
			}
			return rows, err
		})
	}
}

// lenient is how the library reads.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

func newDecoder(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), lenient...)
}

// scanTokens checks every token once and keeps nothing: the limit for anything that checks its JSON.
func scanTokens(page []byte) (rows int64, err error) {
	dec := newDecoder(page)
	for {
		t, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		if t.Kind() == '}' && dec.StackDepth() == 2 {
			rows++
		}
	}
}

var pageMemory wire.Memory[imednet.Record]

// decodeRows does what rest does: typed fields, the raw row, its unknown members and its misfits.
func decodeRows(page []byte) (rows int64, err error) {
	p, err := wire.ParsePage(wire.Records, wire.Ask{Size: pageRows, Rising: true}, http.Header{}, page, &pageMemory)
	if err == nil && p.Misfits {
		err = errors.New("a member does not fit its type")
	}
	rows = int64(len(p.Rows))
	pageMemory.Keep(p)
	return rows, err
}

func makeRows(w *work) error {
	study := newStudy(w.Rows)
	return w.measure(func() (rows int64, err error) {
		for range records(study) {
			rows++
		}
		return rows, nil
	})
}

func listInMemory(w *work) error {
	client := imednettest.NewServer(newStudy(w.Rows)).Client()
	return w.measure(func() (int64, error) { return count(client.Records(w.ctx, studyKey, imednet.ListOptions{})) })
}
