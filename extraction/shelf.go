package extraction

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
)

// shelf keeps a listing by subject until its end, for only then a subject is complete. It holds records as
// compressed JSON, about a tenth of what they take otherwise. Nothing is put on disk.
type shelf struct {
	parcels map[int64]*parcel
	z       *flate.Writer
}

// parcel is the records of one subject: of each its fields and then its answers, as they arrived, both after
// their length.
type parcel struct {
	packed [][]byte // compressed
	loose  []byte   // those that came last
}

// parcelSize is how many bytes of a subject are compressed at once: enough that names of variables are
// found again, and little for each of the subjects that are on the shelf together.
const parcelSize = 16 << 10

func newShelf() (*shelf, error) {
	z, err := flate.NewWriter(nil, flate.BestSpeed)
	return &shelf{parcels: map[int64]*parcel{}, z: z}, err
}

// subjects returns the ids of the subjects on the shelf in ascending order.
func (s *shelf) subjects() []int64 { return slices.Sorted(maps.Keys(s.parcels)) }

// put keeps a record as it is in its fields, whatever it was when it arrived.
func (s *shelf) put(subject int64, record imednet.Record) error {
	data := record.RecordData
	record.Row, record.RecordData = imednet.Row{}, imednet.RecordData{}
	fields, err := imednet.Encode(record)
	if err != nil {
		return err
	}
	p := s.parcels[subject]
	if p == nil {
		p = &parcel{}
		s.parcels[subject] = p
	}
	for _, text := range [][]byte{fields, data.Raw()} {
		p.loose = append(binary.AppendUvarint(p.loose, uint64(len(text))), text...)
	}
	if len(p.loose) < parcelSize {
		return nil
	}
	packed, err := s.pack(p.loose)
	p.packed, p.loose = append(p.packed, packed), p.loose[:0]
	return err
}

func (s *shelf) pack(text []byte) ([]byte, error) {
	var packed bytes.Buffer
	s.z.Reset(&packed)
	_, err := s.z.Write(text)
	err = errors.Join(err, s.z.Close())
	return bytes.Clone(packed.Bytes()), err
}

// take yields the records of a subject in the order in which they were put, and lets go of them.
func (s *shelf) take(subject int64) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		p := s.parcels[subject]
		delete(s.parcels, subject)
		for _, packed := range p.packed {
			text, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
			if err != nil {
				yield(imednet.Record{}, err)
				return
			}
			if !unpack(text, yield) {
				return
			}
		}
		unpack(p.loose, yield)
	}
}

// unpack yields the records of a text; false means that nothing more is wanted, or an error.
func unpack(text []byte, yield func(imednet.Record, error) bool) bool {
	for len(text) > 0 {
		var fields, data []byte
		fields, text = cutText(text)
		data, text = cutText(text)
		record, err := imednet.Decode[imednet.Record](fields)
		if err == nil && len(data) > 0 {
			record.RecordData, err = imednet.NewRecordData(data)
		}
		if !yield(record, err) || err != nil {
			return false
		}
	}
	return true
}

// cutText cuts off what stands after its length.
func cutText(text []byte) (first, rest []byte) {
	size, n := binary.Uvarint(text)
	end := n + int(size)
	return text[n:end], text[end:]
}
