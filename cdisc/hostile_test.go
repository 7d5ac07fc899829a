package cdisc

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readXPT reads a whole file.
func readXPT(data []byte) (memory, error) {
	r, err := NewXPTReader(bytes.NewReader(data))
	if err != nil {
		return memory{}, err
	}
	return readAll(r)
}

func readJSON(data []byte) (memory, error) {
	r, err := NewJSONReader(bytes.NewReader(data))
	if err != nil {
		return memory{}, err
	}
	return readAll(r)
}

func TestDamagedXPTIsRefused(t *testing.T) {
	good := writeXPT(t, allKinds(t), XPT5)
	good8 := writeXPT(t, longNames(), XPT8)
	edit := func(data []byte, at int, with string) []byte {
		data = bytes.Clone(data)
		copy(data[at:], with)
		return data
	}
	namestr := 8 * xptRecord
	observations := bytes.Index(good, []byte("HEADER RECORD*******OBS")) + xptRecord
	for name, data := range map[string][]byte{
		"empty":                {},
		"not XPORT":            []byte(strings.Repeat("x", 800)),
		"cut in the headers":   good[:700],
		"cut in a row":         good[:len(good)-xptRecord],
		"no multiple of 80":    good[:len(good)-3],
		"a type of 3":          edit(good, namestr, "\x00\x03"),
		"a length of 0":        edit(good, namestr+4, "\x00\x00"),
		"a negative length":    edit(good, namestr+4, "\xff\xff"),
		"another number":       edit(good, namestr+6, "\x00\x09"),
		"another position":     edit(good, namestr+xptNamestr+84, "\x00\x00\x00\x09"),
		"0 variables":          edit(good, 7*xptRecord+48, "0000000000"),
		"no number":            edit(good, observations+4+11+11+8-8+6, "\x80\x00\x00\x00\x00\x00\x00\x00"),
		"text that is no text": edit(good, observations, "\xff\xfe"),
		"count 3 of 4":         bytes.Replace(good8, []byte("!!!!!!!              4"), []byte("!!!!!!!              3"), 1),
		"count 5 of 4":         bytes.Replace(good8, []byte("!!!!!!!              4"), []byte("!!!!!!!              5"), 1),
		"no number of labels":  bytes.Replace(good8, []byte("LABELV8 HEADER RECORD!!!!!!!2"), []byte("LABELV8 HEADER RECORD!!!!!!!x"), 1),
		"0 labels":             bytes.Replace(good8, []byte("LABELV8 HEADER RECORD!!!!!!!2"), []byte("LABELV8 HEADER RECORD!!!!!!!0"), 1),
		"9 labels":             bytes.Replace(good8, []byte("LABELV8 HEADER RECORD!!!!!!!2"), []byte("LABELV8 HEADER RECORD!!!!!!!9"), 1),
		"1 label of 2":         bytes.Replace(good8, []byte("LABELV8 HEADER RECORD!!!!!!!2"), []byte("LABELV8 HEADER RECORD!!!!!!!1"), 1),
		"label of another":     bytes.Replace(good8, []byte("A_VARIABLE_NAME_OF_MORE_THAN_8A label"), []byte("B_VARIABLE_NAME_OF_MORE_THAN_8A label"), 1),
		"two datasets":         append(bytes.Clone(good), good...),
	} {
		_, err := readXPT(data)
		require.ErrorIs(t, err, ErrFormat, name)
		require.NotContains(t, err.Error(), "DEMO-01", name)
	}
}

