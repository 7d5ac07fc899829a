package imednet

import (
	"bytes"
	"reflect"

	"github.com/imednetgo/imednet/internal/inplace"
	"github.com/imednetgo/imednet/internal/jsonscan"
)

func init() {
	inplace.Read = readInPlace
	inplace.NewReader = newReader
}

func readInPlace(list *jsonscan.Array, row any) inplace.Row {
	shape := modelShapes[reflect.TypeOf(row).Elem()]
	work := shape.spaces.Get().(*workspace)
	defer shape.spaces.Put(work)
	defer work.letGo()
	members := list.Object()
	problem := work.readMembers(&members)
	_, present := work.row.ownID()
	if problem != nil || !present || members.Invalid() {
		return inplace.Row{}
	}
	raw := list.Behind(&members)
	work.row.row().Raw = bytes.Clone(raw)
	if record, ok := work.row.(*Record); ok && record.RecordData.raw != nil {
		end := work.answersEnd - (members.Offset() - len(raw)) // in the row
		record.RecordData.raw = record.Raw[end-len(record.RecordData.raw) : end : end]
	}
	reflect.ValueOf(row).Elem().Set(reflect.ValueOf(work.row).Elem())
	return inplace.Row{Raw: raw, Misfit: work.misfit}
}

func newReader(row any) func(raw []byte) error {
	m := row.(model)
	work := newWorkspace(m, modelShapes[reflect.TypeOf(row).Elem()])
	return func(raw []byte) error {
		work.letGo()
		if problem := work.decode(raw); problem != nil {
			work.empty()
			return problem
		}
		return nil
	}
}
