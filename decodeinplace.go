package imednet

import (
	"bytes"
	"reflect"

	"github.com/imednetgo/imednet/internal/inplace"
	"github.com/imednetgo/imednet/internal/jsonscan"
)

func init() { inplace.Read = readInPlace }

func readInPlace(list *jsonscan.Array, row any) inplace.Row {
	m := row.(model)
	work := newWorkspace(m)
	defer work.release()
	members := list.Object()
	problem := work.readMembers(&members, m.row(), modelShapes[reflect.TypeOf(row).Elem()])
	_, present := m.ownID()
	if problem != nil || !present || members.Invalid() {
		reflect.ValueOf(row).Elem().SetZero()
		return inplace.Row{}
	}
	raw := list.Behind(&members)
	m.row().Raw = bytes.Clone(raw)
	if record, ok := m.(*Record); ok && record.RecordData.raw != nil {
		end := work.answersEnd - (members.Offset() - len(raw)) // in the row
		record.RecordData.raw = record.Raw[end-len(record.RecordData.raw) : end : end]
	}
	return inplace.Row{Raw: raw, Misfit: work.misfit}
}