func TestDamagedDatasetJSONIsRefused(t *testing.T) {
	good := string(writeJSON(t, allKinds(t), JSON))
	lines := string(writeJSON(t, allKinds(t), NDJSON))
	packed := writeJSON(t, allKinds(t), DSJC)
	for name, data := range map[string]string{
		"empty":              "",
		"an array":           "[]",
		"cut":                good[:len(good)-4],
		"something behind":   good + "{}",
		"fewer rows":         strings.Replace(good, `"records":3`, `"records":4`, 1),
		"more rows":          strings.Replace(lines, `"records":3`, `"records":2`, 1),
		"a value too many":   strings.Replace(good, `"one",0.1`, `"one",1,0.1`, 1),
		"a value too few":    strings.Replace(good, `"one",0.1`, `"one"`, 1),
		"text for a number":  strings.Replace(good, `"one",0.1`, `"one","0.1"`, 1),
		"number for a text":  strings.Replace(good, `"one",0.1`, `1,0.1`, 1),
		"NaN":                strings.Replace(good, `"one",0.1`, `"one",NaN`, 1),
		"beyond a float64":   strings.Replace(good, `"one",0.1`, `"one",1e999`, 1),
		"read as 0":          strings.Replace(good, `"one",0.1`, `"one",1e-400`, 1),
		"read as -0":         strings.Replace(good, `"one",0.1`, `"one",-0.`+strings.Repeat("0", 400)+`12`, 1),
		"no such date":       strings.Replace(good, `"2014-01-02"`, `"2014-02-30"`, 1),
		"half a date":        strings.Replace(good, `"2014-01-02"`, `"2014-01"`, 1),
		"no decimal":         strings.Replace(good, `"70.50"`, `"70,50"`, 1),
		"version 1.0":        strings.Replace(good, `"1.1.0"`, `"1.0.0"`, 1),
		"no columns":         strings.Replace(good, `"columns":[`, `"colums":[`, 1),
		"a type of another":  strings.Replace(good, `"dataType":"float"`, `"dataType":"blob"`, 1),
		"a member twice":     strings.Replace(good, `"name":"TST",`, `"name":"TST","name":"TST",`, 1),
		"not UTF-8":          strings.Replace(good, `"one"`, "\"\xff\"", 1),
		"records is null":    strings.Replace(good, `"records":3`, `"records":null`, 1),
		"records is 3.0":     strings.Replace(good, `"records":3`, `"records":3.0`, 1),
		"a column is text":   strings.Replace(good, `"columns":[`, `"columns":["x",`, 1),
		"columns is null":    strings.Replace(good, `"columns":[`, `"columns":null,"x":[`, 1),
		"text behind packed": string(packed) + "x",
		"packed twice":       string(packed) + string(packed),
		"gzip and more":      string(gzipped(t, []byte(lines))) + "x",
		"gzip twice":         string(gzipped(t, []byte(lines))) + string(gzipped(t, []byte(lines))),
		"not UTF-8 at all":   "\xff\xfe{\x00",
		"a mark before it":   "\ufeff" + good,
		"packed and cut":     string(packed[:len(packed)-20]),
		"packed and damaged": string(packed[:60]) + "xxxx" + string(packed[64:]),
	} {
		_, err := readJSON([]byte(data))
		require.ErrorIs(t, err, ErrFormat, name)
		require.NotContains(t, err.Error(), "DEMO-01", name)
	}
}

// TestSmallNumbersOfDatasetJSON reads zeros and the least number that is none.
func TestSmallNumbersOfDatasetJSON(t *testing.T) {
	good := string(writeJSON(t, allKinds(t), JSON))
	for text, want := range map[string]float64{"0": 0, "0.000": 0, "0e999": 0, "0.0E-999": 0, "-0": 0, "5e-324": 5e-324, "-4.9e-324": -5e-324, "1e-308": 1e-308} {
		read, err := readJSON([]byte(strings.Replace(good, `"one",0.1`, `"one",`+text, 1)))
		require.NoError(t, err, text)
		found := false
		for _, v := range read.rows[0] {
			x, ok := v.Float()
			found = found || ok && x == want
		}
		require.True(t, found, text)
	}
}

func gzipped(t *testing.T, data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(data)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// endless yields one part and then the same filling for ever.
type endless struct {
	head io.Reader
	fill byte
}

func (e *endless) Read(p []byte) (int, error) {
	if n, err := e.head.Read(p); n > 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	for i := range p {
		p[i] = e.fill
	}
	return len(p), nil
}

// heapGrowth runs do and returns by how much the memory in use grew.
func heapGrowth(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	if after.HeapSys < before.HeapSys {
		return 0
	}
	return after.HeapSys - before.HeapSys
}

func TestHostileFilesEndInBoundedMemory(t *testing.T) {
	head := `{"datasetJSONCreationDateTime":"2026-03-01T08:00:00Z","datasetJSONVersion":"1.1.0","itemGroupOID":"IG.X","records":1,"name":"X","label":"","columns":[{"itemOID":"A","name":"A","label":"","dataType":"string"}]`
	var bomb bytes.Buffer
	z := zlib.NewWriter(&bomb)
	_, err := io.CopyN(z, &endless{strings.NewReader(head + `,"rows":[["`), 'x'}, 100<<20)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	for name, in := range map[string]io.Reader{
		"a text without end":   &endless{strings.NewReader(head + `,"rows":[["`), 'x'},
		"a member without end": &endless{strings.NewReader(`{"label":"`), 'x'},
		"arrays in arrays":     &endless{strings.NewReader(head + `,"x":`), '['},
		"a bomb":               &bomb,
		"columns without end":  &repeated{head: head[:strings.Index(head, `"columns"`)] + `"columns":[{}`, part: ",{}"},
		"members without end":  &repeated{head: "{", part: `"m%d":1,`},
		"members behind":       &repeated{head: head + `,"rows":[["x"]]`, part: `,"m%d":1`},
		"blanks without end":   &repeated{head: head + `,"rows":[`, part: "  "},
	} {
		grown := heapGrowth(func() {
			r, err := NewJSONReader(in)
			if err == nil {
				_, err = readAll(r)
			}
			if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrFormat) {
				t.Errorf("%s: %v", name, err)
			}
		})
		require.Less(t, grown, uint64(512<<20), name)
	}
}

// repeated yields a text and then one part after another for ever, with the number of each.
type repeated struct {
	head, part string
	n          int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.head == "" && strings.Contains(r.part, "%d") {
		r.head = fmt.Sprintf(r.part, r.n)
		r.n++
	} else if r.head == "" {
		r.head = strings.Repeat(r.part, 1<<15)
	}
	n := copy(p, r.head)
	r.head = r.head[n:]
	return n, nil
}

// TestSortingRowsThatAreTooLargeEnds sorts rows so large that a merge could not hold one of each run.
func TestSortingRowsThatAreTooLargeEnds(t *testing.T) {
	src := memory{dataset: Dataset{Name: "X", Variables: []Variable{{Name: "A", Type: Character}}}}
	text := strings.Repeat("x", 3*sortBytes)
	for range 12 {
		src.rows = append(src.rows, Row{Text(text)})
	}
	dir := t.TempDir()
	_, err := newSorted(t.Context(), src, dir, []int{0}, nil, sortBytes)
	require.ErrorIs(t, err, ErrTooLarge)
	require.Empty(t, listing(t, dir))
}

func TestHostileXPTPromisesMuch(t *testing.T) {
	good := writeXPT(t, allKinds(t), XPT5)
	million := bytes.Clone(good)
	copy(million[7*xptRecord+48:], "0000999999")
	_, err := readXPT(million)
	require.ErrorIs(t, err, ErrFormat)

	// 20,000 texts of 32,767 bytes: an observation that no row needs.
	wide := bytes.Clone(good[:8*xptRecord])
	copy(wide[7*xptRecord+48:], "0000020000")
	position := 0
	for i := range 20000 {
		entry := bytes.Repeat([]byte(" "), xptNamestr)
		copy(entry, appendShorts(nil, 2, 0, 32767, i+1))
		copy(entry[8:], "A")
		binary.BigEndian.PutUint32(entry[84:], uint32(position))
		wide = append(wide, entry...)
		position += 32767
	}
	_, err = readXPT(wide)
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestCancelledReadsEnd(t *testing.T) {
	const rows, cancelled = 15000, 6000
	xpt, err := NewXPTReader(bytes.NewReader(writeXPT(t, randomTable(1, rows, true), XPT5)))
	require.NoError(t, err)
	lines, err := NewJSONReader(bytes.NewReader(writeJSON(t, randomTable(1, rows, false), NDJSON)))
	require.NoError(t, err)
	inOrder, err := newSorted(t.Context(), randomTable(1, rows, false), t.TempDir(), []int{0}, nil, sortBytes)
	require.NoError(t, err)
	defer inOrder.Close()
	for name, r := range map[string]rowReader{"XPORT": xpt, "Dataset-JSON": lines, "sorted": inOrder} {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		var last error
		for _, err := range r.Rows(ctx) {
			if last = err; err != nil {
				break
			}
			if n++; n == cancelled {
				cancel()
			}
		}
		cancel()
		require.ErrorIs(t, last, context.Canceled, name)
		require.GreaterOrEqual(t, n, cancelled, name)
		require.Less(t, n, rows, name)
	}
}

func FuzzXPTReader(f *testing.F) {
	f.Add(writeXPT(f, longNames(), XPT8))
	f.Add(writeXPT(f, randomTable(2, 3, true), XPT5))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readXPT(data)
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("unexpected kind of error: %v", err)
			}
			return
		}
		// What reads is written and reads the same, unless the format refuses it.
		checkRewrite(t, m)
	})
}

func FuzzJSONReader(f *testing.F) {
	for _, format := range []Format{JSON, NDJSON, DSJC} {
		f.Add(writeJSON(f, randomTable(2, 3, false), format))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readJSON(data)
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("unexpected kind of error: %v", err)
			}
			return
		}
		checkRewrite(t, m)
	})
}

// checkRewrite writes a table in every format that takes it and compares what comes back.
func checkRewrite(t *testing.T, m memory) {
	s := surveyed(t, m)
	for _, format := range []Format{XPT5, XPT8, NDJSON} {
		if len(s.Problems(format)) > 0 {
			continue
		}
		var b bytes.Buffer
		if format.isXPT() {
			err := WriteXPT(context.Background(), &b, m, s, XPTOptions{Format: format, Created: made})
			if err != nil && strings.Contains(err.Error(), "header-text") {
				continue
			}
			require.NoError(t, err)
			back, err := readXPT(b.Bytes())
			require.NoError(t, err)
			require.Len(t, back.rows, len(m.rows))
			for i := range m.rows {
				require.Equal(t, asXPT(m.dataset, m.rows[i]), back.rows[i])
			}
			continue
		}
		require.NoError(t, WriteDatasetJSON(context.Background(), &b, m, s, JSONOptions{Format: format, Created: made}))
		back, err := readJSON(b.Bytes())
		require.NoError(t, err)
		require.Len(t, back.rows, len(m.rows))
	}
}
